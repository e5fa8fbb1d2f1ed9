"""Vectors that come along: those of the questions they stand beside, or none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from assistant.answering.sentence_vectors import SHIPPED, sentence_vectors
from assistant.settings import ROOT
from indexer.embedding import BundledEmbedder, Vectors
from indexer.generation import build
from indexer.plain import layer_files, lines_of
from indexer.ready_vectors import ReadyVectors, key_of, write
from tools.make_vectors import guide_sentences

LINES = ("hoe lang duurt het spaargesprek", "wie mag er mee", "how long does it take")


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    path = tmp_path / "laag.toml"
    path.touch()
    return path


def test_they_come_back_as_they_were(layer: Path, embedder: BundledEmbedder) -> None:
    exact = embedder.embed_questions(LINES)
    write(layer, embedder.stamp, LINES, exact)
    ready = ReadyVectors([layer], embedder.stamp)
    for line, vector in zip(LINES, exact, strict=True):
        found = ready.get(key_of(line, question=True), embedder.dimensions)
        assert found is not None and float(found @ vector) > 0.9999
        assert np.linalg.norm(found) == pytest.approx(1.0, abs=1e-6)


def test_another_text_engine_or_size_finds_none(layer: Path, embedder: BundledEmbedder) -> None:
    write(layer, embedder.stamp, LINES, embedder.embed_questions(LINES))
    known = key_of(LINES[0], question=True)
    ready = ReadyVectors([layer], embedder.stamp)
    assert ready.get(key_of(LINES[0] + "?", question=True), embedder.dimensions) is None
    assert ready.get(key_of(LINES[0], question=False), embedder.dimensions) is None
    assert ready.get(known, embedder.dimensions + 1) is None
    assert ReadyVectors([layer], "another-engine").get(known, embedder.dimensions) is None


@pytest.mark.parametrize("damage", [b"", b"no numbers", None])
def test_a_damaged_file_is_passed_over(layer: Path, embedder: BundledEmbedder, damage: bytes | None) -> None:
    path = write(layer, embedder.stamp, LINES, embedder.embed_questions(LINES))
    path.write_bytes(path.read_bytes()[:-100] if damage is None else damage)
    assert ReadyVectors([layer], embedder.stamp).get(key_of(LINES[0], question=True), embedder.dimensions) is None


def test_every_question_that_ships_has_its_vector(embedder: BundledEmbedder) -> None:
    for path in layer_files([ROOT / "corpus" / "plain"]):
        ready = ReadyVectors([path], embedder.stamp)
        lines = lines_of(path)
        found = [ready.get(key_of(line, question=True), embedder.dimensions) for line in lines]
        assert all(row is not None for row in found), f"{path.name} was changed: run make plain-vectors"
        some = range(0, len(lines), max(1, len(lines) // 12))
        exact = embedder.embed_questions([lines[number] for number in some])
        alike = [float(np.dot(found[number], row)) for number, row in zip(some, exact, strict=True)]  # type: ignore[arg-type]
        assert min(alike) > 0.999, path.name


def test_every_sentence_of_the_guides_has_its_vector(embedder: BundledEmbedder) -> None:
    sentences = guide_sentences()
    assert len(sentences) > 2_000
    ready = ReadyVectors([SHIPPED], embedder.stamp)
    found = [ready.get(key_of(sentence, question=False), embedder.dimensions) for sentence in sentences]
    assert all(row is not None for row in found), "corpus/guides was changed: run make plain-vectors"
    some = range(0, len(sentences), 200)
    exact = embedder.embed_passages([sentences[number] for number in some])
    alike = [float(np.dot(found[number], row)) for number, row in zip(some, exact, strict=True)]  # type: ignore[arg-type]
    assert min(alike) > 0.999


def test_a_sentence_is_embedded_only_where_its_vector_does_not_ship(
    embedder: BundledEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    guide = guide_sentences()[7]
    own = "Kop: Deze zin staat in geen enkele gids."
    made: list[str] = []
    original = BundledEmbedder.embed_passages

    def told(self: BundledEmbedder, texts: Sequence[str], on_progress: Callable[[int], None] | None = None) -> Vectors:
        made.extend(texts)
        return original(self, texts, on_progress)

    monkeypatch.setattr(BundledEmbedder, "embed_passages", told)
    rows = sentence_vectors(embedder, [guide, own, guide])
    assert made == [own]
    assert rows.shape == (3, embedder.dimensions) and np.array_equal(rows[0], rows[2])
    assert float(rows[0] @ original(embedder, [guide])[0]) > 0.999
    sentence_vectors(embedder, [own])
    assert made == [own]


def test_an_index_takes_them_over(tmp_path: Path, embedder: BundledEmbedder, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = tmp_path / "corpus"
    layer = corpus / "plain" / "gids.toml"
    layer.parent.mkdir(parents=True)
    (corpus / "gids.md").write_text("# Het spaargesprek\n\nHet gesprek duurt 45 minuten.\n", encoding="utf-8")
    layer.write_text(f'[[place]]\nwork = "gids"\nquestions = {list(LINES)!r}\n', encoding="utf-8")
    write(layer, embedder.stamp, LINES[:2], embedder.embed_questions(LINES[:2]))
    embedded: list[str] = []
    original = BundledEmbedder.embed_questions

    def told(self: BundledEmbedder, texts: Sequence[str], on_progress: Callable[[int], None] | None = None) -> Vectors:
        embedded.extend(texts)
        return original(self, texts, on_progress)

    monkeypatch.setattr(BundledEmbedder, "embed_questions", told)
    assert build(corpus, tmp_path / "index", embedder).manifest.bridges == 3
    assert embedded == [LINES[2]]
