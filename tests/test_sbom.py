"""`make sbom`: what the image holds, as others' tools read it."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

ROOT = Path(__file__).parents[1]
LOCK = (ROOT / "deploy/image.lock").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def sbom(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give what the target writes; it finds everything installed already."""
    path = tmp_path_factory.mktemp("sbom") / "sbom.json"
    command = ["make", "--old-file=setup", "--silent", "sbom", f"SBOM={path}"]
    subprocess.run(command, cwd=ROOT, check=True)
    return path.read_text(encoding="utf-8")


def test_list_is_of_the_published_schema(sbom: str) -> None:
    """CycloneDX's own schema, read strictly, has nothing against it."""
    version = SchemaVersion.from_version(json.loads(sbom)["specVersion"])

    assert JsonStrictValidator(version).validate_str(sbom) is None


def test_list_names_each_release_of_the_image(sbom: str) -> None:
    """Not one that the image installs is left out, none is added, none differs."""
    listed = {f"{each['name']}=={each['version']}" for each in components(sbom)}

    assert listed == set(re.findall(r"^[\w.-]+==[^\s;]+", LOCK, re.MULTILINE))


def test_list_knows_each_release_by_its_content(sbom: str) -> None:
    """The hashes are those that pip demands when the image is built."""
    hashes = {
        each["content"]
        for component in components(sbom)
        for reference in component["externalReferences"]
        for each in reference["hashes"]
    }

    assert hashes == set(re.findall(r"sha256:([0-9a-f]{64})", LOCK))


def components(sbom: str) -> list[dict[str, Any]]:
    """Return what the list names."""
    found: list[dict[str, Any]] = json.loads(sbom)["components"]
    return found
