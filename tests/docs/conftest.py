"""The pages as a site, and what their commands need."""

from pathlib import Path

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config

from tests.operations.conftest import kafka_works, page

__all__ = ["kafka_works", "page", "site"]

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of the built site; a warning of mkdocs fails the test."""
    folder = tmp_path_factory.mktemp("site")
    settings = str(ROOT / "mkdocs.yml")
    build(load_config(settings, site_dir=str(folder), strict=True))
    return folder
