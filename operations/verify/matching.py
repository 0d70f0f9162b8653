"""Which output belongs to which input.

Outputs carry no number of their input. They are matched within an order id, by what
must be the same: the trace id, which is forwarded, and the content. The surest pairs
are made first, so that an output is never taken from the input that it fits.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from operations.verify.outcomes import Input, Output, trace_of


class Pair(NamedTuple):
    """An input and its output."""

    source: Input
    output: Output


class Matches(NamedTuple):
    """Every input and every output of one order id, each exactly once.

    Attributes:
        pairs: Outputs with their inputs, right or wrong.
        unanswered: Inputs without an output.
        surplus: Outputs without an input.
    """

    pairs: list[Pair]
    unanswered: list[Input]
    surplus: list[Output]


def match_order(sources: Sequence[Input], outputs: Sequence[Output]) -> Matches:
    """Match the inputs and outputs of one order id.

    An output whose trace is that of an input which has its output already is surplus:
    it is never taken for the answer to another input.
    """
    known_traces = {trace_of(each.record) for each in sources} - {b""}
    unanswered, surplus = list(sources), list(outputs)
    pairs: list[Pair] = []

    def is_stray(output: Output) -> bool:
        return trace_of(output.record) not in known_traces

    for fits in (
        lambda i, o: _is_same(i, o) and _is_traced(i, o),
        _is_traced,
        lambda i, o: is_stray(o) and _is_same(i, o),
        lambda _, o: is_stray(o),
    ):
        _take(pairs, unanswered, surplus, fits)
    return Matches(pairs, unanswered, surplus)


def _take(
    pairs: list[Pair],
    unanswered: list[Input],
    surplus: list[Output],
    fits: Callable[[Input, Output], bool],
) -> None:
    """Move pairs that fit to `pairs`, in the order of both sides."""
    for output in list(surplus):
        source = next((each for each in unanswered if fits(each, output)), None)
        if source is not None:
            pairs.append(Pair(source, output))
            unanswered.remove(source)
            surplus.remove(output)


def _is_same(source: Input, output: Output) -> bool:
    return output.priced == source.due


def _is_traced(source: Input, output: Output) -> bool:
    return trace_of(source.record) == trace_of(output.record)
