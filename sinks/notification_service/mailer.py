"""Where letters go: what every way of sending promises."""

from typing import Protocol

from sinks.notification_service.letter import Letter


class Mailer(Protocol):
    """A way of sending letters.

    Attributes:
        leaves_doubt: True if a letter that is sent twice may arrive twice.
    """

    leaves_doubt: bool

    def check(self) -> None:
        """Raise ConfigError if letters can never be sent from this machine."""
        ...

    def send(self, letter: Letter) -> None:
        """Send a letter that was never tried before; it has arrived on return.

        Raises:
            MailRefused: This letter will never be taken.
            MailUnavailable: It was not sent. Retryable.
            MailInDoubt: It may have been sent. Retryable.
        """
        ...

    def send_again(self, letter: Letter) -> None:
        """Send a letter that may have arrived already; else as `send`."""
        ...

    def settle(self) -> None:
        """Return once all that was sent outlasts a power failure.

        Raises:
            MailUnavailable: That is not certain. Retryable.
        """
        ...

    def close(self) -> None:
        """Let go of connections; safe to call again."""
        ...
