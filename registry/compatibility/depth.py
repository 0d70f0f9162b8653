"""A clean error where types are nested deeper than the stack."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from registry.errors import SchemaTooDeep

_P = ParamSpec("_P")
_R = TypeVar("_R")


def refuse_deep_recursion(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Make the function raise SchemaTooDeep where it would exhaust the stack."""

    @wraps(function)
    def guarded(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return function(*args, **kwargs)
        except RecursionError as exc:
            raise SchemaTooDeep from exc

    return guarded
