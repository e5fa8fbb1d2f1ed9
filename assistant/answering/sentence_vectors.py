"""Vectors of single sentences, to compare them with a question when an answer is put together.

Those of the guides come with Leidraad (`make plain-vectors`); others are made when they are first needed. Making them
was most of the time of an answer. What was seen before comes from memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from assistant.settings import ROOT
from indexer.embedding import Embedder, VectorCache
from indexer.ready_vectors import ReadyVectors

SHIPPED = ROOT / "corpus" / "plain" / "sentences"
"""What the file of vectors is called after; there is no such layer."""

_KEPT = VectorCache(20_000)


def sentence_vectors(embedder: Embedder, texts: Sequence[str]) -> NDArray[np.float32]:
    """(n, dimensions), rows of unit length in the order of the texts."""
    mark = f"{embedder.stamp}\n"

    def made(missing: Sequence[str]) -> NDArray[np.float32]:
        """The rows that ship, and the others from the model."""
        plain = [text.removeprefix(mark) for text in missing]
        return _shipped(embedder.stamp).rows(plain, embedder.dimensions, embedder.embed_passages, question=False)[0]

    return np.stack(_KEPT.get([mark + text for text in texts], made))


@lru_cache(maxsize=2)
def _shipped(stamp: str) -> ReadyVectors:
    return ReadyVectors([SHIPPED], stamp)
