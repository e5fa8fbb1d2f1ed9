"""Vectors in Chroma, inside a generation's own folder or on a Chroma server: nothing is downloaded or reported.

Chroma is not safe between processes and writes to its files whenever it opens them, so a folder is written once, by
one process, and after that only copies of it are opened. On a server each generation has collections of its own, and
its folder holds only where they are.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import chromadb
import httpx
import numpy as np
from chromadb.config import Settings
from chromadb.errors import ChromaError, NotFoundError
from numpy.typing import NDArray

from indexer.errors import IndexError_
from indexer.last_used import LastUsed
from indexer.models import Frozen, Passage
from indexer.working_copy import WorkingCopy

FOLDER = "chroma"
PASSAGES = "passages"
_EVER = (PASSAGES, "bridges", "gaps")
"""The collections that a generation has on a server, or had in an earlier format."""

_GRAPH = {"space": "cosine", "ef_construction": 200, "ef_search": 400, "max_neighbors": 32}
"""With Chroma's own values (100, 100, 16) 7% of the 60 nearest of 10,767 passages were missed, at worst a third."""

_LOOKED_UP = 4_000
"""Vectors that are kept in memory once they were looked up, 6 MB."""

_BATCH = 5_000  # below the largest batch that Chroma takes, 5,461


SERVER = "server.json"
"""In a generation whose vectors are on a server, this file says on which, and how its collections begin."""


class _Place(Frozen):
    """Where a generation's collections are on a server."""

    url: str
    prefix: str


def _client(folder: Path) -> Any:
    return chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))


def _server(url: str) -> Any:
    """A client of the server. Raises `IndexError_` when it does not answer."""
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    with _answering(url):
        return chromadb.HttpClient(
            host=parts.hostname or "localhost",
            port=parts.port or (443 if secure else 8000),
            ssl=secure,
            settings=Settings(anonymized_telemetry=False),
        )


@contextmanager
def _answering(url: str) -> Iterator[None]:
    """Says in one sentence that the server does not do its part, whatever Chroma or the network raises."""
    try:
        yield
    except (ChromaError, httpx.HTTPError, ValueError) as error:
        where = urlsplit(url).hostname
        raise IndexError_(f"The vector server on {where} does not answer ({type(error).__name__}).") from error


def _place(folder: Path) -> _Place | None:
    path = folder / SERVER
    return _Place.model_validate_json(path.read_bytes()) if path.exists() else None


def discard(folder: Path) -> None:
    """Removes what a generation has on a server, before its folder goes. Quiet where the server is away."""
    place = _place(folder)
    if place is None:
        return
    with suppress(IndexError_), _answering(place.url):
        client = _server(place.url)
        try:
            for name in _EVER:
                with suppress(NotFoundError):
                    client.delete_collection(place.prefix + name)
        finally:
            client.close()


def write(
    folder: Path,
    passages: Sequence[Passage],
    vectors: NDArray[np.float32],
    server: str | None = None,
) -> None:
    """Writes one vector a passage, in the folder or on the server at this URL."""
    if server:
        # Where they are is written first: what a killed process left can then be found and removed.
        place = _Place(url=server, prefix=f"{folder.parent.name}-")
        folder.mkdir()
        (folder / SERVER).write_text(place.model_dump_json(), encoding="utf-8")
        client, prefix = _server(server), place.prefix
    else:
        client, prefix = _client(folder), ""
    try:
        with _answering(server) if server else nullcontext():
            _fill(client, prefix + PASSAGES, [(p.id, p.source_id) for p in passages], vectors)
    finally:
        client.close()


def _fill(client: Any, name: str, rows: Sequence[tuple[str, str]], vectors: NDArray[np.float32]) -> None:
    collection = client.create_collection(name, embedding_function=None, configuration={"hnsw": _GRAPH})
    for start in range(0, len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        collection.add(
            ids=[identity for identity, _ in batch],
            embeddings=vectors[start : start + _BATCH],
            metadatas=[{"source_id": source_id} for _, source_id in batch],
        )


class Vectors:
    """The finished vectors of a generation, open for reading: through a copy of its folder, or from its server.

    Safe to use from several threads. Raises `IndexError_` when a server does not answer, here and in every search.
    """

    def __init__(self, folder: Path) -> None:
        place = _place(folder)
        copy: WorkingCopy | None = None
        if place is None:
            copy = WorkingCopy(folder)
        try:
            self._client = _client(copy.path) if copy else _server(place.url if place else "")
        except Exception:
            if copy:
                copy.remove()
            raise
        self._url = place.url if place else ""
        self._release = weakref.finalize(self, _let_go, self._client, copy)
        self._looked_up: LastUsed[NDArray[np.float32]] = LastUsed(_LOOKED_UP)
        self._passages: Any = None
        with self._asking(), suppress(NotFoundError):
            name = (place.prefix if place else "") + PASSAGES
            self._passages = self._client.get_collection(name, embedding_function=None)

    def _asking(self) -> AbstractContextManager[None]:
        return _answering(self._url) if self._url else nullcontext()

    def count(self) -> int:
        """How many vectors there are."""
        with self._asking():
            return int(self._passages.count()) if self._passages else 0

    def nearest(
        self, vector: NDArray[np.float32], limit: int, source_ids: Sequence[str] | None = None
    ) -> list[tuple[str, float]]:
        """Passage ids with their cosine similarity, most similar first.

        `source_ids` narrows the search to those sources; None searches all.
        """
        if self._passages is None or (source_ids is not None and not source_ids):
            return []
        with self._asking():
            if source_ids is None:
                return _cosines(self._passages.query(query_embeddings=[vector], n_results=limit, include=["distances"]))
            # Chroma's own filter looks at every vector. Mostly few sources are left out: twice as many are taken and
            # the others dropped, and Chroma filters only where too few remain.
            allowed = frozenset(source_ids)
            wide = min(2 * limit, self.count())
            found = self._passages.query(query_embeddings=[vector], n_results=wide, include=["distances", "metadatas"])
            sources = (metadata["source_id"] for metadata in found["metadatas"][0])
            kept = [one for one, source in zip(_cosines(found), sources, strict=True) if source in allowed]
            if len(kept) >= limit or wide < 2 * limit:
                return kept[:limit]
            where = {"source_id": {"$in": sorted(allowed)}}
            return _cosines(
                self._passages.query(query_embeddings=[vector], n_results=limit, where=where, include=["distances"])
            )

    def similarities(self, vector: NDArray[np.float32], identities: Sequence[str]) -> dict[str, float]:
        """The cosine similarity of each of these passages to a vector."""
        rows = self._looked_up.get(identities, self._rows)
        if not rows:
            return {}
        # In double precision and rounded: equal vectors have equal cosines, in whichever order they were looked up.
        cosines = np.stack(list(rows.values())).astype(np.float64) @ vector.astype(np.float64)
        return dict(zip(rows, np.round(cosines, 9).tolist(), strict=True))

    def _rows(self, identities: list[str]) -> dict[str, NDArray[np.float32]]:
        with self._asking():
            found = self._passages.get(ids=identities, include=["embeddings"])
        rows = np.asarray(found["embeddings"], dtype=np.float32)
        return {identity: row.copy() for identity, row in zip(found["ids"], rows, strict=True)}

    def close(self) -> None:
        """Lets go of the files."""
        self._release()


def _cosines(found: Any) -> list[tuple[str, float]]:
    distances = found["distances"][0]
    return [(identity, 1.0 - distance) for identity, distance in zip(found["ids"][0], distances, strict=True)]


def _let_go(client: Any, copy: WorkingCopy | None) -> None:
    client.close()
    if copy:
        copy.remove()
