"""Inputs, outputs and dead letters as the verifier understands them."""

from dataclasses import dataclass

from operations.verify.decoding import Decoder, Unreadable
from operations.verify.pricing import Law, Order, Priced, price, to_order, to_priced
from runtime.records import Record

_REPLAYED = "accord.dlq.replayed"
_TRACE = "traceparent"
_TRACE_PARTS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """An input record and what must become of it.

    Attributes:
        order: What it says, or None if nobody can decode it.
        refusal: Why it must become a dead letter, or "": then it must be priced.
        excuse: Why it may become one nevertheless, or "".
    """

    record: Record
    order: Order | None
    refusal: str
    excuse: str

    @property
    def due(self) -> Priced:
        """What it must become; only for an input that can be priced."""
        if self.order is None:
            raise ValueError("an input that nobody can decode becomes nothing")
        return price(self.order)


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """An output record.

    Attributes:
        priced: What it says, or None if it cannot be decoded.
        fault: Why it cannot be decoded, or "".
    """

    record: Record
    priced: Priced | None
    fault: str

    @property
    def order_id(self) -> str:
        """The order that it belongs to: by its value, else by its key."""
        if self.priced is not None:
            return self.priced.order_id
        return (self.record.key or b"").decode(errors="replace")


def read_input(record: Record, decode: Decoder, law: Law) -> Input:
    """Work out what must become of an input record."""
    try:
        order = to_order(decode(record))
    except Unreadable as exc:
        return Input(record=record, order=None, refusal=str(exc), excuse="")
    except (KeyError, TypeError, ValueError, ArithmeticError) as exc:
        reason = f"it is not an order: {type(exc).__name__} {exc}"
        return Input(record=record, order=None, refusal=reason, excuse="")
    refusal = law.find_refusal(order)
    excuse = "" if refusal else law.find_excuse(order)
    return Input(record=record, order=order, refusal=refusal, excuse=excuse)


def read_output(record: Record, decode: Decoder) -> Output:
    """Read an output record."""
    try:
        return Output(record=record, priced=to_priced(decode(record)), fault="")
    except Unreadable as exc:
        return Output(record=record, priced=None, fault=str(exc))
    except (KeyError, TypeError, ValueError, ArithmeticError) as exc:
        fault = f"it is not a priced order: {type(exc).__name__} {exc}"
        return Output(record=record, priced=None, fault=fault)


def is_replayed(record: Record) -> bool:
    """True if the record was a dead letter before."""
    return bool(replayed_id(record))


def replayed_id(record: Record) -> bytes:
    """Return the id of the dead letter that this record was before, or b""."""
    return next(
        (value or b"" for name, value in record.headers if name == _REPLAYED), b""
    )


def id_of(letter: Record) -> bytes:
    """Return what a replay calls a dead letter: its partition and offset."""
    return f"{letter.partition}:{letter.offset}".encode()


def trace_of(record: Record) -> bytes:
    """Return the trace id that a record and what becomes of it share, or b""."""
    for name, value in record.headers:
        if name == _TRACE and value:
            parts = value.split(b"-")
            return parts[1] if len(parts) == _TRACE_PARTS else value
    return b""


def place_of(record: Record) -> str:
    """Return where a record lies, for people."""
    return f"{record.topic}[{record.partition}]@{record.offset}"
