"""Programs that price orders: each a process, none of them imports another.

Called with bootstrap servers, registry URL, input topic, output topic and group; they
run until SIGTERM.
"""
