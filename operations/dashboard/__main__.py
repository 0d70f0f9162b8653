"""`python -m operations.dashboard`."""

from operations.dashboard.command import main

main()
