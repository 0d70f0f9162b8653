#!/bin/sh
# The compatibility engine and the loop: every branch has its test, without a Kafka, and
# without the examples that hypothesis happens to draw.
set -eu
cd "$(dirname "$0")/.."
exec .venv/bin/pytest -m "not hypothesis" tests/compatibility \
  tests/runtime/test_intake_events.py tests/runtime/test_intake_waiting.py \
  tests/runtime/test_loop.py \
  tests/runtime/test_loop_reports.py tests/runtime/test_isolation.py \
  tests/runtime/test_positions.py \
  tests/runtime/test_transaction_calls.py tests/runtime/test_transactions.py \
  --cov=registry.compatibility --cov=runtime.intake --cov=runtime.loop \
  --cov=runtime.positions --cov=runtime.transactions \
  --cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=100 "$@"
