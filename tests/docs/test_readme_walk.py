"""The five minutes of README.md, run as they stand."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.readme import (
    README,
    Shell,
    find_blocks,
    play_block,
    running_pipeline,
)
from tests.operations.conftest import kafka_works

__all__ = ["kafka_works"]

PROXIES = ("http_proxy", "https_proxy")
BLOCKS = find_blocks(README.read_text(encoding="utf-8"))


@pytest.fixture
def shell(kafka_works: None, tmp_path: Path) -> Iterator[Shell]:
    """Give a shell in a copy of the contracts, beside a pipeline on real Kafka."""
    del kafka_works
    # No way out, and a proxy that knows nothing of 127.0.0.1.
    opened = Shell(tmp_path, dict.fromkeys(PROXIES, "http://127.0.0.1:1"))
    with running_pipeline(opened):
        yield opened


def test_contract_is_changed_in_five_minutes(shell: Shell) -> None:
    """Refused, mended, accepted, registered, and both versions on the wire."""
    played = [play_block(each, shell) for each in BLOCKS]

    assert played == BLOCKS
    assert "refused: 1 error" in played[1]
    assert "accepted: no findings" in played[2]
    assert "version 2                3\n" in played[3]
    assert "version 3                3\n" in played[3]
