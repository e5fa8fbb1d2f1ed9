"""The page Vraag: its states without a browser, and its main job in a real one."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from indexer.embedding import BundledEmbedder
from tests.samples import GUIDE

ROOT = Path(__file__).resolve().parent.parent.parent
CHROMIUM = Path("/usr/bin/chromium")
QUESTION = "Hoe lang duurt het spaargesprek?"


@pytest.fixture
def page(
    index_folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, embedder: BundledEmbedder
) -> Iterator[AppTest]:
    """The page over the small index."""
    monkeypatch.setenv("LEIDRAAD_INDEX", str(index_folder))
    monkeypatch.setenv("LEIDRAAD_CACHE", str(cache))
    st.cache_resource.clear()
    yield AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    st.cache_resource.clear()


def html(app: AppTest) -> str:
    return " ".join(str(block.proto.body) for block in app.get("html"))


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


@pytest.mark.browser
def test_a_person_asks_and_reads_the_cited_quote(index_folder: Path, cache: Path, tmp_path: Path) -> None:
    if not CHROMIUM.exists():
        pytest.skip("no /usr/bin/chromium on this machine (.ci/run installs it)")
    from playwright.sync_api import sync_playwright

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "LEIDRAAD_INDEX": str(index_folder),
        "LEIDRAAD_CACHE": str(cache),
        "LEIDRAAD_RECORDS": f"sqlite:///{tmp_path / 'r.sqlite'}",
    }
    server = subprocess.Popen(
        [Path(sys.executable).parent / "leidraad", "serve", "--port", str(port), "--headless"],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        for _ in range(120):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1):
                    break
            except OSError:
                time.sleep(0.25)
        flags = "headless no-sandbox disable-gpu disable-quic no-first-run disable-background-networking"
        arguments = [f"--{flag}" for flag in f"{flags} disable-component-update disable-sync".split(" ")]
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch_persistent_context(
                str(tmp_path / "profile"), executable_path=str(CHROMIUM), args=arguments, headless=True
            )
            tab = browser.new_page()
            tab.goto(f"http://localhost:{port}")
            tab.get_by_text("Waar kan ik u mee helpen?").wait_for(timeout=60_000)
            question = tab.get_by_test_id("stChatInputTextArea")
            question.fill(QUESTION)
            question.press("Enter")
            quote = tab.locator("mark").first
            quote.wait_for(timeout=60_000)
            text = quote.inner_text()
            assert "duurt 45 minuten" in text
            assert text in GUIDE.replace("**", "")
            browser.close()
    finally:
        server.terminate()
        server.wait(timeout=20)
