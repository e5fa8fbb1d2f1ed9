"""Vectors on a real Chroma server on this machine: found as in a folder, a collection a generation."""

from __future__ import annotations

import gc
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import chromadb
import pytest

from indexer.errors import IndexBroken, IndexError_
from indexer.generation import GENERATIONS, build
from indexer.index import open_index
from tests.indexer.test_generation import HashEmbedder, texts
from tests.waiting import wait_for

# Chroma's own HTTP client leaves its connection to the garbage collector when it is closed.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """What is left to the garbage collector is collected before another module's test begins."""
    yield
    gc.collect()


class Server:
    """A `chroma run` of the tests' own, that can be stopped and started."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.folder = folder
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = Path(sys.executable).with_name("chroma")
        if not program.exists():
            program = Path(chromadb.__file__).resolve().parents[4] / "bin" / "chroma"
        self._process = subprocess.Popen(
            [program, "run", "--path", self.folder, "--host", "127.0.0.1", "--port", str(self.port)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        wait_for(f"{self.url}/api/v2/heartbeat")

    def stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait(timeout=20)

    def collections(self) -> list[str]:
        client = chromadb.HttpClient(host="127.0.0.1", port=self.port)
        try:
            return sorted(collection.name for collection in client.list_collections())
        finally:
            client.close()

    def delete(self, name: str) -> None:
        client = chromadb.HttpClient(host="127.0.0.1", port=self.port)
        try:
            client.delete_collection(name)
        finally:
            client.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("chroma"))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def server(running: Server) -> Iterator[Server]:
    """The server, empty."""
    for name in running.collections():
        running.delete(name)
    yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "corpus"
    made.mkdir()
    (made / "a.md").write_text("# Appels\n\nEen appel is rood.\n", encoding="utf-8")
    (made / "b.md").write_text("# Peren\n\nEen peer is groen.\n", encoding="utf-8")
    return made


def test_a_server_finds_what_a_folder_finds(server: Server, folder: Path, tmp_path: Path) -> None:
    embedder = HashEmbedder()
    build(folder, tmp_path / "server", embedder, vector_server=server.url)
    build(folder, tmp_path / "map", embedder)
    there, here = open_index(tmp_path / "server"), open_index(tmp_path / "map")
    vector = embedder.embed_query("Een peer is rood")
    everything = here.allowed(date.today())
    far, near = there.nearest(vector, 5, everything), here.nearest(vector, 5, everything)
    assert [i for i, _ in far] == [i for i, _ in near] and len(near) == 2
    assert [s for _, s in far] == pytest.approx([s for _, s in near], abs=1e-5)
    assert {i for i, _ in there.nearest(vector, 5, frozenset({"a"}))} == {"a/appels"}
    assert there.vectors.count() == 2
    assert there.vectors.similarities(vector, ["b/peren"])["b/peren"] == pytest.approx(dict(near)["b/peren"], abs=1e-5)
    there.close()
    here.close()


def test_each_generation_has_its_own_collection_and_old_ones_go(server: Server, folder: Path, tmp_path: Path) -> None:
    index = tmp_path / "x"
    for _ in range(4):
        build(folder, index, HashEmbedder(), rebuild=True, vector_server=server.url)
    assert server.collections() == sorted(f"{path.name}-passages" for path in (index / GENERATIONS).iterdir())
    assert len(server.collections()) == 2
    assert not build(folder, index, HashEmbedder(), vector_server=server.url).changed
    # Back to the folder: another place is a change, and the last trace on the server goes with its generation.
    for _ in range(2):
        assert build(folder, index, HashEmbedder(), rebuild=True).changed
    assert server.collections() == []


def test_collections_that_are_gone_are_noticed(server: Server, folder: Path, tmp_path: Path) -> None:
    report = build(folder, tmp_path / "x", HashEmbedder(), vector_server=server.url)
    server.delete(f"{report.manifest.name}-passages")
    with pytest.raises(IndexBroken, match="is damaged"):
        open_index(tmp_path / "x")


def test_a_server_that_stops_and_starts_is_said_and_found_again(folder: Path, tmp_path: Path) -> None:
    server = Server(tmp_path / "chroma")
    server.start()
    try:
        build(folder, tmp_path / "x", HashEmbedder(), vector_server=server.url)
        index = open_index(tmp_path / "x")
        vector = HashEmbedder().embed_query("peer")
        found = index.nearest(vector, 1, frozenset(index.sources))
        server.stop()
        for attempt in (
            lambda: index.nearest(vector, 1, frozenset(index.sources)),
            lambda: open_index(tmp_path / "x"),
            lambda: build(folder, tmp_path / "x", HashEmbedder(), rebuild=True, vector_server=server.url),
        ):
            with pytest.raises(IndexError_, match=r"vector server on 127.0.0.1 does not answer"):
                attempt()
        server.start()
        assert index.nearest(vector, 1, frozenset(index.sources)) == found
        build(folder, tmp_path / "x", HashEmbedder(), rebuild=True, vector_server=server.url)
        assert texts(tmp_path / "x") == ["Een appel is rood.", "Een peer is groen."]
        index.close()
    finally:
        server.stop()
