"""Services that turn records of one topic into records of another, exactly once.

A service here is a pure function and the few lines that put it on `runtime`.
"""
