"""Services that turn records of one topic into records of another, exactly once.

A service here is a pure function and the few lines that put it on `runtime`. Nothing
here opens a connection or keeps anything; nothing here imports a producer or a sink.
"""
