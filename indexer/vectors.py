"""Vectors in Chroma, inside a generation's own folder: nothing is downloaded, nothing is reported anywhere.

Chroma is not safe between processes, so a folder is written once, by one process, and only read after that.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import chromadb
import numpy as np
from chromadb.config import Settings
from numpy.typing import NDArray

from indexer.models import Passage

FOLDER = "chroma"
COLLECTION = "passages"
_BATCH = 5_000  # below the largest batch that Chroma takes, 5,461


def _client(folder: Path) -> Any:
    return chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))


def write(folder: Path, passages: Sequence[Passage], vectors: NDArray[np.float32]) -> None:
    """Writes one vector a passage."""
    client = _client(folder)
    try:
        collection = client.create_collection(
            COLLECTION, embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
        )
        for start in range(0, len(passages), _BATCH):
            batch = passages[start : start + _BATCH]
            collection.add(
                ids=[passage.id for passage in batch],
                embeddings=vectors[start : start + _BATCH],
                metadatas=[{"source_id": passage.source_id} for passage in batch],
            )
    finally:
        client.close()


class Vectors:
    """A finished folder of vectors, open for reading. Safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        self._client = _client(folder)
        self._collection = self._client.get_collection(COLLECTION, embedding_function=None)

    def count(self) -> int:
        """How many vectors there are."""
        return int(self._collection.count())

    def nearest(
        self, vector: NDArray[np.float32], limit: int, source_ids: Sequence[str] | None = None
    ) -> list[tuple[str, float]]:
        """Passage ids with their cosine similarity, most similar first.

        `source_ids` narrows the search to those sources; None searches all.
        """
        if source_ids is not None and not source_ids:
            return []
        where = {"source_id": {"$in": list(source_ids)}} if source_ids is not None else None
        found = self._collection.query(query_embeddings=[vector], n_results=limit, where=where, include=["distances"])
        distances = found["distances"][0]
        return [(identity, 1.0 - distance) for identity, distance in zip(found["ids"][0], distances, strict=True)]

    def close(self) -> None:
        """Lets go of the files."""
        self._client.close()
