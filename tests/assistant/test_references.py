"""An article that a passage refers to can be opened beside it, in the right law and the right version."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.answering.extractive import cite
from assistant.reading import open_reference, references
from indexer.embedding import BundledEmbedder
from indexer.generation import build
from indexer.index import Index, open_index
from tests.samples import law

ONE = (
    "<artikel><kop><label>Artikel</label><nr>1</nr></kop><lid><lidnr>1</lidnr><al>De boete, bedoeld in artikel 2, "
    "tweede lid, geldt niet in het geval van artikel 7 van de Participatiewet, van artikel 3 van de Spaarbankwet of "
    "van artikel 9.</al></lid></artikel>"
    "<artikel><kop><label>Artikel</label><nr>2</nr></kop><lid><lidnr>1</lidnr><al>Eerste regel.</al></lid>"
    "<lid><lidnr>2</lidnr><al>{term} regel.</al></lid></artikel>"
)
OTHER = "<artikel><kop><label>Artikel</label><nr>7</nr></kop><al>Het college heeft een opdracht.</al></artikel>"
GUIDE = """# Gids

Eerst de boete (artikel 2 en artikel 1 Wet sparen), dan de opdracht (artikel 7, Participatiewet; artikel 2).
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, embedder: BundledEmbedder) -> Iterator[Index]:
    folder: Path = tmp_path_factory.mktemp("references")
    for day, term in (("2022-01-01", "Oude"), ("2024-01-01", "Nieuwe")):
        (folder / f"{day}.xml").write_text(law(day=day, body=ONE.format(term=term)), encoding="utf-8")
    (folder / "pw.xml").write_text(law("BWBR0015703", title="Participatiewet", body=OTHER), encoding="utf-8")
    (folder / "gids.md").write_text(GUIDE, encoding="utf-8")
    build(folder, folder / "index", embedder)
    made = open_index(folder / "index")
    yield made
    made.close()


def labels(index: Index, passage_id: str) -> list[str]:
    passage = index.passage(passage_id)
    assert passage is not None
    citation = cite(index, passage, passage.start, passage.end, 1)
    return [reference.label for reference in references(index, citation, passage.text)]


def test_only_articles_that_are_here_are_offered(index: Index) -> None:
    assert labels(index, "BWBR0099001@2022-01-01/artikel-1-lid-1") == ["artikel 2", "artikel 7 P-wet"]


def test_a_guide_must_name_the_law(index: Index) -> None:
    assert labels(index, "gids/gids") == ["artikel 2 Wet sparen", "artikel 1 Wet sparen", "artikel 7 P-wet"]


@pytest.mark.parametrize(("day", "text"), [("2022-01-01", "Oude regel."), ("2024-01-01", "Nieuwe regel.")])
def test_the_lid_opens_in_the_version_of_the_passage(index: Index, day: str, text: str) -> None:
    passage = index.passage(f"BWBR0099001@{day}/artikel-1-lid-1")
    assert passage is not None
    citation = cite(index, passage, passage.start, passage.end, 1)
    opened = open_reference(index, references(index, citation, passage.text)[0])
    assert opened is not None
    assert (opened.locator, opened.quote) == ("artikel 2, lid 2", text)
