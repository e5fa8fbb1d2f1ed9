"""What every test shares: the real texts where they are at hand, one embedder, one small index, and no trace left."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.logs import to_json_lines
from assistant.settings import load_settings
from indexer.embedding import BundledEmbedder, bundled_embedder
from indexer.generation import build
from tests.databases import database_url, postgres
from tests.samples import write_corpus

__all__ = ["database_url", "postgres"]  # fixtures of every test

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
SECRETS = ("Fatima", "Geheim", "123456782", "06-12345678", "Traceback")
"""What tests say that may stand in no log."""


@pytest.fixture(autouse=True)
def main_module() -> Iterator[None]:
    """Streamlit's tests put their page in the place of the main module; a process started later would run it."""
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before


@pytest.fixture(scope="session")
def sources() -> Path:
    """The folder of real texts; a test that needs it skips where it is absent."""
    folder = SHARED / "sources"
    if not folder.is_dir():
        pytest.skip("the folder of real source texts (../shared/sources) is not at hand")
    return folder


@pytest.fixture(scope="session")
def laws_archive() -> Path:
    """The archive of 257 laws; a test that needs it skips where it is absent."""
    archive = SHARED / "laws-large" / "laws.tar.xz"
    if not archive.is_file():
        pytest.skip("the archive of laws (../shared/laws-large/laws.tar.xz) is not at hand")
    return archive


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything a test leaves goes to its own folder."""
    monkeypatch.setenv("LEIDRAAD_INDEX", str(tmp_path / "data" / "index"))
    monkeypatch.setenv("LEIDRAAD_EVALS", str(tmp_path / "data" / "evals"))
    monkeypatch.setenv("LEIDRAAD_RECORDS", f"sqlite:///{tmp_path / 'data' / 'records.sqlite'}")


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache folder of the embedding model, filled once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def embedder(cache: Path) -> BundledEmbedder:
    """The bundled model, warm."""
    return bundled_embedder(cache)


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small folder of documents of every kind, made by the tests."""
    return write_corpus(tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="session")
def index_folder(corpus: Path, embedder: BundledEmbedder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished index of that folder. Tests read it and never write it."""
    folder = tmp_path_factory.mktemp("index")
    build(corpus, folder, embedder)
    return folder


@pytest.fixture(scope="session")
def assistant(index_folder: Path, embedder: BundledEmbedder) -> Iterator[Assistant]:
    """An assistant over the small index."""
    made = Assistant(load_settings(index=index_folder), embedder)
    yield made
    made.index().close()


@pytest.fixture
def log_lines() -> Iterator[Callable[[], list[dict[str, object]]]]:
    """What is logged from here on as JSON lines, as objects; checks on the way that nothing secret is among it."""
    stream, root = io.StringIO(), logging.getLogger()
    before = root.handlers, root.level
    to_json_lines(stream)

    def read() -> list[dict[str, object]]:
        text = stream.getvalue()
        assert not [secret for secret in SECRETS if secret in text]
        return [json.loads(line) for line in text.splitlines()]

    yield read
    root.handlers, level = before
    root.setLevel(level)
