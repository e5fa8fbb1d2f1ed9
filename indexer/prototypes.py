"""What the questions that lead to one place have in common: one file in a generation.

The one question that is nearest is a thin sign: a question is often near several places. All questions of a place
together say more. Each group of questions (those that lead to the same passages, those that the same sentence answers,
those that go unanswered for the same reason) has a prototype: the mean of its vectors, after the directions in which
all questions vary have been levelled out. That is the nearest class mean of linear discriminant analysis, taken as a
cosine; a small multiple of the unit matrix keeps the covariance from being singular.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.plain import Layer
from indexer.question_vectors import MappedRows

FILE = "prototypes.npy"

BROAD = 2_000
"""From so many questions on the layer is broad: enough of them to tell what they vary in."""

_RIDGE = 0.01
_SECOND = 0.5
"""What a question weighs for a sentence that it names second or third."""

Rows = NDArray[np.float32]


class Group(NamedTuple):
    """Questions that belong together, by their row among the vectors, with what each weighs.

    They lead to `passages` of a source, or are answered by its sentence that begins at `sentence`, or are known to go
    unanswered (`topic`).
    """

    members: Mapping[int, float]
    source_id: str | None = None
    passages: tuple[str, ...] = ()
    sentence: int | None = None
    topic: str | None = None


def groups(layer: Layer) -> list[Group]:
    """The groups of a layer's questions, in a fixed order; none where the layer is not broad."""
    if len(layer.bridges) < BROAD:
        return []
    places: dict[tuple[str, tuple[str, ...]], dict[int, float]] = defaultdict(dict)
    sentences: dict[tuple[str, int], dict[int, float]] = defaultdict(dict)
    topics: dict[str, dict[int, float]] = defaultdict(dict)
    for bridge in layer.bridges:
        row = layer.rows[bridge.text]
        places[bridge.source_id, bridge.passages][row] = 1.0
        for rank, at in enumerate(bridge.sentences):
            sentences[bridge.source_id, at][row] = _SECOND if rank else 1.0
    for gap in layer.gaps:
        topics[gap.topic].update((layer.rows[question], 1.0) for question in gap.questions)
    return [
        *(Group(members, source, passages=passages) for (source, passages), members in places.items()),
        *(Group(members, source, sentence=at) for (source, at), members in sentences.items()),
        *(Group(members, topic=topic) for topic, members in topics.items()),
    ]


def write(path: Path, vectors: Rows, grouped: Sequence[Group]) -> None:
    """Writes the prototypes of the groups, from the vectors (n, dimensions) of all questions. Raises `OSError`."""
    np.save(path, _fit(vectors, grouped), allow_pickle=False)


def _fit(vectors: Rows, grouped: Sequence[Group]) -> Rows:
    """The centre of all questions; the line from the unanswered to the answered ones; the lens that levels out (one row
    a dimension); and a row for each group."""
    dimensions = vectors.shape[1]
    if not grouped:
        return np.empty((0, dimensions), dtype=np.float32)
    centre = vectors.mean(axis=0, dtype=np.float64).astype(np.float32)
    rows = _unit(vectors - centre)
    covariance = (rows.T @ rows).astype(np.float64) / len(rows)
    values, directions = np.linalg.eigh(covariance + _RIDGE * np.eye(dimensions))
    lens = ((directions / np.sqrt(values)) @ directions.T).astype(np.float32)
    rows = _unit(rows @ lens)
    means = np.zeros((len(grouped), dimensions), dtype=np.float32)
    for number, group in enumerate(grouped):
        means[number] = np.array(list(group.members.values()), dtype=np.float32) @ rows[list(group.members)]
    unanswered = np.zeros(len(rows), dtype=bool)
    unanswered[[row for group in grouped if group.topic is not None for row in group.members]] = True
    line = rows[~unanswered].mean(axis=0) - rows[unanswered].mean(axis=0) if unanswered.any() else np.zeros(dimensions)
    return np.vstack([centre, line, lens, _unit(means)]).astype(np.float32)


class Prototypes(MappedRows):
    """The prototypes of the groups."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        head = 2 + self._rows.shape[1] if len(self._rows) else 0
        self._head, self._rows = self._rows[:head], self._rows[head:]

    def similarities(self, vector: Rows) -> Rows:
        """The cosine (n,) of every group with a question's vector of unit length."""
        return self._compared(vector)[1:]

    def answered(self, vector: Rows) -> float:
        """On which side of all questions this one lies: above 0 nearer those that are answered than those known not to
        be; 0 where there is nothing to compare."""
        return float(self._compared(vector)[0])

    def _compare(self, vector: Rows) -> Rows:
        if not len(self):
            return np.zeros(1, dtype=np.float32)
        seen = _unit(_unit(vector - self._head[0]) @ self._head[2:])
        return np.concatenate([[self._head[1] @ seen], self._rows @ seen]).astype(np.float32)


def _unit(rows: NDArray[Any]) -> NDArray[Any]:
    lengths: NDArray[Any] = np.linalg.norm(rows, axis=-1, keepdims=True)
    unit: NDArray[Any] = rows / np.maximum(lengths, 1e-9)
    return unit
