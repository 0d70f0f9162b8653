"""transaction-service beside its peers, on a real broker, every output checked.

`python -m bench loop` takes about 20 minutes; FULL=1 adds the long rows, QUICK=1 tries
everything once on few orders. Results go to .cache/bench; `python -m bench.publish`
makes docs/performance.md of them.
"""

from bench.loop.program import main

__all__ = ["main"]
