"""notification-service: one e-mail an order.

Reads:    `order-processed`
Writes:   a Maildir or a mail server; a database: letters, offsets, dead letters
Promise:  every order is confirmed once; in a Maildir always, over SMTP except in the
          one moment between a letter and its answer, which `--on-in-doubt` decides on
"""

from sinks.notification_service.command import main

__all__ = ["main"]
