"""Karapace as its source says that it answers; the real one needs a Kafka broker.

Made from reading three states of its source: on aiohttp before 2024, on aiohttp after,
and on FastAPI since 2025. Only what the registry client asks for, and only Avro.
"""

import json
from collections.abc import Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from registry.compatibility import (
    AvroSchema,
    canonical_text,
    find_incompatibilities,
    parse_schema,
)
from registry.errors import InvalidSchema
from registry.names import CompatibilityLevel, Version
from tests.contracts.registries.holdings import Generation, Held, Schema, Subject

_JSON = "application/vnd.schemaregistry.v1+json"


class _Refused(Exception):
    def __init__(self, status: int, code: int, message: object) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error_code": code, "message": message}


def make_karapace(generation: Generation) -> ASGIApp:
    """Return an empty registry."""
    return _Karapace(generation).app()


class _Karapace:
    def __init__(self, generation: Generation) -> None:
        self._generation = generation
        self._subjects: dict[str, Subject] = {}
        self._ids: dict[Schema, int] = {}
        self._level = "BACKWARD"

    def app(self) -> ASGIApp:
        """Return its routes; none of them gives a verdict on all versions."""
        one = "/subjects/{subject}/versions/{version}"
        routes = [
            Route("/subjects", self._list, methods=["GET"]),
            Route("/subjects/{subject}", self._look_up, methods=["POST"]),
            Route("/subjects/{subject}/versions", self._versions, methods=["GET"]),
            Route("/subjects/{subject}/versions", self._register, methods=["POST"]),
            Route(one, self._version, methods=["GET"]),
            Route(one, self._delete, methods=["DELETE"]),
            Route(f"/compatibility{one}", self._judge, methods=["POST"]),
            Route("/schemas/ids/{schema_id}", self._schema, methods=["GET"]),
            Route("/config", self._get_config, methods=["GET"]),
            Route("/config", self._put_config, methods=["PUT"]),
            Route("/config/{subject}", self._get_own_config, methods=["GET"]),
            Route("/config/{subject}", self._put_config, methods=["PUT"]),
        ]
        if self._generation.has_modes:
            routes += [
                Route("/mode", self._mode, methods=["GET"]),
                Route("/mode/{subject}", self._mode, methods=["GET"]),
            ]
        handlers: dict[Any, Any] = {HTTPException: self._unknown, _Refused: _refusal}
        return Starlette(routes=routes, exception_handlers=handlers)

    async def _unknown(self, _request: Request, exc: HTTPException) -> Response:
        if self._generation.is_fastapi:
            return JSONResponse(exc.detail, exc.status_code)
        return PlainTextResponse(f"{exc.status_code}: {exc.detail}", exc.status_code)

    async def _list(self, request: Request) -> Response:
        with_deleted = self._asks_for_deleted(request)
        return _answer(
            [name for name, it in self._subjects.items() if with_deleted or it.live()]
        )

    async def _versions(self, request: Request) -> Response:
        return _answer(list(self._get_versions(request)))

    async def _version(self, request: Request) -> Response:
        number, held = self._get_version(request)
        return _answer({**_numbers(request, number, held), **held.schema.as_json()})

    async def _delete(self, request: Request) -> Response:
        number, held = self._get_version(request)
        held.is_deleted = True
        return _answer(number)

    async def _schema(self, request: Request) -> Response:
        wanted = request.path_params["schema_id"]
        for schema, schema_id in self._ids.items():
            if str(schema_id) == wanted:
                return _answer(schema.as_json())
        raise _Refused(404, 40403, "Schema not found")

    async def _look_up(self, request: Request) -> Response:
        versions = self._get_versions(request)
        schema = await self._read_schema(request)
        wanted = canonical_text(self._parse(schema))
        for number in sorted(versions, reverse=True):
            held = versions[number]
            is_same = canonical_text(self._parse(held.schema)) == wanted
            if is_same and held.schema.references == schema.references:
                numbers = _numbers(request, number, held)
                return _answer({**numbers, "schema": held.schema.text})
        raise _Refused(404, 40403, "Schema not found")

    async def _register(self, request: Request) -> Response:
        schema = await self._read_schema(request)
        name = request.path_params["subject"]
        live = self._subjects.get(name, Subject()).live()
        for held in live.values():
            if held.schema == schema:
                return _answer({"id": held.schema_id})
        level = self._level_of(name)
        messages = self._find_reasons(schema, live, level)
        if messages:
            shown = ", ".join(messages)[:300]
            text = f"Incompatible schema, compatibility_mode={level}. "
            raise _Refused(409, 409, f"{text}Incompatibilities: {shown}")
        schema_id = self._ids.setdefault(schema, len(self._ids) + 1)
        versions = self._subjects.setdefault(name, Subject()).versions
        number = max(versions, default=0) + 1
        versions[number] = Held(schema_id=schema_id, schema=schema)
        return _answer({"id": schema_id})

    async def _judge(self, request: Request) -> Response:
        """Judge against one version; since FastAPI, transitively against all."""
        schema = await self._read_schema(request)
        name = request.path_params["subject"]
        try:
            number, held = self._get_version(request)
        except _Refused:
            shown = request.path_params["version"]
            raise _Refused(404, 40402, f"Version {shown} not found.") from None
        level = self._level_of(name)
        is_whole = self._generation.is_fastapi and level.is_transitive
        versions = self._subjects[name].live() if is_whole else {number: held}
        messages = self._find_reasons(schema, versions, level)
        told = (
            {"messages": messages} if messages and self._generation.is_fastapi else {}
        )
        return _answer({"is_compatible": not messages, **told})

    async def _get_config(self, _request: Request) -> Response:
        return _answer({"compatibilityLevel": self._level})

    async def _get_own_config(self, request: Request) -> Response:
        name = request.path_params["subject"]
        level = self._get_subject(name).level
        if level is None and request.query_params.get("defaultToGlobal") == "true":
            level = self._level
        if level is not None:
            return _answer({"compatibilityLevel": level})
        if not self._generation.has_modes:
            raise _no_subject(name)
        text = "does not have subject-level compatibility configured"
        raise _Refused(404, 40408, f"Subject '{name}' {text}")

    async def _put_config(self, request: Request) -> Response:
        level = (await request.json())["compatibility"]
        name = request.path_params.get("subject")
        if name is None:
            self._level = level
        else:
            self._subjects.setdefault(name, Subject()).level = level
        return _answer({"compatibility": level})

    async def _mode(self, request: Request) -> Response:
        if "subject" in request.path_params:
            self._get_subject(request.path_params["subject"])
        return _answer({"mode": "READWRITE"})

    async def _read_schema(self, request: Request) -> Schema:
        body: Mapping[str, Any] = await request.json()
        for name in body.keys() - self._generation.fields:
            error = [{"type": "extra_forbidden", "loc": ["body", name]}]
            told = (
                error if self._generation.is_fastapi else f"Unrecognized field: {name}"
            )
            raise _Refused(422, 422, told)
        schema = Schema(
            text=json.dumps(json.loads(body["schema"]), sort_keys=True),
            references=tuple(
                (each["name"], each["subject"], each["version"])
                for each in body.get("references") or ()
            ),
        )
        try:
            self._parse(schema)
        except InvalidSchema as exc:
            raise _Refused(422, 42201, f"Invalid AVRO schema. Error: {exc}") from exc
        return schema

    def _parse(self, schema: Schema) -> AvroSchema:
        return parse_schema(
            schema.text, references=self._texts_below(schema), is_new=False
        )

    def _texts_below(self, schema: Schema) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for _, subject, number in schema.references:
            target = self._subjects[subject].versions[number].schema
            found.update(dict.fromkeys((*self._texts_below(target), target.text)))
        return tuple(found)

    def _find_reasons(
        self, schema: Schema, history: Mapping[int, Held], level: CompatibilityLevel
    ) -> list[str]:
        newest_first = sorted(history.items(), reverse=True)
        parsed = [(Version(n), self._parse(each.schema)) for n, each in newest_first]
        return find_incompatibilities(self._parse(schema), parsed, level)

    def _level_of(self, name: str) -> CompatibilityLevel:
        own = self._subjects.get(name, Subject()).level
        return CompatibilityLevel(own or self._level)

    def _asks_for_deleted(self, request: Request) -> bool:
        asked = request.query_params.get("deleted") == "true"
        return asked and self._generation.shows_deleted

    def _get_subject(self, name: str) -> Subject:
        if name not in self._subjects:
            raise _no_subject(name)
        return self._subjects[name]

    def _get_versions(self, request: Request) -> dict[int, Held]:
        name = request.path_params["subject"]
        subject = self._get_subject(name)
        every = self._asks_for_deleted(request)
        versions = subject.versions if every else subject.live()
        if not versions:
            raise _no_subject(name)
        return versions

    def _get_version(self, request: Request) -> tuple[int, Held]:
        versions, asked = self._get_versions(request), request.path_params["version"]
        number = max(versions) if asked == "latest" else int(asked)
        if number not in versions:
            raise _Refused(404, 40402, f"Version {asked} not found.")
        return number, versions[number]


def _answer(body: object) -> Response:
    return JSONResponse(body, media_type=_JSON)


async def _refusal(_request: Request, exc: Exception) -> Response:
    refused = exc if isinstance(exc, _Refused) else _Refused(500, 500, "")
    return JSONResponse(refused.body, refused.status, media_type=_JSON)


def _no_subject(name: str) -> _Refused:
    return _Refused(404, 40401, f"Subject '{name}' not found.")


def _numbers(request: Request, number: int, held: Held) -> dict[str, Any]:
    subject = request.path_params["subject"]
    return {"subject": subject, "version": number, "id": held.schema_id}
