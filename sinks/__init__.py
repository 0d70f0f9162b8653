"""Services through which events leave the pipeline: e-mail and figures.

Nothing here writes to a topic of the pipeline; a sink keeps its own database.
"""
