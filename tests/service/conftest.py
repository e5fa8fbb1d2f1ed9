"""A service over two collections: what everybody may read and what one team may read."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.testclient import TestClient

from assistant.assistant import Assistant
from assistant.records import Records
from assistant.service.api import create_app
from assistant.service.keys import Keys
from assistant.settings import load_settings
from indexer.embedding import BundledEmbedder
from indexer.generation import build
from tests.samples import write_corpus

HIDDEN = "De wijkkluis gaat alleen open met de koperen sleutel van teamleider Zilver."
QUESTION = "Hoe lang duurt het spaargesprek?"
HIDDEN_QUESTION = "Met welke sleutel gaat de wijkkluis open?"


@pytest.fixture(scope="session")
def two_collections(embedder: BundledEmbedder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the small corpus with one document more, in the collection `besloten`."""
    corpus = write_corpus(tmp_path_factory.mktemp("two"))
    (corpus / "kluis.md").write_text(
        f"---\ntitle: Werkafspraak wijkkluis\nid: werkafspraak-kluis\nkind: guide\nbinding: guidance\nlanguage: nl\n"
        f"collection: besloten\n---\n# Werkafspraak wijkkluis\n\n{HIDDEN}\n",
        encoding="utf-8",
    )
    folder = tmp_path_factory.mktemp("two-index")
    build(corpus, folder, embedder)
    return folder


@pytest.fixture
def records(database_url: str) -> Iterator[Records]:
    """An empty database of this test's own, on SQLite and on PostgreSQL."""
    made = Records(database_url)
    yield made
    made.close()


@pytest.fixture(scope="session")
def served(two_collections: Path, embedder: BundledEmbedder) -> Iterator[Assistant]:
    """The assistant behind the service."""
    made = Assistant(load_settings(index=two_collections, api_workers=2, api_waiting=2), embedder)
    yield made
    made.index().close()


@pytest.fixture
def app(served: Assistant, records: Records) -> FastAPI:
    """The service."""
    return create_app(served, records)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """A client of the service that carries no key of itself."""
    with TestClient(app, raise_server_exceptions=False) as made:
        yield made


@pytest.fixture
def key(records: Records) -> Callable[..., dict[str, str]]:
    """Makes a key and gives the headers that carry it."""

    def make(*collections: str, per_minute: int = 1_000) -> dict[str, str]:
        return {"Authorization": f"Bearer {Keys(records).add('proef', collections, per_minute)}"}

    return make


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    """The service on a real socket, for what a test client cannot show."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    host = f"http://127.0.0.1:{listener.getsockname()[1]}"
    until = time.monotonic() + 20
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    yield host
    server.should_exit = True
    thread.join(20)
    listener.close()
    assert not thread.is_alive()


def events(response: httpx.Response) -> list[tuple[str, object]]:
    """The server-sent events of a streamed answer, in order."""
    found: list[tuple[str, object]] = []
    name = ""
    for line in response.iter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            found.append((name, json.loads(line.removeprefix("data: "))))
    return found
