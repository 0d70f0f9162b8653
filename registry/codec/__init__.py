"""Codecs: the contract compiles itself.

    codec = compile_decoder(writer=text, reader=newest, fields=("order_id", "items"))
    event = codec.function(body, 0)

A decoder is generated from what wrote, what reads and what is asked for, an encoder
from what is written with: plain Python, compiled once and kept, which people read in
`source` or with `contracts codec`. Values, bytes and verdicts are fastavro's. Unions of
several types are written by fastavro itself, since which branch a value belongs to is
its judgement, and the rarer logical types are converted by it. These differences are
intended:

* Bytes that no writer of the schema writes are refused: more bits than an int or long
  has, more digits than a decimal's precision (fastavro rounds), negative lengths and
  indexes, a bool of 2, a time that no day has, more than 65,536 array items without a
  byte of their own, values nested deeper than Python's stack, bytes behind the end,
  and text that is not UTF-8 even where nobody reads it.
* A writer's type of another kind is refused even if its name is the reader's.
* Defaults are values: a decimal, and in a record the defaults of its own fields.
* A logical type that is not valid counts as none, as Avro says.
* Events are held to their types: no bool for an int, no text or Decimal for a double,
  no bytes for a decimal, no naive datetime for an instant, no float too large for its
  type. A missing field with a default is that default, whatever its type.
* -0.00 in a fixed is 0, where fastavro 1.13 writes -0.02.
"""

from registry.codec.compiled import compile_decoder, compile_encoder, find_copyable
from registry.codec.generated import Generated
from registry.codec.logical import Numbers

__all__ = [
    "Generated",
    "Numbers",
    "compile_decoder",
    "compile_encoder",
    "find_copyable",
]
