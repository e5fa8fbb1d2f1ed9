"""An answer that rests on explanation says when the law itself is not at hand, or has changed since."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from assistant.assistant import Assistant
from assistant.settings import load_settings
from indexer.embedding import BundledEmbedder
from indexer.generation import build
from tests.samples import law

WORK = "BWBR0044770"
GUIDE = """---
title: "Sparen: de termijn"
id: gids-termijn
kind: guide
valid_from: 2022-01-01
based_on:
  - source: BWBR0044770
    articles: ["{article}"]
---
# Sparen: de termijn

De klant heeft voor het vullen van het spaarpotje precies drie jaar de tijd.
"""
QUESTION = "Hoeveel tijd heeft de klant voor het vullen van het spaarpotje?"


def warnings(tmp_path: Path, embedder: BundledEmbedder, article: str, *versions: tuple[str, str]) -> tuple[str, ...]:
    (tmp_path / "gids.md").write_text(GUIDE.format(article=article), encoding="utf-8")
    for day, term in versions:
        (tmp_path / f"{day}.xml").write_text(law(WORK, day, term=term), encoding="utf-8")
    build(tmp_path, tmp_path / "index", embedder)
    assistant = Assistant(load_settings(index=tmp_path / "index"), embedder)
    answer = assistant.ask(QUESTION, as_of=date(2025, 1, 1))
    assert answer.citations[0].source_id == "gids-termijn", answer.text
    assistant.index().close()
    return answer.warnings


def test_a_missing_law_is_named(tmp_path: Path, embedder: BundledEmbedder) -> None:
    (told,) = warnings(tmp_path, embedder, "1")
    assert told == "Dit antwoord rust op uitleg. De wettekst zelf is hier niet ingelezen: Wet inburgering 2021."


def test_a_law_that_changed_since_is_named(tmp_path: Path, embedder: BundledEmbedder) -> None:
    told = warnings(tmp_path, embedder, "1", ("2022-01-01", "drie"), ("2024-01-01", "vijf"))
    assert any("is ouder dan de Wet inburgering 2021 van 01-01-2024" in one for one in told)


def test_a_change_elsewhere_in_the_law_is_no_warning(tmp_path: Path, embedder: BundledEmbedder) -> None:
    assert not warnings(tmp_path, embedder, "2", ("2022-01-01", "drie"), ("2024-01-01", "vijf"))


def test_without_the_older_version_any_newer_law_counts(tmp_path: Path, embedder: BundledEmbedder) -> None:
    assert any("is ouder dan" in one for one in warnings(tmp_path, embedder, "2", ("2024-01-01", "vijf")))
