"""Vectors kept by the hash of what was embedded, in one SQLite file beside the generations."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.embedding import Embedder
from indexer.progress import KEPT, Progress
from indexer.ready_vectors import ReadyVectors, key_of

_EMBED_BATCH = 256

_ASKED = 500
"""SQLite takes no more than a thousand values in a query."""


class EmbeddingCache:
    """Vectors by the hash of what was embedded, so that a rebuild embeds only what changed."""

    def __init__(self, path: Path, embedder: Embedder) -> None:
        self._embedder = embedder
        try:
            self._connection = _opened(path)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            # What is damaged here can be made again; it only costs the time of embedding.
            path.unlink()
            self._connection = _opened(path)
        self._used: set[bytes] = set()

    def vectors(
        self, texts: Sequence[str], progress: Progress, *, questions: bool = False, ready: ReadyVectors | None = None
    ) -> tuple[NDArray[np.float32], int]:
        """One row a text, and how many rows were there already. New rows are kept batch by batch.

        `questions` embeds the texts as questions rather than as passages; `ready` are vectors made before.
        """
        embed = self._embedder.embed_questions if questions else self._embedder.embed_passages
        hashes = [key_of(text, question=questions) for text in texts]
        self._used.update(hashes)
        rows = np.empty((len(texts), self._embedder.dimensions), dtype=np.float32)
        missing: dict[bytes, list[int]] = {}
        known = self._known(hashes)
        reused = 0
        for number, key in enumerate(hashes):
            vector = known.get(key)
            if vector is not None and len(vector) == rows.shape[1] * 4:
                rows[number] = np.frombuffer(vector, dtype="<f4")
                reused += 1
            elif ready is not None and (row := ready.get(key, rows.shape[1])) is not None:
                rows[number] = row
                reused += 1
            else:
                missing.setdefault(key, []).append(number)
        progress.advance(reused, KEPT)
        # Longest first: the estimate of the time left only gets better.
        order = sorted(missing, key=lambda key: -len(texts[missing[key][0]]))
        for start in range(0, len(order), _EMBED_BATCH):
            keys = order[start : start + _EMBED_BATCH]
            made = embed([texts[missing[key][0]] for key in keys], progress.advance)
            for key, vector in zip(keys, made, strict=True):
                for number in missing[key]:
                    rows[number] = vector
            with self._connection:
                self._connection.executemany(
                    "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)",
                    [(self._embedder.stamp, key, v.astype("<f4").tobytes()) for key, v in zip(keys, made, strict=True)],
                )
        return rows, reused

    def _known(self, hashes: Sequence[bytes]) -> dict[bytes, bytes]:
        """The vectors that are kept for these hashes."""
        found: dict[bytes, bytes] = {}
        for start in range(0, len(hashes), _ASKED):
            some = hashes[start : start + _ASKED]
            marks = ", ".join("?" * len(some))
            query = f"SELECT hash, vector FROM vectors WHERE stamp = ? AND hash IN ({marks})"  # noqa: S608 — question marks
            found.update(self._connection.execute(query, (self._embedder.stamp, *some)))
        return found

    def forget_unused(self) -> None:
        """Drops what neither this index nor this engine uses any more."""
        with self._connection:
            self._connection.execute("CREATE TEMP TABLE used (hash BLOB PRIMARY KEY)")
            self._connection.executemany("INSERT INTO used VALUES (?)", [(key,) for key in self._used])
            self._connection.execute(
                "DELETE FROM vectors WHERE stamp != ? OR hash NOT IN (SELECT hash FROM used)",
                (self._embedder.stamp,),
            )

    def close(self) -> None:
        """Lets go of the file."""
        self._connection.close()


def _opened(path: Path) -> sqlite3.Connection:
    """The cache's file, with its table. Raises `sqlite3.DatabaseError` for a damaged one."""
    connection = sqlite3.connect(path)
    try:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS vectors (stamp TEXT, hash BLOB, vector BLOB, PRIMARY KEY (stamp, hash))"
        )
        if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("the cache of vectors is damaged")
    except sqlite3.Error:
        connection.close()
        raise
    return connection
