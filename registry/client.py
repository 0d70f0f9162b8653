"""Plain HTTP to any Confluent-compatible schema registry.

For the gate and the command line, which need the registry's own words; serdes use
confluent-kafka's client. Every foreign error becomes one of `registry.errors` here and
nowhere else, and no address in an error carries a password.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, unquote

from registry.answers import (
    SUBJECT_CODES,
    accept,
    is_missing_endpoint,
    read_id,
    read_level,
    read_list,
    read_mode,
    read_numbers,
    read_object,
    read_refusals,
    read_version,
)
from registry.errors import SchemaNotFound, SubjectNotFound
from registry.names import CompatibilityLevel, SchemaId, Subject, Version
from registry.registered import Reference, RegisteredSchema
from registry.transport import Answer, Credentials, TlsFiles, Transport

__all__ = ["Credentials", "Reference", "RegisteredSchema", "RegistryClient", "TlsFiles"]

_PAGE_COUNT = 1000
_UNSET_CODES = SUBJECT_CODES | {40408, 40409}
"""The subject has no setting of its own, or is none that the registry knows."""


class RegistryClient:
    """A connection to one registry; a context manager that closes its pool.

    Reads are tried three times, with a pause between; writes once. Every method
    raises RegistryUnavailable if no registry answers and RegistryRefused if it
    answers with an error that has no name of its own.

    Args:
        url: "http(s)://host:port[/path]"; a user and password in it are used, and
            left out of every message. A path such as /contexts/.name is kept,
            and the subjects of that context are called by their plain names.
        credentials: User and password, or a bearer token.
        tls: Certificates for servers of a private authority and for mutual TLS.
        timeout_s: Longest wait for one answer, in seconds; > 0.
        pause: Sleeps between attempts; tests shorten it.
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
        self._transport = Transport(
            url, credentials=credentials, tls=tls, timeout_s=timeout_s, pause=pause
        )
        self.url = self._transport.url
        self._qualifier = _qualifier(self.url)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection pool; calling again is safe."""
        self._transport.close()

    def get_subjects(self, *, with_deleted: bool = False) -> list[Subject]:
        """Return the names of all subjects, sorted, page by page."""
        found: dict[str, None] = {}
        for page in self._pages("/subjects", _deleted(with_deleted)):
            if not set(page) - found.keys():
                break
            found.update(dict.fromkeys(page))
        return sorted(Subject(name.removeprefix(self._qualifier)) for name in found)

    def get_versions(
        self, subject: str, *, with_deleted: bool = False
    ) -> list[Version]:
        """Return the version numbers, ascending, or raise SubjectNotFound."""
        path = f"/subjects/{quote(subject, safe='')}/versions"
        answer = self._get(path, params=_deleted(with_deleted), about=subject)
        return read_numbers(self.url, answer)

    def find_versions(
        self, subject: str, *, with_deleted: bool = False
    ) -> list[Version]:
        """Return the version numbers, ascending; empty if there is no such subject."""
        try:
            return self.get_versions(subject, with_deleted=with_deleted)
        except SubjectNotFound:
            return []

    def get_version(
        self, subject: str, version: int | str, *, with_deleted: bool = False
    ) -> RegisteredSchema:
        """Return that version ("latest" for the newest).

        Raises:
            SubjectNotFound: There is no such subject.
            VersionNotFound: The subject has no such version.
        """
        path = f"/subjects/{quote(subject, safe='')}/versions/{version}"
        answer = self._get(
            path,
            params=_deleted(with_deleted),
            about=subject,
            version=version,
        )
        return read_version(self.url, answer).without_qualifier(self._qualifier)

    def get_schema(self, schema_id: int) -> str:
        """Return the schema text of the id, or raise SchemaNotFound."""
        answer = self._transport.read("GET", f"/schemas/ids/{schema_id}")
        if answer.error_code in {404, 40403}:
            raise SchemaNotFound(schema_id)
        return str(read_object(self.url, accept(answer)).get("schema", ""))

    def find_registered(
        self, subject: str, text: str, *, references: Sequence[Reference] = ()
    ) -> RegisteredSchema | None:
        """Return the version that is this very schema, or None if there is none."""
        path = f"/subjects/{quote(subject, safe='')}"
        answer = self._transport.read("POST", path, json=_schema_body(text, references))
        if answer.error_code in {40401, 40403}:
            return None
        held = read_version(self.url, accept(answer, about=subject))
        return held.without_qualifier(self._qualifier)

    def register(
        self, subject: str, text: str, *, references: Sequence[Reference] = ()
    ) -> SchemaId:
        """Register the text and return its id; the same text gives the same id.

        Raises:
            IncompatibleSchema: The registry refuses it at the subject's level.
        """
        path = f"/subjects/{quote(subject, safe='')}/versions"
        answer = self._transport.write(
            "POST", path, json=_schema_body(text, references)
        )
        return read_id(self.url, accept(answer, about=subject))

    def import_version(
        self,
        version: RegisteredSchema,
    ) -> SchemaId:
        """Store a version under its own number and id, and return the id.

        Only a subject in mode IMPORT takes it; nothing is checked for compatibility.
        """
        path = f"/subjects/{quote(version.subject, safe='')}/versions"
        body = _schema_body(version.text, version.references)
        numbers = {"version": version.version, "id": version.schema_id}
        answer = self._transport.write("POST", path, json={**body, **numbers})
        return read_id(self.url, accept(answer, about=version.subject))

    def find_refusals(
        self, subject: str, text: str, *, references: Sequence[Reference] = ()
    ) -> list[str]:
        """Return the registry's own reasons against the text; empty if it accepts.

        Registries without the endpoint for all versions are asked one by one.
        """
        body = _schema_body(text, references)
        path = f"/compatibility/subjects/{quote(subject, safe='')}/versions"
        answer = self._transport.read(
            "POST", path, json=body, params={"verbose": "true"}
        )
        if is_missing_endpoint(answer):
            return self._refusals_one_by_one(subject, path, body)
        return read_refusals(self.url, accept(answer, about=subject))

    def get_level(self, subject: str | None = None) -> CompatibilityLevel:
        """Return the level in force for the subject, or the global one."""
        answer = self._read_in_force("config", subject)
        return read_level(self.url, accept(answer))

    def find_level(self, subject: str) -> CompatibilityLevel | None:
        """Return the level set on the subject itself, or None if none is."""
        answer = self._transport.read("GET", f"/config/{quote(subject, safe='')}")
        if answer.error_code in _UNSET_CODES:
            return None
        return read_level(self.url, accept(answer, about=subject))

    def set_level(self, subject: str | None, level: CompatibilityLevel) -> None:
        """Set the level of the subject, or the global one for None."""
        path = "/config" if subject is None else f"/config/{quote(subject, safe='')}"
        accept(self._transport.write("PUT", path, json={"compatibility": str(level)}))

    def get_mode(self, subject: str | None = None) -> str:
        """Return the mode in force: READWRITE, READONLY, IMPORT, ...

        A registry without modes takes every write.
        """
        answer = self._read_in_force("mode", subject)
        if is_missing_endpoint(answer):
            return "READWRITE"
        return read_mode(self.url, accept(answer))

    def _read_in_force(self, setting: str, subject: str | None) -> Answer:
        """Ask for the subject's setting or, where there is none, the global one.

        Confluent's answers with the global one itself; Karapace does so only for
        subjects that it has seen.
        """
        params = {"defaultToGlobal": "true"}
        if subject is not None:
            path = f"/{setting}/{quote(subject, safe='')}"
            answer = self._transport.read("GET", path, params=params)
            if answer.error_code not in _UNSET_CODES:
                return answer
        return self._transport.read("GET", f"/{setting}", params=params)

    def _pages(self, path: str, params: Mapping[str, str]) -> Iterator[list[str]]:
        offset = 0
        while True:
            window = {"offset": str(offset), "limit": str(_PAGE_COUNT)}
            page = read_list(self.url, self._get(path, params={**params, **window}))
            yield [str(name) for name in page]
            offset += len(page)

    def _refusals_one_by_one(
        self, subject: str, path: str, body: Mapping[str, Any]
    ) -> list[str]:
        level = self.get_level(subject)
        if level is CompatibilityLevel.NONE:
            return []
        versions = self.find_versions(subject)[::-1]
        for version in versions if level.is_transitive else versions[:1]:
            answer = self._transport.read(
                "POST", f"{path}/{version}", json=body, params={"verbose": "true"}
            )
            messages = read_refusals(self.url, accept(answer, about=subject))
            if messages:
                return messages
        return []

    def _get(
        self,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        about: str = "",
        version: int | str = "",
    ) -> object:
        answer = self._transport.read("GET", path, params=params)
        return accept(answer, about=about, version=version)


def _qualifier(url: str) -> str:
    """Return how a registry writes subjects of the address's own context, or ""."""
    match = re.search(r"/contexts/:?\.?([^/:]+):?$", url)
    return "" if match is None else f":.{unquote(match[1])}:"


def _deleted(with_deleted: bool) -> dict[str, str]:  # noqa: FBT001 - a value, not a switch
    return {"deleted": "true"} if with_deleted else {}


def _schema_body(text: str, references: Sequence[Reference]) -> dict[str, Any]:
    body: dict[str, Any] = {"schema": text}
    if references:
        body["references"] = [each.as_json() for each in references]
    return body
