"""In a real browser: a group plays a scenario, somebody learns, somebody weighs; and no WCAG A or AA violation."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest

from tests.app.conftest import violations

pytestmark = pytest.mark.browser
Open = Callable[..., Any]


def test_a_group_votes_plays_and_debriefs(open_tab: Open) -> None:
    tab = open_tab("scenarios")
    tab.get_by_role("heading", name="Tien over negen").wait_for()
    assert violations(tab) == []
    begin = tab.locator(".st-key-group-tien-over-negen button")
    begin.focus()
    tab.keyboard.press("Enter")
    tab.wait_for_function("document.activeElement?.textContent === 'Tien over negen'")
    tab.get_by_text("Hoe begint Ilse?").wait_for()
    assert tab.evaluate("document.activeElement.tagName") == "H1"
    votes = tab.get_by_label("Stemmen voor B")
    votes.fill("4")
    votes.press("Tab")
    tab.get_by_role("button", name="Toon de keuzes van de groep").click()
    tab.get_by_text("(4 van 4)").wait_for()
    assert violations(tab) == []
    for last in (False, False, True):
        tab.get_by_role("button", name="Speel deze keuze").click()
        tab.get_by_text("Wat er gebeurt:").wait_for()
        tab.get_by_role("button", name="Naar de nabespreking" if last else "Verder").click()
        if not last:
            tab.get_by_label("Stemmen voor A").fill("2")
            tab.get_by_label("Stemmen voor A").press("Tab")
            tab.get_by_role("button", name="Toon de keuzes van de groep").click()
            tab.get_by_text("(2 van 2)").wait_for()
    tab.get_by_role("heading", name="Nabespreking").wait_for()
    assert tab.get_by_text("Wanneer kwam u zelf te laat, en wat dacht de ander?").is_visible()


def test_somebody_learns_by_keyboard_and_finds_it_again_after_reloading(open_tab: Open) -> None:
    tab = open_tab("inwerken")
    tab.locator(".st-key-open-inburgering button").click()
    tab.get_by_role("button", name="PIP en termijn").click()
    answer = tab.get_by_label("Binnen hoeveel weken stelt het college het PIP vast?")
    answer.fill("tien weken")
    answer.press("Enter")
    tab.get_by_text("Goed. Binnen 10 weken.").wait_for()
    assert violations(tab) == []
    tab = open_tab("inwerken")
    tab.get_by_role("tab", name="Overzicht").click()
    tab.get_by_text("1 van 15 vragen beantwoord, waarvan 1 in één keer goed").wait_for()


def test_somebody_weighs_and_takes_a_note_without_a_name_along(open_tab: Open) -> None:
    tab = open_tab("afwegen")
    tab.get_by_text("Duurzaam werk", exact=True).click()
    text = tab.locator(".st-key-weigh-duurzaam-text textarea")
    text.fill("Mijn klant Ahmed komt met het traject verder.")
    text.press("Tab")
    tab.get_by_text("Verborgen: naam").wait_for()
    assert violations(tab) == []
    tab.get_by_role("button", name="Maak de notitie").click()
    with tab.expect_download() as download:
        tab.get_by_role("button", name="Bewaar als Word").click()
    told = "\n".join(p.text for p in docx.Document(io.BytesIO(Path(download.value.path()).read_bytes())).paragraphs)
    assert "Mijn klant [naam] komt met het traject verder." in told and "Ahmed" not in told
