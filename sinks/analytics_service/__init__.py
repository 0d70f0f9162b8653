"""analytics-service: how many orders, how much revenue.

Reads:    `order-processed`
Writes:   a database: figures, offsets, dead letters
Promise:  each record counts once; figures and offsets commit in one transaction of
          the database, so that neither a killed process nor a lost connection counts
          an order twice or not at all
"""

from sinks.analytics_service.command import main

__all__ = ["main"]
