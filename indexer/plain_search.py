"""The plain layer of a finished generation, open for reading: which questions in plain words are near the one asked,
what they lead to, and what is known to go unanswered."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer import prototypes, question_vectors
from indexer.prototypes import BROAD, Prototypes
from indexer.question_vectors import QuestionVectors, best


class Lead(NamedTuple):
    """A question in plain words near the one asked: its cosine, the source and passages it leads to, and the offsets in
    the source's text of the sentences that say its answer, the best one first."""

    similarity: float
    source_id: str
    passages: tuple[str, ...]
    sentences: tuple[int, ...]


class Drawn(NamedTuple):
    """What the questions of a place have in common with the one asked: the cosine by passage id, and by source the
    sentences that answer such questions, as offsets in its text with a cosine."""

    passages: dict[str, float]
    sentences: dict[str, list[tuple[int, float]]]


class Unanswered(NamedTuple):
    """What is known to go unanswered and is nearest to a question: its topic, the cosine of the nearest question and of
    the nearest topic's questions together, and on which side of all questions this one lies (`Prototypes.answered`)."""

    topic: str
    nearest: float
    together: float
    answered: float


class _OfSources:
    """The source of each of many rows: which of them count where only some sources are allowed."""

    def __init__(self, sources: Sequence[str]) -> None:
        self._names, self._place = np.unique(np.array(sources, dtype=str), return_inverse=True)

    def among(self, allowed: frozenset[str]) -> NDArray[np.bool_]:
        """Whether the source of each row is allowed."""
        counts: NDArray[np.bool_] = np.isin(self._names, list(allowed))[self._place]
        return counts

    def __getitem__(self, row: int) -> str:
        return str(self._names[self._place[row]])


class _Groups(NamedTuple):
    """What the prototypes stand for: a place, a sentence or a topic each, with its source."""

    sources: _OfSources
    passages: list[tuple[str, ...]]
    starts: list[int]
    places: NDArray[np.bool_]
    sentences: NDArray[np.bool_]
    topics: NDArray[np.bool_]


class PlainSearch:
    """The questions of the plain layer, one by one and together. Safe to use from several threads."""

    def __init__(self, folder: Path, bridges: int, connection: Callable[[], sqlite3.Connection]) -> None:
        """`folder` is the generation's, `bridges` how many questions lead somewhere, `connection` one to its words.

        Raises `IndexBroken` for a file that is missing or damaged.
        """
        self._bridges = bridges
        self._connection = connection
        self._questions = QuestionVectors(folder / question_vectors.FILE)
        self._prototypes = Prototypes(folder / prototypes.FILE)

    def __len__(self) -> int:
        """How many questions have a vector."""
        return len(self._questions)

    def led(self, vector: NDArray[np.float32], limit: int, allowed: frozenset[str]) -> list[Lead]:
        """The `limit` nearest questions in plain words that lead to the allowed sources, best first."""
        asked, sources = self._leading
        alike = self._questions.similarities(vector)[asked]
        numbers = best(alike, limit, sources.among(allowed))
        marks = ", ".join("?" * len(numbers))
        rows = self._connection().execute(
            f"SELECT number, passages, sentences FROM bridges WHERE number IN ({marks})",  # noqa: S608 — question marks
            numbers,
        )
        leads = {number: (json.loads(passages), json.loads(said)) for number, passages, said in rows}
        return [Lead(float(alike[number]), sources[number], *map(tuple, leads[number])) for number in numbers]

    @cached_property
    def _leading(self) -> tuple[NDArray[np.intp], _OfSources]:
        """For each bridge the row of its question's vector, and its source."""
        rows = self._connection().execute("SELECT question, source_id FROM bridges ORDER BY number").fetchall()
        return np.array([asked for asked, _ in rows], dtype=np.intp), _OfSources([source for _, source in rows])

    def drawn(self, vector: NDArray[np.float32], limit: int, allowed: frozenset[str]) -> Drawn:
        """The `limit` places, and as many sentences, of the allowed sources whose questions have most in common with
        the one asked; nothing where the layer is not broad."""
        groups = self._groups
        alike = self._prototypes.similarities(vector)
        counts = groups.sources.among(allowed)
        passages: dict[str, float] = {}
        for number in best(alike, limit, counts & groups.places):
            for identity in groups.passages[number]:
                passages.setdefault(identity, float(alike[number]))
        sentences: dict[str, list[tuple[int, float]]] = {}
        for number in best(alike, limit, counts & groups.sentences):
            found = sentences.setdefault(groups.sources[number], [])
            found.append((groups.starts[number], float(alike[number])))
        return Drawn(passages, sentences)

    @cached_property
    def _groups(self) -> _Groups:
        """What the prototypes stand for, in their order."""
        query = "SELECT source_id, passages, sentence, topic FROM prototypes ORDER BY number"
        rows = self._connection().execute(query).fetchall()
        sentences = np.array([at is not None for *_, at, _ in rows], dtype=bool)
        topics = np.array([topic is not None for *_, topic in rows], dtype=bool)
        return _Groups(
            sources=_OfSources([source or "" for source, *_ in rows]),
            passages=[tuple(json.loads(passages)) for _, passages, *_ in rows],
            starts=[at or 0 for *_, at, _ in rows],
            places=~(sentences | topics),
            sentences=sentences,
            topics=topics,
        )

    @cached_property
    def _unanswered(self) -> NDArray[np.intp]:
        """The rows of the questions that are known to go unanswered."""
        rows = self._connection().execute("SELECT question FROM gaps ORDER BY question")
        return np.array([row for (row,) in rows], dtype=np.intp)

    @property
    def broad(self) -> bool:
        """Whether the plain layer is so broad that what is asked often has ten questions near it."""
        return self._bridges >= BROAD

    def nearest_gap(self, vector: NDArray[np.float32]) -> Unanswered | None:
        """The known gap whose question is nearest; None where none are known."""
        alike = self._questions.similarities(vector)[self._unanswered]
        if not len(alike):
            return None
        nearest = int(self._unanswered[alike.argmax()])
        row = self._connection().execute("SELECT topic FROM gaps WHERE question = ?", (nearest,)).fetchone()
        topics = self._prototypes.similarities(vector)[self._groups.topics]
        together = float(topics.max()) if len(topics) else 0.0
        return Unanswered(row[0], float(alike.max()), together, self._prototypes.answered(vector))
