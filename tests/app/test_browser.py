"""Each page's main job in a real browser, by people who see, who listen, who use the keyboard, and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.app.conftest import violations
from tests.samples import GUIDE

pytestmark = pytest.mark.browser
QUESTION = "Hoe lang duurt het spaargesprek?"
Open = Callable[..., Any]


def ask(tab: Any, question: str = QUESTION) -> None:
    field = tab.get_by_test_id("stChatInputTextArea")
    field.fill(question)
    field.press("Enter")
    tab.get_by_role("button", name="Kopieer").last.wait_for()


def test_a_new_answer_is_said_aloud_and_the_focus_is_in_the_question_field(open_tab: Open) -> None:
    tab = open_tab()
    assert tab.evaluate("document.documentElement.lang") == "nl"
    ask(tab)
    quote = tab.locator("mark").first
    quote.wait_for()
    assert "duurt 45 minuten" in quote.inner_text() and quote.inner_text() in GUIDE.replace("**", "")
    tab.wait_for_function("document.getElementById('leidraad-live')?.textContent.includes('45 minuten')")
    tab.wait_for_function("document.activeElement?.dataset.testid === 'stChatInputTextArea'")
    assert tab.locator("#leidraad-live").get_attribute("aria-live") == "polite"


def test_the_keyboard_alone_asks_opens_a_source_and_closes_it(open_tab: Open) -> None:
    tab = open_tab()
    tab.get_by_test_id("stChatInputTextArea").focus()
    tab.keyboard.type(QUESTION)
    tab.keyboard.press("Enter")
    tab.locator("mark").first.wait_for()
    close = tab.get_by_role("button", name="Sluit de bron")
    close.focus()
    tab.keyboard.press("Enter")
    close.wait_for(state="detached")
    citation = tab.get_by_role("button", name="[1]")
    for _ in range(60):
        tab.keyboard.press("Shift+Tab")
        if citation.evaluate("element => element === document.activeElement"):
            break
    else:
        pytest.fail("the citation cannot be reached with the keyboard")
    tab.keyboard.press("Enter")
    tab.locator("mark").first.wait_for()


def test_on_a_phone_the_answer_comes_first_and_the_source_fills_the_screen(open_tab: Open) -> None:
    tab = open_tab(width=390)
    ask(tab)
    assert not tab.locator("mark").first.is_visible()
    tab.get_by_role("button", name="[1]").click()
    tab.locator(".st-key-source mark").first.wait_for()
    box = tab.locator(".st-key-source").bounding_box()
    assert box["x"] == 0 and box["width"] == 390
    tab.get_by_role("button", name="Sluit de bron").click()
    tab.locator("mark").first.wait_for(state="detached")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_interface_changes_to_english_and_the_page_says_so(open_tab: Open) -> None:
    tab = open_tab()
    tab.get_by_test_id("stSidebar").get_by_text("English").click()
    tab.get_by_role("heading", name="How can I help you?").wait_for()
    tab.wait_for_function("document.documentElement.lang === 'en'")


def test_two_versions_of_a_law_are_compared(open_tab: Open) -> None:
    tab = open_tab("bronnen")
    tab.get_by_role("radio", name="Versies vergelijken").click()
    tab.locator(".leidraad-diff ins").first.wait_for()
    assert tab.locator(".leidraad-diff ins").first.inner_text().strip() == "vijf"
    assert tab.locator(".leidraad-diff del").first.inner_text().strip() == "drie"


def test_a_source_is_read_in_place_and_searched(open_tab: Open) -> None:
    tab = open_tab("bronnen")
    tab.get_by_role("radio", name="Lezen").click()
    tab.get_by_role("combobox", name="Welke bron?").click()
    tab.get_by_role("option", name="Het spaargesprek: voorbereiden en voeren").click()
    tab.locator(".leidraad-passage").get_by_text("op het gemeentehuis").wait_for()
    search = tab.get_by_label("Zoek in deze bron")
    search.fill("tolk")
    search.press("Enter")
    tab.get_by_text("keer gevonden").wait_for()
    tab.get_by_text("De klant mag een tolk meenemen naar het spaargesprek.").first.wait_for()
    assert violations(tab) == []


def test_the_check_itself_finds_what_is_wrong(open_tab: Open) -> None:
    tab = open_tab()
    tab.evaluate(
        "document.body.insertAdjacentHTML('beforeend', "
        '\'<img src="data:,"><p style="position:fixed;top:0;left:0;z-index:9999999;'
        "color:#bbb;background:#fff\">grijs</p>')"
    )
    found = {violation.partition(":")[0] for violation in violations(tab)}
    assert {"image-alt", "color-contrast"} <= found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["", "bronnen", "nakijken", "kwaliteit", "beheer"])
def test_no_page_breaks_wcag(open_tab: Open, path: str, scheme: str) -> None:
    tab = open_tab(path, scheme=scheme)
    if not path:
        ask(tab)
        tab.get_by_role("button", name="Kopieer").click()
        tab.get_by_text("Kopieer deze tekst met bronnen").wait_for()
        assert violations(tab) == []
        tab.get_by_role("button", name="Helpt dit antwoord?").click()
        tab.get_by_role("button", name="Verstuur").last.wait_for()
    assert violations(tab) == []


@pytest.mark.parametrize("view", ["Lezen", "Versies vergelijken", "Bijhouden"])
def test_no_view_of_the_sources_breaks_wcag(open_tab: Open, view: str) -> None:
    tab = open_tab("bronnen")
    tab.get_by_role("radio", name=view).click()
    tab.wait_for_timeout(1500)
    assert violations(tab) == []


def test_a_backup_comes_down_as_a_file(open_tab: Open, tmp_path: Path) -> None:
    tab = open_tab("beheer")
    tab.get_by_role("radio", name="Reservekopie").click()
    tab.get_by_role("button", name="Maak een reservekopie").click()
    with tab.expect_download() as download:
        tab.get_by_role("button", name="Download de reservekopie").click()
    file = tmp_path / "b.tar.gz"
    download.value.save_as(file)
    import tarfile

    with tarfile.open(file) as archive:
        assert {"backup.json", "records.sqlite"} <= set(archive.getnames())
