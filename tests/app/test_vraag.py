"""The page Vraag: its states, without a browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.app.conftest import html

QUESTION = "Hoe lang duurt het spaargesprek?"


def test_it_starts_with_examples(page: AppTest) -> None:
    page.run()
    assert not page.exception
    assert page.title[0].value == "Waar kan ik u mee helpen?"
    assert len([button for button in page.button if button.key and button.key.startswith("example-")]) == 4


def test_an_answer_shows_its_quote_in_the_source(page: AppTest) -> None:
    page.run()
    page.chat_input[0].set_value(QUESTION).run()
    assert not page.exception
    shown = html(page)
    assert "<mark>Het spaargesprek duurt 45 minuten" in shown
    assert "zinnen uit de bronnen zelf" in shown
    assert any("Het spaargesprek" in button.label for button in page.button)


def test_each_question_leaves_a_line_with_an_id_of_its_own_and_not_its_words(
    page: AppTest, log_lines: Callable[[], list[dict[str, object]]]
) -> None:
    page.run()
    page.chat_input[0].set_value(f"Mijn klant Fatima Geheim (BSN 123456782): {QUESTION}").run()
    page.chat_input[0].set_value("Wat kost een rijbewijs B gemiddeld?").run()
    first, second = [line for line in log_lines() if line.get("event") == "answer"]
    assert (first["outcome"], first["mode"]) == ("answered", "extractive") and float(str(first["ms"])) > 0
    assert second["outcome"] == "no_evidence"
    assert first["request_id"] and second["request_id"] and first["request_id"] != second["request_id"]


def test_the_conversation_stays_and_can_begin_anew(page: AppTest) -> None:
    page.run()
    page.chat_input[0].set_value(QUESTION).run()
    page.chat_input[0].set_value("Wie mag er mee naar het spaargesprek?").run()
    assert len(page.session_state.answers) == 2
    assert QUESTION in html(page)
    next(button for button in page.button if button.label == "Nieuw gesprek").click().run()
    assert page.session_state.answers == []
    assert page.title[0].value == "Waar kan ik u mee helpen?"


def test_a_refusal_says_whom_to_ask_and_shows_no_source(page: AppTest) -> None:
    page.run()
    page.chat_input[0].set_value("Wat kost een rijbewijs B gemiddeld?").run()
    assert not page.exception
    assert "Vraag het aan" in html(page) and "<mark>" not in html(page)


def test_an_old_citation_opens_again(page: AppTest) -> None:
    page.run()
    page.chat_input[0].set_value(QUESTION).run()
    page.chat_input[0].set_value("Binnen hoeveel dagen beslist het wijkteam over de spaarcoach?").run()
    assert "<mark>Het spaargesprek" not in html(page)
    next(button for button in page.button if button.key == "cite-0-1").click().run()
    assert "<mark>Het spaargesprek" in html(page)
    next(button for button in page.button if button.label == "Sluit de bron").click().run()
    assert "<mark>" not in html(page)


def test_the_chosen_day_chooses_the_law(page: AppTest) -> None:
    import datetime

    page.run()
    page.date_input[0].set_value(datetime.date(2023, 1, 1)).run()
    page.chat_input[0].set_value("Binnen hoeveel jaar moet de spaarplichtige aan de spaarplicht voldoen?").run()
    assert "drie jaar" in html(page) and "peildatum 1 januari 2023" in html(page)
    assert "gold van 1 januari 2022 tot en met 31 mei 2024" in html(page)


def test_missing_official_texts_are_said_and_a_failing_site_changes_nothing(
    page: AppTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "sources.toml").write_text('[[source]]\nbwb = "BWBR0044770"\n', encoding="utf-8")
    monkeypatch.setenv("LEIDRAAD_CORPUS", str(tmp_path))
    monkeypatch.setenv("LEIDRAAD_REPOSITORY", "http://127.0.0.1:9")
    monkeypatch.setattr("indexer.download.ATTEMPTS", 1)
    page.run()
    assert any("nog niet ingelezen: Wet inburgering 2021" in block.value for block in page.info)
    next(button for button in page.button if button.label == "Haal de officiële teksten op").click().run()
    assert not page.exception
    assert any("Niet opgehaald: Wet inburgering 2021" in block.value for block in page.info)
    page.chat_input[0].set_value(QUESTION).run()
    assert "45 minuten" in html(page)


def test_a_term_of_the_field_explains_itself_once(
    page: AppTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "glossary.toml").write_text(
        '[[term]]\nterm = "spaargesprek"\neveryday = ["praatje"]\nexplanation = "Het \\"eerste\\" gesprek."\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("LEIDRAAD_CORPUS", str(tmp_path))
    page.run()
    page.chat_input[0].set_value(QUESTION).run()
    assert not page.exception
    shown = html(page)
    assert shown.count("<abbr") == 1
    assert '<abbr tabindex="0" title="Het &quot;eerste&quot; gesprek.">spaargesprek</abbr> duurt 45 minuten' in shown


def test_markup_in_a_question_stays_text(page: AppTest) -> None:
    page.run()
    page.chat_input[0].set_value("<img src=x onerror=alert(1)> hoe lang duurt het spaargesprek?").run()
    assert not page.exception
    assert "<img" not in html(page) and "&lt;img" in html(page)


def test_an_empty_index_is_said(page: AppTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LEIDRAAD_INDEX", str(tmp_path / "geen"))
    page.run()
    page.chat_input[0].set_value(QUESTION).run()
    assert not page.exception
    assert "nog geen bronnen ingelezen" in html(page)


def test_records_that_fail_do_not_cost_the_answer(
    page: AppTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "bestand").write_text("x", encoding="utf-8")
    monkeypatch.setenv("LEIDRAAD_RECORDS", f"sqlite:///{tmp_path / 'bestand' / 'r.sqlite'}")
    page.run()
    page.chat_input[0].set_value(QUESTION).run()
    assert not page.exception
    assert "45 minuten" in html(page)
