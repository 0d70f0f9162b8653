"""Codecs: the contract compiles itself.

    codec = compile_decoder(writer=text, reader=newest, fields=("order_id", "items"))
    event = codec.function(body, 0)

A decoder is generated from what wrote, what reads and what is asked for, an encoder
from what is written with: plain Python, compiled once and kept, which people read in
`source` or with `contracts codec`. Values are fastavro's. Where fastavro takes bytes
that no writer of the schema writes, a codec refuses them: a number of more bits than
its type, a negative index, more digits than a decimal's precision, a bool of 2.
"""

from registry.codec.compiled import compile_decoder, compile_encoder
from registry.codec.generated import Generated
from registry.codec.logical import Numbers

__all__ = ["Generated", "Numbers", "compile_decoder", "compile_encoder"]
