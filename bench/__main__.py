"""Run the benchmarks that the arguments name, or all of them."""

import sys
from importlib import import_module
from pkgutil import iter_modules

import bench


def run(names: list[str]) -> None:
    """Run each benchmark; modules without a `main` are helpers of others."""
    known = [
        each.name for each in iter_modules(bench.__path__) if each.name != "__main__"
    ]
    unknown = sorted(set(names) - set(known))
    if unknown:
        sys.exit(f"no benchmark {unknown[0]!r}; there are: {', '.join(known)}")
    for name in names or known:
        benchmark = getattr(import_module(f"bench.{name}"), "main", None)
        if benchmark is not None:
            benchmark()


if __name__ == "__main__":
    run(sys.argv[1:])
