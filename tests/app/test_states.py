"""The page Vraag with a model that is absent, slow or away, and what is shown while an answer comes."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import docx
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from assistant.assistant import Assistant
from assistant.copy_text import as_paper, as_text
from assistant.export import to_docx, to_pdf
from tests.app.conftest import ROOT, click, html
from tests.model_server import Reply, as_json, passages, serving

QUESTION = "Hoe lang duurt het spaargesprek?"
QUOTE = "Het spaargesprek duurt 45 minuten en de consulent voert het gesprek op het gemeentehuis."


def ask(app: AppTest) -> str:
    app.run()
    app.chat_input[0].set_value(QUESTION).run()
    assert not app.exception
    return html(app)


def test_without_a_model_it_says_that_the_sources_speak(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEIDRAAD_MODE", "generative")
    shown = ask(page)
    assert "Er is geen taalmodel aangesloten" in shown and "45 minuten" in shown


def test_a_model_that_is_away_costs_no_answer(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEIDRAAD_MODE", "generative")
    monkeypatch.setenv("LEIDRAAD_CHAT_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("LEIDRAAD_CHAT_MODEL", "weg")
    monkeypatch.setenv("LEIDRAAD_CHAT_TRIES", "1")
    shown = ask(page)
    assert "45 minuten" in shown and "zinnen uit de bronnen zelf" in shown


def test_a_slow_model_is_waited_for_and_checked(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as model:

        def script(payload: dict[str, object]) -> Reply:
            number = next(n for n, text in passages(payload).items() if QUOTE in text)
            return Reply(text=as_json([("Het spaargesprek duurt 45 minuten.", [(number, QUOTE)])]), before=0.5)

        model.script = script
        monkeypatch.setenv("LEIDRAAD_MODE", "generative")
        monkeypatch.setenv("LEIDRAAD_CHAT_URL", model.url)
        monkeypatch.setenv("LEIDRAAD_CHAT_MODEL", "proef")
        monkeypatch.setenv("LEIDRAAD_CHAT_SLOW_SECONDS", "0.1")
        shown = ask(page)
    assert "taalmodel, citaten gecontroleerd" in shown and "<mark>Het spaargesprek duurt 45 minuten" in shown


def test_a_sentence_that_is_not_verified_is_said_to_be_checked() -> None:
    def app() -> None:
        import streamlit as st

        from assistant.events import ClaimSeen, ClaimState, StepBegan
        from assistant.pages.parts.coming import show_coming

        def events():  # type: ignore[no-untyped-def]
            yield StepBegan(name="answering")
            yield ClaimSeen(position=0, state=ClaimState.CHECKING, text="Verzonnen.")
            yield ClaimSeen(position=1, state=ClaimState.VERIFIED, text="Waar <b>en</b> wel.")
            yield ClaimSeen(position=2, state=ClaimState.VERIFIED, text="Later gevallen.")
            yield ClaimSeen(position=2, state=ClaimState.DROPPED, text="Later gevallen.")
            st.stop()

        show_coming(events(), st.empty())

    run = AppTest.from_function(app).run()
    assert not run.exception
    shown = html(run)
    assert "Waar &lt;b&gt;" in shown and "gevallen" not in shown
    assert 'leidraad-checking">Verzonnen. (wordt gecontroleerd …)' in shown


def test_copy_and_export_hold_the_answer_with_every_source(assistant: Assistant) -> None:
    answer = assistant.ask("Binnen hoeveel jaar moet de spaarplichtige aan de spaarplicht voldoen?")
    text = as_text(answer, date(2026, 1, 2), "en")
    paper = as_paper(answer, date(2026, 1, 2))
    assert text.startswith("Question: ") and "Looked up with Leidraad on 2 januari 2026" in text
    word = "\n".join(p.text for p in docx.Document(io.BytesIO(to_docx(paper))).paragraphs)
    for citation in answer.citations:
        quote = " ".join(citation.quote.split())
        assert quote in text and quote in word and citation.locator in word and "versie 1 juni 2024" in word
    assert to_pdf(paper).startswith(b"%PDF")


def test_the_answer_can_be_taken_along_as_word_and_pdf(page: AppTest) -> None:
    ask(page)
    click(page, "Kopieer")
    assert [button.proto.label for button in page.get("download_button")] == ["Word-bestand (DOCX)", "PDF"]


def test_an_index_that_cannot_be_read_is_one_sentence_on_every_page(
    at_page: Callable[[str], AppTest], index_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "kapot"
    shutil.copytree(index_folder, broken)
    for file in broken.rglob("lexical.sqlite"):
        file.write_bytes(b"niet meer wat het was")
    at_page("vraag")
    monkeypatch.setenv("LEIDRAAD_INDEX", str(broken))
    st.cache_resource.clear()
    for name in ("vraag", "bronnen", "scenarios", "inwerken", "afwegen", "nakijken", "kwaliteit", "beheer"):
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
        app.switch_page(f"assistant/pages/{name}.py").run()
        assert not app.exception, name
        said = " ".join(str(block.value) for kind in ("info", "warning", "error") for block in app.get(kind))
        if name == "vraag":
            app.chat_input[0].set_value(QUESTION).run()
            assert not app.exception and "Traceback" not in html(app)
            assert app.session_state.answers[0].outcome == "failed"
        elif name in ("bronnen", "kwaliteit", "beheer"):
            assert said, name
    st.cache_resource.clear()
