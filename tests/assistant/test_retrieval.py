"""The order of passages: what the plain layer may move, and whom it may not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from assistant.retrieval import retrieve, slotted
from assistant.settings import load_weights
from indexer.embedding import BundledEmbedder
from indexer.generation import build
from indexer.index import Index, open_index
from tests.samples import law

OWN = {"u1": 0.9, "c1": 0.8, "u2": 0.7, "c2": 0.6, "c3": 0.5}
LAYER = {"c1": 0.8, "c2": 1.5, "c3": 1.2}


def order(alike: set[str], in_front: int, covered: set[str] | None = None) -> list[str]:
    found = slotted(
        list(OWN),
        frozenset(covered or LAYER),
        OWN.__getitem__,
        lambda i: LAYER.get(i, OWN[i]),
        frozenset(alike),
        in_front,
    )
    scores = [score for _, score in found]
    assert scores == sorted(scores, reverse=True)
    assert {identity for identity, _ in found} == set(OWN)
    return [identity for identity, _ in found]


def test_covered_passages_change_places_among_themselves_only() -> None:
    assert order(set(), 1) == ["u1", "c2", "u2", "c3", "c1"]


def test_one_that_is_truly_alike_goes_in_front() -> None:
    assert order({"c2"}, 1) == ["c2", "u1", "c3", "u2", "c1"]
    assert order({"c2", "c3"}, 1) == ["c2", "u1", "c3", "u2", "c1"]
    assert order({"c3"}, 1) == ["u1", "c2", "u2", "c3", "c1"], "only the layer's best may go in front"


def test_without_a_layer_the_texts_decide_and_with_one_everywhere_the_layer_does() -> None:
    assert [i for i, _ in slotted(list(OWN), frozenset(), OWN.__getitem__, OWN.__getitem__, frozenset(), 1)] == list(
        OWN
    )
    assert order(set(), 1, set(OWN)) == ["c2", "c3", "u1", "c1", "u2"]


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
    evidence, _ = retrieve(index, embedder, "klant komt niet opdagen, wat nu?", allowed, load_weights())
    assert evidence[0].passage.locator == "artikel 2"
    assert (evidence[0].bridge or 0) > 0.9
    assert all(e.dense is not None for e in evidence)
    assert len({e.passage.id for e in evidence}) == len(evidence)


def test_the_layer_leads_nowhere_that_may_not_be_read(index: Index, embedder: BundledEmbedder) -> None:
    allowed = frozenset({"nota"})
    evidence, _ = retrieve(index, embedder, "klant komt niet opdagen, wat nu?", allowed, load_weights())
    assert {e.passage.source_id for e in evidence} == {"nota"}
