"""From a console script to its program; Ctrl-C on the way ends it without a word.

Loading a program takes up to a second, in which Python would answer Ctrl-C with a
traceback of whatever it was importing. What is loaded first is therefore this alone.
"""

import os
import signal
from importlib import import_module


def start(module: str) -> None:
    """Load the module and run its `main`.

    Until the module is there, SIGINT ends the process as it ends any that knows nothing
    of it: at once, and a shell sees 130. From then on it is `main`'s own business; what
    `main` leaves of it ends the process in the same way. A SIGINT that is ignored, as
    in what a shell starts in the background, stays ignored.
    """
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        import_module(module).main()
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    main = import_module(module).main
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        main()
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
