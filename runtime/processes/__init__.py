"""Processes that this one starts: they have a log and never outlive it."""

from runtime.processes.children import Child, wait_for_service

__all__ = ["Child", "wait_for_service"]
