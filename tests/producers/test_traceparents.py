"""Where the trace of an order begins."""

import os
import re

import pytest

from producers.order_service.publishing import draw_traceparents, new_traceparent

TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01")


def test_traceparent_is_fresh_and_valid() -> None:
    """W3C trace context: version 00, trace id, parent id, sampled."""
    first, second = new_traceparent(), new_traceparent()

    assert TRACEPARENT.fullmatch(first)
    assert first != second


def test_traceparents_do_not_repeat() -> None:
    """However many are asked for, each is valid and another one."""
    contexts = [new_traceparent() for _ in range(1000)]

    assert len(set(contexts)) == 1000
    assert all(map(TRACEPARENT.fullmatch, contexts))


def test_no_id_of_a_trace_is_all_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    """W3C calls such an id invalid: what was drawn with it is drawn again."""
    drawn = [bytes(24 * 256), b"\x01" * 24 * 256]
    monkeypatch.setattr(os, "urandom", lambda _size: drawn.pop(0))

    assert next(draw_traceparents()) == f"00-{'01' * 16}-{'01' * 8}-01"
