"""What the sources are known not to answer is refused by name, unless a municipality's own text answers it."""

from __future__ import annotations

from pathlib import Path

from assistant.assistant import Assistant
from assistant.models import Answer, Status
from assistant.settings import load_settings
from indexer.embedding import BundledEmbedder
from indexer.generation import build
from tests.samples import law

GAPS = """[[gap]]
topic = "de rente op spaargeld"
questions = ["hoeveel rente krijgt mijn klant op zijn spaargeld", "hoe hoog is de spaarrente"]
"""
LAYER = """work = "BWBR0099001"
[[place]]
article = "1"
lid = "1"
questions = ["hoeveel jaar heeft mijn klant om te sparen"]
"""
OWN = "# Rente\n\nDe klant krijgt op zijn spaargeld bij de gemeentelijke bank een rente van 3 procent.\n"


def ask(folder: Path, embedder: BundledEmbedder, question: str, *, own: bool = False) -> Answer:
    (folder / "plain").mkdir(exist_ok=True)
    (folder / "local").mkdir(exist_ok=True)
    (folder / "wet.xml").write_text(law(), encoding="utf-8")
    (folder / "plain" / "gaps.toml").write_text(GAPS, encoding="utf-8")
    (folder / "plain" / "wet.toml").write_text(LAYER, encoding="utf-8")
    if own:
        (folder / "local" / "rente.md").write_text(OWN, encoding="utf-8")
    build(folder, folder / "index", embedder)
    assistant = Assistant(load_settings(index=folder / "index"), embedder)
    answer = assistant.ask(question)
    assistant.index().close()
    return answer


def test_a_known_gap_is_refused_and_named(tmp_path: Path, embedder: BundledEmbedder) -> None:
    answer = ask(tmp_path, embedder, "Hoeveel rente krijgt mijn klant op zijn spaargeld?")
    assert (answer.status, answer.outcome) == (Status.REFUSED, "known_gap")
    assert answer.text.startswith("Over de rente op spaargeld staat niets in de bronnen. Vraag het aan")
    assert not answer.citations


def test_a_question_that_leads_somewhere_is_no_gap(tmp_path: Path, embedder: BundledEmbedder) -> None:
    answer = ask(tmp_path, embedder, "Hoeveel jaar heeft mijn klant om te sparen?")
    assert answer.status is Status.ANSWERED
    assert "drie jaar" in answer.text


def test_a_municipality_s_own_text_fills_the_gap(tmp_path: Path, embedder: BundledEmbedder) -> None:
    answer = ask(tmp_path, embedder, "Hoeveel rente krijgt mijn klant op zijn spaargeld?", own=True)
    assert answer.status is Status.ANSWERED
    assert "3 procent" in answer.text
