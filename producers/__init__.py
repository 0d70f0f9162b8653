"""Services that put events into the pipeline: a source and a topic each.

Nothing here reads a topic; nothing here imports a processor or a sink.
"""
