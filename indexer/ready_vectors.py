"""Vectors that come with Leidraad, so that nobody has to make them again: of the plain layer's questions, and of the
guides' sentences.

Beside `plain/NAME.toml` may lie `plain/vectors/STAMP/NAME.npy`: for each question a part of its hash, and its vector in
whole steps of -127 to 127 (the cosine with the exact one is over 0.9999). `STAMP` names engine, weights and graph, so
vectors of another engine are never read; a question that was changed has another hash and is embedded anew.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.files import replace_file

FOLDER = "vectors"
_HASH = 16
_STEPS = 127


def key_of(text: str, *, question: bool) -> bytes:
    """What a vector is kept by: the SHA-256 of its text, apart for questions and passages."""
    return hashlib.sha256((("query: " if question else "") + text).encode()).digest()


class ReadyVectors:
    """Vectors by `key_of` a text, as far as they are there."""

    def __init__(self, layers: Iterable[Path], stamp: str) -> None:
        """Opens what lies beside the files `layers`. A damaged file is passed over: its vectors are made anew."""
        self._rows: dict[bytes, NDArray[np.void]] = {}
        for layer in layers:
            try:
                records = np.load(_beside(layer, stamp), allow_pickle=False)
            except (OSError, ValueError, EOFError):
                continue
            if records.ndim == 1 and records.dtype.names == ("key", "row"):
                self._rows.update(zip((bytes(key) for key in records["key"]), records, strict=True))

    def get(self, key: bytes, dimensions: int) -> NDArray[np.float32] | None:
        """The vector (dimensions,), of length 1, or None."""
        found = self._rows.get(key[:_HASH])
        if found is None or found["row"].shape != (dimensions,):
            return None
        row = np.asarray(found["row"], dtype=np.float32)
        length = np.linalg.norm(row)
        return row / length if length else None

    def rows(
        self,
        texts: Sequence[str],
        dimensions: int,
        embed: Callable[[Sequence[str]], NDArray[np.float32]],
        *,
        question: bool,
    ) -> tuple[NDArray[np.float32], int]:
        """One row (dimensions,) a text, from here or else made by `embed`, and how many were made."""
        found = [self.get(key_of(text, question=question), dimensions) for text in texts]
        missing = [number for number, row in enumerate(found) if row is None]
        rows = np.empty((len(texts), dimensions), dtype=np.float32)
        for number, row in enumerate(found):
            if row is not None:
                rows[number] = row
        if missing:
            rows[missing] = embed([texts[number] for number in missing])
        return rows, len(missing)


def write(layer: Path, stamp: str, texts: Sequence[str], rows: NDArray[np.float32], *, question: bool = True) -> Path:
    """Writes the vectors (n, dimensions) of a layer file's questions, sorted by key so that a change changes little.

    Of other texts than questions `layer` is only the name that their file is called after. Raises `OSError`.
    """
    records = np.empty(len(texts), dtype=_record(rows.shape[1]))
    records["key"] = [np.void(key_of(text, question=question)[:_HASH]) for text in texts]
    largest = np.abs(rows).max(axis=1, keepdims=True)
    records["row"] = np.rint(rows / np.where(largest, largest, 1.0) * _STEPS)
    order = sorted(range(len(texts)), key=lambda number: bytes(records["key"][number]))
    path = _beside(layer, stamp)
    path.parent.mkdir(parents=True, exist_ok=True)
    written = io.BytesIO()
    np.save(written, records[order], allow_pickle=False)
    replace_file(path, written.getvalue())
    return path


def _beside(layer: Path, stamp: str) -> Path:
    return layer.parent / FOLDER / "".join(c if c.isalnum() or c in "-._" else "-" for c in stamp) / f"{layer.stem}.npy"


def _record(dimensions: int) -> np.dtype[np.void]:
    return np.dtype([("key", f"V{_HASH}"), ("row", "i1", (dimensions,))])
