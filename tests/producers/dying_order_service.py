"""order-service with a death sentence: python dying_order_service.py STEP [flags].

As `tests/faults/dying_service.py`: the service knows nothing of it, and its process
kills itself around the third call of the producer's method that STEP names.
"""

import sys
from typing import Any
from unittest.mock import patch

from producers.order_service import connecting, main
from runtime import kafka
from tests.faults.dying_service import DyingProducer


def run() -> None:
    """Run the service with the flags that follow the step."""
    moment, method = sys.argv.pop(1).split(":")
    build = kafka.build_transactional_producer

    def build_dying(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as it is called
        return DyingProducer(build(*args, **kwargs), moment, method)

    with patch.object(connecting, build.__name__, build_dying):
        main()


if __name__ == "__main__":
    run()
