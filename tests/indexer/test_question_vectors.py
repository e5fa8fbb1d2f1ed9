"""The questions of the plain layer are compared whole: the nearest first, of the sources that count."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pytest

from indexer.errors import IndexBroken
from indexer.prototypes import Prototypes
from indexer.question_vectors import MappedRows, QuestionVectors, best, write


def _no_rows() -> bytes:
    """A file of numbers in one row only."""
    file = io.BytesIO()
    np.save(file, np.ones(3, dtype=np.float32))
    return file.getvalue()


def test_the_most_alike_come_first_and_equal_ones_in_their_order() -> None:
    alike = np.array([0.2, 0.9, 0.5, 0.9, 0.7], dtype=np.float32)
    assert best(alike, 3) == [1, 3, 4]
    assert best(alike, 9) == [1, 3, 4, 2, 0]
    assert best(alike, 2, np.array([True, False, True, False, True])) == [4, 2]
    assert best(alike, 2, np.zeros(5, dtype=bool)) == []


def test_what_is_written_is_compared_exactly(tmp_path: Path) -> None:
    rows = np.random.default_rng(3).normal(size=(200, 8)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    write(tmp_path / "questions.npy", rows)
    kept = QuestionVectors(tmp_path / "questions.npy")
    assert len(kept) == 200
    for number in (0, 77, 199):
        np.testing.assert_allclose(kept.similarities(rows[number]), rows @ rows[number], atol=1e-6)
        assert best(kept.similarities(rows[number]), 1) == [number]


def test_a_layer_without_questions_is_no_fault(tmp_path: Path) -> None:
    write(tmp_path / "questions.npy", np.empty((0, 8), dtype=np.float32))
    assert len(QuestionVectors(tmp_path / "questions.npy").similarities(np.ones(8, dtype=np.float32))) == 0


@pytest.mark.parametrize(("kind", "name"), [(QuestionVectors, "questions.npy"), (Prototypes, "prototypes.npy")])
@pytest.mark.parametrize("content", [b"", b"no vectors at all", _no_rows(), None])
def test_a_damaged_or_missing_file_is_told(
    tmp_path: Path, kind: type[MappedRows], name: str, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(IndexBroken, match=re.escape(name)):
        kind(tmp_path / name)
