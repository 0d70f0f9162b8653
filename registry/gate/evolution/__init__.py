"""Propose the next version of a subject from a change, checked before it is written."""
