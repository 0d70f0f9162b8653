"""The verifier: was every order priced exactly once, in order, and rightly?

It stands outside: it decodes with confluent-kafka's own `AvroDeserializer`, has an
arithmetic of its own and shares no code with the services that it judges. From every
input record it works out what must have become of it, and finds that among the outputs
and the dead letters.
"""

from operations.verify.decoding import Decoder, StockDecoder, Unreadable
from operations.verify.evidence import (
    Evidence,
    TopicNames,
    read_evidence,
    read_from,
    read_to_end,
)
from operations.verify.judging import Judge, judge
from operations.verify.pricing import Law
from operations.verify.source_file import check_presence, read_orders
from operations.verify.verdict import Verdict

__all__ = [
    "Decoder",
    "Evidence",
    "Judge",
    "Law",
    "StockDecoder",
    "TopicNames",
    "Unreadable",
    "Verdict",
    "check_presence",
    "judge",
    "read_evidence",
    "read_from",
    "read_orders",
    "read_to_end",
]
