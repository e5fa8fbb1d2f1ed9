"""The vectors of the plain layer's questions: one file in a generation, searched whole.

A question asked is compared with all of them at once: that is exact, takes milliseconds for tens of thousands, and
searches any choice of sources alike. The file is mapped into memory, so that processes on one index share it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.embedding import VectorCache
from indexer.errors import IndexBroken

FILE = "questions.npy"
_KEPT = 8


def write(path: Path, vectors: NDArray[np.float32]) -> None:
    """Writes the vectors (n, dimensions), in the order in which they are numbered. Raises `OSError`."""
    np.save(path, np.ascontiguousarray(vectors, dtype=np.float32), allow_pickle=False)


class MappedRows(ABC):
    """Vectors of a finished generation, in a file that is mapped into memory, and what they say of a question's vector.

    Safe in several threads. One question is searched for several sides: what was found for the last few is kept.
    """

    def __init__(self, path: Path) -> None:
        """Raises `IndexBroken` for a file that is missing or damaged."""
        try:
            self._rows: NDArray[np.float32] = np.load(path, mmap_mode="r", allow_pickle=False)
            if self._rows.ndim != 2:
                raise ValueError("no rows")
        except (OSError, ValueError, EOFError) as error:
            raise IndexBroken(f"{path.name} of {path.parent.name} cannot be read; run: leidraad index") from error
        self._kept = VectorCache(_KEPT)

    def __len__(self) -> int:
        return len(self._rows)

    def _compared(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        return self._kept.get([vector.tobytes().hex()], lambda _: self._compare(vector)[np.newaxis])[0]

    @abstractmethod
    def _compare(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """One row (k,) for a vector of unit length."""


class QuestionVectors(MappedRows):
    """The vectors of all questions."""

    def similarities(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """The cosine (n,) of every question with a vector of unit length."""
        return self._compared(vector)

    def _compare(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        found: NDArray[np.float32] = self._rows @ vector
        return found


def best(similarities: NDArray[np.float32], limit: int, among: NDArray[np.bool_] | None = None) -> list[int]:
    """The numbers of the `limit` most alike, best first; `among` says which count."""
    numbers = np.arange(len(similarities)) if among is None else np.flatnonzero(among)
    values = similarities[numbers]
    if len(values) > limit:
        kept = np.argpartition(-values, limit - 1)[:limit]
        numbers, values = numbers[kept], values[kept]
    return [int(number) for number in numbers[np.lexsort((numbers, -values))]]
