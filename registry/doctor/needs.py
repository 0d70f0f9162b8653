"""A need, and what comes of looking at it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from registry.errors import PipelineError


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Something that this machine may lack.

    Attributes:
        name: A word or two, at most 16 characters.
        look: Returns what is there; raises PipelineError, with a hint, for what is not.
        serves: What alone goes without it; "" if nothing goes without it.
    """

    name: str
    look: Callable[[], str]
    serves: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """How it stands with a need.

    Attributes:
        serves: As of the need.
        is_met: True if it is there.
        said: What is there, or what is wrong; one sentence.
        remedy: What to do about it; "" if it is there.
    """

    name: str
    serves: str
    is_met: bool
    said: str
    remedy: str = ""


def examine(needs: Iterable[Need]) -> list[Condition]:
    """Look at every need, in order; a look that fails stops none of the others."""
    return [_examine(each) for each in needs]


def is_fit(conditions: Iterable[Condition]) -> bool:
    """Return True unless something is missing that is needed."""
    return all(each.is_met or each.serves for each in conditions)


def _examine(need: Need) -> Condition:
    try:
        found = need.look()
    except PipelineError as exc:
        return Condition(
            name=need.name,
            serves=need.serves,
            is_met=False,
            said=str(exc),
            remedy=exc.hint,
        )
    return Condition(name=need.name, serves=need.serves, is_met=True, said=found)
