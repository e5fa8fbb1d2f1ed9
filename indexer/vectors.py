"""Vectors in Chroma, inside a generation's own folder: nothing is downloaded, nothing is reported anywhere.

Chroma is not safe between processes and writes to its files whenever it opens them, so a folder is written once, by
one process, and after that only copies of it are opened.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import chromadb
import numpy as np
from chromadb.config import Settings
from numpy.typing import NDArray

from indexer.models import Passage
from indexer.plain import Layer
from indexer.working_copy import WorkingCopy

FOLDER = "chroma"
PASSAGES = "passages"
BRIDGES = "bridges"
GAPS = "gaps"
_GRAPH = {"space": "cosine", "ef_construction": 200, "ef_search": 400, "max_neighbors": 32}
"""With Chroma's own values (100, 100, 16) 7% of the 60 nearest of 10,767 passages were missed, at worst a third."""

_BATCH = 5_000  # below the largest batch that Chroma takes, 5,461


def _client(folder: Path) -> Any:
    return chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))


def write(
    folder: Path,
    passages: Sequence[Passage],
    vectors: NDArray[np.float32],
    layer: Layer | None = None,
    question_vectors: NDArray[np.float32] | None = None,
) -> None:
    """Writes one vector a passage and one a question of the layer: its bridges in order, then those of its gaps.

    A bridge's id is its place in the sequence; that of a gap's question, "place of the gap.place of the question".
    """
    client = _client(folder)
    try:
        _fill(client, PASSAGES, [(p.id, p.source_id) for p in passages], vectors)
        if layer is not None and question_vectors is not None:
            bridges = [(str(n), b.source_id) for n, b in enumerate(layer.bridges)]
            gaps = [(f"{n}.{m}", "") for n, gap in enumerate(layer.gaps) for m in range(len(gap.questions))]
            for name, rows, part in (
                (BRIDGES, bridges, question_vectors[: len(bridges)]),
                (GAPS, gaps, question_vectors[len(bridges) :]),
            ):
                if rows:
                    _fill(client, name, rows, part)
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
    """A finished folder of vectors, open for reading through a copy of its own. Safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        copy = WorkingCopy(folder)
        try:
            self._client = _client(copy.path)
        except Exception:
            copy.remove()
            raise
        self._release = weakref.finalize(self, _let_go, self._client, copy)
        self._collections = {
            collection.name: self._client.get_collection(collection.name, embedding_function=None)
            for collection in self._client.list_collections()
        }

    def count(self, of: str = PASSAGES) -> int:
        """How many vectors there are of passages, of bridges or of gaps."""
        return int(self._collections[of].count()) if of in self._collections else 0

    def nearest(
        self, vector: NDArray[np.float32], limit: int, source_ids: Sequence[str] | None = None, of: str = PASSAGES
    ) -> list[tuple[str, float]]:
        """Ids with their cosine similarity, most similar first; `of` passages, bridges or gaps.

        `source_ids` narrows the search to those sources; None searches all.
        """
        if of not in self._collections or (source_ids is not None and not source_ids):
            return []
        where = {"source_id": {"$in": list(source_ids)}} if source_ids is not None else None
        found = self._collections[of].query(
            query_embeddings=[vector], n_results=limit, where=where, include=["distances"]
        )
        distances = found["distances"][0]
        return [(identity, 1.0 - distance) for identity, distance in zip(found["ids"][0], distances, strict=True)]

    def similarities(self, vector: NDArray[np.float32], identities: Sequence[str]) -> dict[str, float]:
        """The cosine similarity of each of these passages to a vector."""
        if not identities:
            return {}
        found = self._collections[PASSAGES].get(ids=list(identities), include=["embeddings"])
        return dict(zip(found["ids"], (np.asarray(found["embeddings"]) @ vector).tolist(), strict=True))

    def close(self) -> None:
        """Lets go of the files."""
        self._release()


def _let_go(client: Any, copy: WorkingCopy) -> None:
    client.close()
    copy.remove()
