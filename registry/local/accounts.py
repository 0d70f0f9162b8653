"""Who may speak to the registry: users and passwords of HTTP basic authentication.

One account a line, `user:password` or `user:scrypt$salt$hash` (both in hex). Such a
line is printed by `python -m registry.local.accounts USER`.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Self

import click

from registry.errors import ConfigError

_SCRYPT = "scrypt$"
_SALT_BYTES = 16
_MOST_REMEMBERED = 10_000


class Accounts:
    """Checks the header that carries a user's name and password.

    A comparison takes the same time whatever is wrong, and a hash is computed once
    per correct header: what was let in is remembered, by a keyed digest.
    """

    def __init__(self, passwords: Mapping[str, str]) -> None:
        self._passwords = dict(passwords)
        hashed = any(each.startswith(_SCRYPT) for each in passwords.values())
        anything = secrets.token_hex()
        self._nobodys = hash_password(anything) if hashed else anything
        self._key = secrets.token_bytes(32)
        self._let_in: dict[bytes, str] = {}

    @classmethod
    def parse(cls, text: str, *, source: str) -> Self:
        """Read accounts; blank lines and those that start with # count for nothing.

        Args:
            text: One account a line.
            source: Where it comes from, for messages. No line is ever quoted.

        Raises:
            ConfigError: A line is no account, a user comes twice, or there is none.
        """
        passwords: dict[str, str] = {}
        for number, line in enumerate(text.splitlines(), start=1):
            if not line.strip() or line.startswith("#"):
                continue
            user, colon, password = line.strip().partition(":")
            if not (user and colon and _is_password(password)):
                reason = f"line {number} of {source} is neither user:password "
                raise ConfigError(f"{reason}nor user:{_SCRYPT}<salt>$<hash>")
            if user in passwords:
                raise ConfigError(f"line {number} of {source} names {user} again")
            passwords[user] = password
        if not passwords:
            raise ConfigError(f"{source} has no account")
        return cls(passwords)

    def knows(self, authorization: str) -> str | None:
        """Return the user of a header that was let in before, at no cost."""
        return self._let_in.get(self._digest(authorization))

    def find_user(self, authorization: str) -> str | None:
        """Return the user whose name and password the header carries, if any."""
        user, password = _credentials(authorization)
        expected = self._passwords.get(user, self._nobodys)
        if not _matches(password, expected) or user not in self._passwords:
            return None
        if len(self._let_in) < _MOST_REMEMBERED:
            self._let_in[self._digest(authorization)] = user
        return user

    def _digest(self, authorization: str) -> bytes:
        raw = authorization.encode("utf-8", "replace")
        return hashlib.blake2b(raw, key=self._key).digest()


def hash_password(password: str) -> str:
    """Return what may stand in a file in the password's place."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return f"{_SCRYPT}{salt.hex()}${_scrypt(password, salt).hex()}"


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=1 << 14, r=8, p=1, dklen=32)


def _matches(password: str, expected: str) -> bool:
    if not expected.startswith(_SCRYPT):
        # Of digests, so that the time tells nothing about the length either.
        given, wanted = (
            hashlib.sha256(each.encode("utf-8", "replace")).digest()
            for each in (password, expected)
        )
        return hmac.compare_digest(given, wanted)
    salt, _, digest = expected.removeprefix(_SCRYPT).partition("$")
    return hmac.compare_digest(
        _scrypt(password, bytes.fromhex(salt)), bytes.fromhex(digest)
    )


def _is_password(text: str) -> bool:
    if not text.startswith(_SCRYPT):
        return bool(text)
    salt, _, digest = text.removeprefix(_SCRYPT).partition("$")
    try:
        return bool(bytes.fromhex(salt)) and bool(bytes.fromhex(digest))
    except ValueError:
        return False


def _credentials(authorization: str) -> tuple[str, str]:
    scheme, _, encoded = authorization.strip().partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        text = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, ValueError):
        return "", ""
    user, _, password = text.partition(":")
    return user, password


@click.command()
@click.argument("user")
@click.password_option(help="Asked for when it is not given.")
def main(user: str, password: str) -> None:
    """Print the line of an account, with its password hashed.

    \b
    Example:
        python -m registry.local.accounts alice >> accounts.txt
    """  # noqa: D301 - \b is click's mark, not a backslash
    click.echo(f"{user}:{hash_password(password)}")


if __name__ == "__main__":
    main()
