"""In a real browser: the policy team reads a run and makes a known question, and a colleague looks along."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from assistant.assistant import Assistant
from assistant.records import Records
from assistant.reviews import Reviews
from assistant.roles import Person, Role
from tests.app.conftest import violations
from tests.app.test_kwaliteit import ASKED, remark, store_runs

pytestmark = pytest.mark.browser
Open = Callable[..., Any]


@pytest.fixture(scope="module")
def records(records_url: str) -> Records:
    """The records of the running app."""
    return Records(records_url)


def test_a_run_is_read_and_a_report_becomes_a_known_question(
    open_tab: Open, records: Records, assistant: Assistant
) -> None:
    store_runs(records, assistant, 4)
    remark(records, assistant, ASKED, "incomplete", "Er staat niet waar.")
    tab = open_tab("kwaliteit")
    tab.get_by_role("heading", name="Verloop").wait_for()
    assert tab.locator(".kw-chart img").first.get_attribute("alt") == "Scores per meting"
    tab.get_by_text("Alleen vragen die niet goed gingen").click()
    tab.get_by_text("Waar het antwoord staat").wait_for()
    assert violations(tab) == []
    tab.get_by_role("tab", name="Meldingen (1)").click()
    tab.get_by_text("Er staat niet waar.").wait_for()
    tab.get_by_role("button", name="Maak bekende vraag").click()
    tab.get_by_role("button", name="Bewaar bekende vraag").wait_for()
    assert violations(tab) == []
    tab.get_by_role("button", name="Bewaar bekende vraag").click()
    tab.get_by_text("De volgende meting stelt haar.").wait_for()
    tab.get_by_role("tab", name="Verslag").click()
    with tab.expect_download() as download:
        tab.get_by_role("button", name="Word", exact=True).click()
    assert download.value.suggested_filename == "kwaliteit.docx"


def test_a_colleague_corrects_an_answer_with_a_source(open_tab: Open, records: Records, assistant: Assistant) -> None:
    asker = Person(id="vrager", name="", roles=frozenset({Role.PROFESSIONAL}), collections=frozenset({"public"}))
    answer = assistant.ask(ASKED)
    kept = records.keep(answer, "c" * 32, asker.id)
    sources = assistant.index().sources
    Reviews(records).ask(kept, answer, asker, sources)
    tab = open_tab("nakijken")
    tab.get_by_text("duurt 45 minuten").first.wait_for()
    tab.get_by_role("radiogroup").get_by_text("Verbeteren").click()
    tab.get_by_role("button", name="Verstuur naar de vrager").click()
    tab.get_by_text("Een verbetering vraagt woorden en minstens één bron").wait_for()
    assert violations(tab) == []
    tab.get_by_label("Verbetering of reden").fill("45 minuten, op het gemeentehuis.")
    tab.get_by_label("Bronnen waarop de verbetering rust").click()
    tab.get_by_role("option", name="Spaarcoach aanvragen").first.click()
    tab.keyboard.press("Escape")
    tab.get_by_role("listbox").wait_for(state="hidden")
    tab.get_by_role("button", name="Verstuur naar de vrager").click()
    tab.get_by_text("Verstuurd.").wait_for()
    review = Reviews(records).of_answers([kept])[kept]
    assert review.note == "45 minuten, op het gemeentehuis." and review.citations
