"""The order of passages: what the plain layer may move, and whom it may not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from assistant.retrieval import balanced, retrieve
from assistant.settings import load_weights
from indexer.embedding import BundledEmbedder
from indexer.generation import build
from indexer.index import Index, open_index
from tests.samples import law

OWN = {"u1": 0.9, "c1": 0.8, "u2": 0.7, "c2": 0.6, "c3": 0.5}
ADDED = {"c1": 0.0, "c2": 0.35, "c3": 0.1}


def order(uncovered: float, added: dict[str, float]) -> list[str]:
    found = balanced(list(OWN), set(added), OWN.__getitem__, lambda i: added.get(i, 0.0), uncovered)
    scores = [score for _, score in found]
    assert scores == sorted(scores, reverse=True)
    assert {identity for identity, _ in found} == set(OWN)
    return [identity for identity, _ in found]


def test_the_layer_adds_to_what_a_text_is_worth() -> None:
    assert order(0.0, ADDED) == ["c2", "u1", "c1", "u2", "c3"]


def test_a_text_without_a_layer_is_given_a_share_of_what_the_layer_adds_elsewhere() -> None:
    assert order(0.7, ADDED) == ["u1", "c2", "u2", "c1", "c3"]


def test_without_a_layer_the_texts_decide() -> None:
    assert order(0.7, {}) == list(OWN)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, embedder: BundledEmbedder) -> Iterator[Index]:
    folder: Path = tmp_path_factory.mktemp("layered")
    (folder / "plain").mkdir()
    (folder / "wet.xml").write_text(law(), encoding="utf-8")
    (folder / "nota.md").write_text("# Nota\n\nWie een bril draagt, ziet beter bij het sparen.\n", encoding="utf-8")
    (folder / "plain" / "wet.toml").write_text(
        'work = "BWBR0099001"\n[[place]]\narticle = "2"\nquestions = ["mijn klant kwam niet opdagen, wat nu"]\n',
        encoding="utf-8",
    )
    build(folder, folder / "index", embedder)
    made = open_index(folder / "index")
    yield made
    made.close()


def test_people_s_words_lead_to_the_article(index: Index, embedder: BundledEmbedder) -> None:
    allowed = index.allowed(date(2023, 1, 1))
    evidence, *_ = retrieve(index, embedder, "klant komt niet opdagen, wat nu?", allowed, load_weights())
    assert evidence[0].passage.locator == "artikel 2"
    assert (evidence[0].bridge or 0) > 0.9
    assert all(e.dense is not None for e in evidence)
    assert len({e.passage.id for e in evidence}) == len(evidence)


def test_the_layer_leads_nowhere_that_may_not_be_read(index: Index, embedder: BundledEmbedder) -> None:
    allowed = frozenset({"nota"})
    evidence, *_ = retrieve(index, embedder, "klant komt niet opdagen, wat nu?", allowed, load_weights())
    assert {e.passage.source_id for e in evidence} == {"nota"}
