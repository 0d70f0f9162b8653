"""How the registry client reaches its server; where httpx's errors become ours."""

import json as json_values
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from registry.errors import ConfigError, RegistryRefused, RegistryUnavailable

_PAUSES_S = (0.2, 0.8)
_PASSING_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
NO_SUCH_ENDPOINT = frozenset({404, 405})
_LONGEST_ANSWER_BYTES = 256 * 1024 * 1024
_DENIED_STATUSES = frozenset({401, 403, 407})
_WORDS = ("message", "reason", "detail")
"""Where registries say why; Karapace's guards have their own key."""
_ACCEPT = "application/vnd.schemaregistry.v1+json, application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Who asks: a user with a password, or a bearer token; never shown."""

    user: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """PEM files.

    Attributes:
        ca: Authorities to trust instead of the system's, or "".
        certificate: Our own certificate for mutual TLS, or "".
        key: Its private key; "" if it is in the certificate's file.
    """

    ca: str = ""
    certificate: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A registry's answer: its HTTP status and its JSON.

    Attributes:
        asked: Method and address of the request, without its query.
    """

    status: int
    body: object
    asked: str = ""

    @property
    def is_success(self) -> bool:
        """True for the statuses 200 to 299."""
        return 200 <= self.status < 300  # noqa: PLR2004 - the range of HTTP's successes

    @property
    def error_code(self) -> int:
        """The registry's own code of a refusal, else the status; 0 for a success."""
        if self.is_success:
            return 0
        code = self.body.get("error_code") if isinstance(self.body, dict) else None
        return code if isinstance(code, int) else self.status

    @property
    def message(self) -> str:
        """The registry's words about a refusal."""
        if isinstance(self.body, dict):
            told = (self.body.get(each) for each in _WORDS)
            return str(next(filter(None, told), self.body))
        return str(self.body)


class Transport:
    """One pool of connections to one registry.

    Args:
        url: Address; a user and password in it are used and never shown.
        credentials: User and password, or a bearer token.
        tls: Certificates for a private authority and for mutual TLS.
        timeout_s: Longest wait for one answer, in seconds; > 0.
        pause: Sleeps between attempts.

    Raises:
        ConfigError: The address or a certificate file cannot be used.
    """

    def __init__(
        self,
        url: str,
        *,
        credentials: Credentials | None = None,
        tls: TlsFiles | None = None,
        timeout_s: float = 10.0,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        given = _parse(url)
        address = given.copy_with(userinfo=b"", query=None)
        self.url = str(address).rstrip("/")
        self._pause = pause
        self._timeout_s = timeout_s
        try:
            self._http = httpx.Client(
                base_url=address,
                auth=_basic(credentials or _named_in(given)),
                headers=_headers(credentials),
                verify=_tls_context(tls),
                timeout=timeout_s,
            )
        except (ValueError, ImportError, httpx.InvalidURL) as exc:
            reason = f"the proxy settings of the environment cannot be used: {exc}"
            raise ConfigError(reason) from exc

    def close(self) -> None:
        """Close the connections; calling again is safe."""
        self._http.close()

    def read(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Send what changes nothing: three times at most, while it may help.

        Raises:
            RegistryUnavailable: Nobody answered, or not in JSON.
        """
        for pause_s in _PAUSES_S:
            try:
                answer = self.write(method, path, params=params, json=json)
            except RegistryUnavailable:
                self._pause(pause_s)
                continue
            if answer.status not in _PASSING_STATUSES:
                return answer
            self._pause(pause_s)
        return self.write(method, path, params=params, json=json)

    def write(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Send once.

        Raises:
            RegistryUnavailable: Nobody answered, or not in JSON.
        """
        try:
            with self._http.stream(method, path, params=params, json=json) as response:
                content = self._read_whole(response)
        except httpx.TimeoutException as exc:
            raise RegistryUnavailable(self.url, "no answer in time") from exc
        except (httpx.HTTPError, httpx.InvalidURL) as exc:
            reason = str(exc) or type(exc).__name__
            raise RegistryUnavailable(self.url, reason) from exc
        return Answer(
            status=response.status_code,
            body=self._interpret(response, content),
            asked=f"{method} {self.url}{path}",
        )

    def _read_whole(self, response: httpx.Response) -> bytes:
        """Return the body; httpx's own limit starts anew with every piece of it."""
        deadline = time.monotonic() + self._timeout_s
        content = bytearray()
        for piece in response.iter_bytes():
            content += piece
            if time.monotonic() > deadline:
                raise RegistryUnavailable(self.url, "no whole answer in time")
            if len(content) > _LONGEST_ANSWER_BYTES:
                raise RegistryUnavailable(self.url, "its answer does not end")
        return bytes(content)

    def _interpret(self, response: httpx.Response, content: bytes) -> object:
        try:
            return json_values.loads(content)
        except (ValueError, RecursionError):
            kind = response.headers.get("content-type", "no content type")
        if response.status_code in NO_SUCH_ENDPOINT and kind.startswith("text/plain"):
            return content.decode("utf-8", "replace")  # Karapace's own word for it
        is_cut = "json" in kind
        reason = "JSON that is cut off" if is_cut else f"{kind} instead of JSON"
        if response.status_code in _DENIED_STATUSES:
            raise RegistryRefused(
                status=response.status_code, error_code=0, reason=reason
            )
        raise RegistryUnavailable(self.url, f"status {response.status_code}, {reason}")


def _parse(url: str) -> httpx.URL:
    hint = "write it as http://host:port"
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL:
        reason = "the registry's address is not a URL"  # and may hold a password
        raise ConfigError(reason, hint=hint) from None
    if address.scheme not in {"http", "https"} or not address.host:
        reason = "the registry's address does not start with http:// or https://"
        raise ConfigError(reason, hint=hint)
    return address


def _headers(credentials: Credentials | None) -> dict[str, str]:
    headers = {"Accept": _ACCEPT}
    if credentials is not None and credentials.token:
        headers["Authorization"] = f"Bearer {credentials.token}"
    return headers


def _named_in(address: httpx.URL) -> Credentials:
    return Credentials(user=address.username, password=address.password)


def _basic(credentials: Credentials | None) -> httpx.BasicAuth | None:
    if credentials is None or not credentials.user:
        return None
    return httpx.BasicAuth(credentials.user, credentials.password)


def _tls_context(tls: TlsFiles | None) -> ssl.SSLContext | bool:
    if tls is None or not (tls.ca or tls.certificate):
        return True
    try:
        context = ssl.create_default_context(cafile=tls.ca or None)
        if tls.certificate:
            # Without a password an encrypted key would be asked for at the terminal.
            context.load_cert_chain(tls.certificate, tls.key or None, password="")
    except (OSError, ssl.SSLError) as exc:
        reason = f"a certificate file for the registry cannot be used: {exc}"
        raise ConfigError(reason) from exc
    return context
