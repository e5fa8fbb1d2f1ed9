"""What a text refers to beside articles: the pages of the source it is based on."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.embedding import BundledEmbedder
from indexer.generation import build
from indexer.index import open_index
from indexer.references import find_pages
from tests.samples import write_pdf


@pytest.mark.parametrize(
    ("text", "pages"),
    [
        ("Zo staat het er (LEARN-aanbevelingen, p. 22).", ("22",)),
        ("twee keer (p. 9) en nog eens (p. 9)", ("9",)),
        ("(LEARN-aanbevelingen, p. 21, 22 en 23)", ("21", "22", "23")),
        ("(p. 4-6)", ("4", "5", "6")),
        ("dat kost 22 euro per maand", ()),
    ],
)
def test_pages_are_read_as_people_name_them(text: str, pages: tuple[str, ...]) -> None:
    assert find_pages(text) == pages


def test_a_guide_leads_to_the_page_it_is_based_on(tmp_path: Path, embedder: BundledEmbedder) -> None:
    write_pdf(tmp_path / "rapport.pdf")
    first, second = ("1", "2")
    (tmp_path / "gids.md").write_text(
        f"---\nid: gids\nkind: guide\nbased_on:\n  - source: rapport\n    pages: ['{second}']\n---\n"
        f"# Gids\n\nHoe het zit, staat er (Rapport, p. {second}). Elders niet (p. {first}).\n",
        encoding="utf-8",
    )
    build(tmp_path, tmp_path / "index", embedder)
    index = open_index(tmp_path / "index")
    (passage,) = index.passages_of("gids")
    every = frozenset(index.sources)
    places = index.passages(index.linked([passage.id], every)[passage.id])
    assert {place.page for place in places.values()} == {second}
    assert not index.linked([passage.id], frozenset({"gids"})), "a source that may not be read leads nowhere"
    index.close()
