"""What most tutorials build: recursive character splitting, one vector search, the first five pieces.

It shows, in the same run and with the same embedding model, what the rest of Leidraad's finding is worth.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from langchain_text_splitters import RecursiveCharacterTextSplitter
from numpy.typing import NDArray

from indexer.embedding import Embedder
from indexer.index import Index

SIZE, OVERLAP = 1_000, 200


class Piece(NamedTuple):
    """A piece of a document's text; offsets in characters."""

    source_id: str
    start: int
    end: int


class PlainRag:
    """One vector a piece of a thousand characters, the nearest first.

    `cache` is a folder where the vectors are kept: embedding every text takes minutes.
    """

    def __init__(self, index: Index, embedder: Embedder, cache: Path | None = None) -> None:
        splitter = RecursiveCharacterTextSplitter(chunk_size=SIZE, chunk_overlap=OVERLAP, add_start_index=True)
        self._embedder = embedder
        self._pieces: list[Piece] = []
        texts: list[str] = []
        for source_id in index.sources:
            for part in splitter.create_documents([index.document(source_id).text]):
                start = int(part.metadata["start_index"])
                self._pieces.append(Piece(source_id, start, start + len(part.page_content)))
                texts.append(part.page_content)
        self._vectors = _vectors(texts, embedder, cache)

    def search(self, question: str, limit: int) -> list[Piece]:
        """The nearest pieces, best first. It knows no dates and no regimes."""
        near = np.argsort(-(self._vectors @ self._embedder.embed_query(question)), kind="stable")[:limit]
        return [self._pieces[number] for number in near]


def _vectors(texts: Sequence[str], embedder: Embedder, cache: Path | None) -> NDArray[np.float32]:
    key = hashlib.sha256("\0".join((embedder.stamp, *texts)).encode()).hexdigest()[:32]
    file = cache / f"plain-{key}.npy" if cache else None
    if file is not None and file.is_file():
        return np.asarray(np.load(file, allow_pickle=False), dtype=np.float32)
    vectors: NDArray[np.float32] = embedder.embed_passages(list(texts))
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        np.save(file, vectors, allow_pickle=False)
    return vectors


def ranks(pieces: Sequence[Piece], spans: Sequence[tuple[str, int, int]]) -> list[int]:
    """The ranks of the pieces that hold at least half of a right passage, or lie half or more in one."""
    found = []
    for rank, piece in enumerate(pieces, start=1):
        for source_id, start, end in spans:
            shared = min(piece.end, end) - max(piece.start, start)
            if source_id == piece.source_id and 2 * shared >= min(end - start, piece.end - piece.start):
                found.append(rank)
                break
    return found
