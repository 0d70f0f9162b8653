"""The fault tests stand on the fixtures of the processors' tests."""

from tests.processors.conftest import pipeline, start, topics, verify

__all__ = ["pipeline", "start", "topics", "verify"]
