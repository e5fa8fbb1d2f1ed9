"""A guide's sentence that names its article brings the article's own words along."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.settings import load_settings
from indexer.embedding import BundledEmbedder
from indexer.generation import build
from indexer.models import Kind
from tests.samples import law

WORK = "BWBR0044770"
GUIDE = """---
title: Sparen
id: gids-sparen
kind: guide
---
# Sparen

De klant heeft voor het vullen van het spaarpotje een vaste tijd (artikel 1, eerste lid, Wet inburgering 2021).

## Wat kost wegblijven?

Wegblijven van het gesprek over het spaarpotje kost geld (artikel 2 Wet inburgering 2021).

## Wie helpt met het formulier?

De balie helpt de klant met het formulier van het spaarpotje (artikel 9 Wet inburgering 2021).
"""


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory, embedder: BundledEmbedder) -> Iterator[Assistant]:
    folder: Path = tmp_path_factory.mktemp("grounded")
    (folder / "gids.md").write_text(GUIDE, encoding="utf-8")
    for day, term in (("2022-01-01", "drie"), ("2024-01-01", "vijf")):
        (folder / f"{day}.xml").write_text(law(WORK, day, term=term), encoding="utf-8")
    build(folder, folder / "index", embedder)
    made = Assistant(load_settings(index=folder / "index"), embedder)
    yield made
    made.index().close()


@pytest.mark.parametrize(("day", "term"), [(date(2023, 1, 1), "drie"), (date(2025, 1, 1), "vijf")])
def test_the_lid_of_the_right_version_is_quoted_under_the_guide(assistant: Assistant, day: date, term: str) -> None:
    answer = assistant.ask("Hoeveel tijd heeft de klant voor het vullen van het spaarpotje?", as_of=day)
    guide, lid = (answer.citations[number - 1] for number in answer.claims[0].citations[:2])
    assert (guide.kind, lid.kind, lid.locator) == (Kind.GUIDE, Kind.LAW, "artikel 1, lid 1")
    assert f"binnen {term} jaar" in lid.quote
    assert [c.number for c in answer.citations] == list(range(1, len(answer.citations) + 1))


def test_an_article_that_is_not_there_is_not_cited(assistant: Assistant) -> None:
    answer = assistant.ask("Wie helpt de klant met het formulier van het spaarpotje?", as_of=date(2025, 1, 1))
    assert "balie" in answer.claims[0].text
    assert len(answer.claims[0].citations) == 1
