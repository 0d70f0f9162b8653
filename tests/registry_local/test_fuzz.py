"""No sequence of requests brings the registry to its knees or its ids into disorder."""

import json
from typing import Any
from urllib.parse import quote

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from registry.local import Options
from tests.registry_local.conftest import InProcess

_BREAKS_LIKE_THE_REFERENCE = 500
_SUBJECTS = st.sampled_from(["s", "t", "a%2Fb", ":.c:s", ":.c:", "%20", ":.__GLOBAL:x"])
_VERSIONS = st.sampled_from(["1", "2", "latest", "-1", "0", "x", "99999999999"])
_SCHEMAS = st.sampled_from(
    [
        '"int"',
        '["null","int"]',
        '{"type":"record","name":"R","fields":[]}',
        '{"type":"record","name":"R","fields":[{"name":"f","type":"int","default":1}]}',
        '{"type":"enum","name":"E","symbols":["A"]}',
        '{"type":"record","name":"R","fields":[{"name":"s","type":"S"}]}',
        "not json",
        "",
    ]
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
_BODIES = (
    st.builds(lambda schema: {"schema": schema}, _SCHEMAS)
    | st.fixed_dictionaries(
        {"schema": _SCHEMAS},
        optional={
            "id": st.integers(-2, 12) | _JSON,
            "version": st.integers(-2, 4) | _JSON,
            "references": st.just([{"name": "S", "subject": "s", "version": -1}])
            | _JSON,
            "metadata": st.just({"properties": {"confluent:version": "3"}}) | _JSON,
            "schemaType": st.sampled_from(["AVRO", "JSON", "PROTOBUF", "XML"]) | _JSON,
        },
    )
    | st.fixed_dictionaries(
        {},
        optional={
            "compatibility": st.sampled_from(["NONE", "full", "x"]) | _JSON,
            "alias": st.sampled_from(["s", "t"]) | _JSON,
            "mode": st.sampled_from(["IMPORT", "READONLY", "READWRITE"]) | _JSON,
            "defaultMetadata": _JSON,
        },
    )
    | _JSON
)
_QUERIES = st.lists(
    st.sampled_from(
        [
            "deleted=true",
            "permanent=true",
            "normalize=true",
            "verbose=true",
            "force=true",
            "format=resolved",
            "offset=-1",
            "limit=x",
            "subject=s",
            "deletedAsNegative=true",
            "defaultToGlobal=true",
            "latestOnly=true",
            "aliases=true",
            "findTags=*",
            "subjectPrefix=:*:s",
            "key=a&value=b",
        ]
    ),
    max_size=3,
).map("&".join)
_PATHS = st.one_of(
    st.builds("/subjects/{}/versions".format, _SUBJECTS),
    st.builds("/subjects/{}".format, _SUBJECTS),
    st.builds("/subjects/{}/versions/{}".format, _SUBJECTS, _VERSIONS),
    st.builds("/subjects/{}/versions/{}/tags".format, _SUBJECTS, _VERSIONS),
    st.builds("/subjects/{}/versions/{}/referencedby".format, _SUBJECTS, _VERSIONS),
    st.builds("/subjects/{}/metadata".format, _SUBJECTS),
    st.builds("/compatibility/subjects/{}/versions".format, _SUBJECTS),
    st.builds("/compatibility/subjects/{}/versions/{}".format, _SUBJECTS, _VERSIONS),
    st.builds("/config/{}".format, _SUBJECTS),
    st.builds("/mode/{}".format, _SUBJECTS),
    st.builds(
        "/schemas/ids/{}/{}".format, _VERSIONS, st.sampled_from(["", "versions"])
    ),
    st.builds("/schemas/guids/{}".format, _SUBJECTS),
    st.builds("/contexts/{}/{}".format, _SUBJECTS, st.sampled_from(["", "config"])),
    st.sampled_from(["/", "/subjects", "/schemas", "/contexts", "/config", "/mode"]),
    st.sampled_from(["/associations", "/associations/resources/-/t", "/x"]),
    st.binary(max_size=6).map(lambda it: "/" + quote(it, safe="/%;:?")),
)
_REQUESTS = st.tuples(
    st.sampled_from(["GET", "POST", "PUT", "DELETE"]), _PATHS, _QUERIES, _BODIES
)


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(requests=st.lists(_REQUESTS, min_size=1, max_size=25))
def test_any_requests_are_answered_in_the_agreed_form(
    requests: list[tuple[str, str, str, Any]],
) -> None:
    """Refusals carry their code; ids stay unique; what was listed can be read."""
    registry = InProcess(Options())
    try:
        problems = [problem for it in requests for problem in _ask(registry, *it)]
        listed = _list_all(registry)
    finally:
        registry.close()

    assert problems == []
    assert all(status == 200 for status in listed)


def _ask(
    registry: InProcess, method: str, path: str, query: str, body: object
) -> list[str]:
    target = f"{path}?{query}" if query else path
    answer = registry.ask(method, target, raw=json.dumps(body).encode())
    place = f"{method} {target} {body}: {answer.status_code} {answer.text}"
    if (
        answer.status_code < 400
        or answer.headers.get("content-type", "")[:9] == "text/html"
    ):
        return []
    content = answer.json()
    code_fits = str(content["error_code"])[:3] == str(answer.status_code)
    known_break = path.startswith("/mode") and method == "PUT"
    is_sound = answer.status_code < _BREAKS_LIKE_THE_REFERENCE or known_break
    return [] if code_fits and is_sound and content["message"] else [place]


def _list_all(registry: InProcess) -> list[int]:
    registry.ask("DELETE", "/config/s")
    listed = registry.ask("GET", "/schemas?subjectPrefix=:*:&deleted=true").json()
    paths = [
        f"/schemas/ids/{each['id']}?subject={each['subject'].replace('/', '%2F')}"
        for each in listed
    ]
    return [registry.ask("GET", path.replace(" ", "%20")).status_code for path in paths]
