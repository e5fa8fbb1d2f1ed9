"""The page Inwerken: reading, answering, repeating what was missed, and the summary."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from assistant.pages.shared import records
from assistant.progress import Progress
from assistant.records import Records
from assistant.settings import load_settings
from tests.app.conftest import ROOT, click, html, said

pytestmark = pytest.mark.usefixtures("one_assistant")


@pytest.fixture
def page(at_page: Callable[[str], AppTest]) -> Iterator[AppTest]:
    """The page with records of its own."""
    records.clear()
    yield at_page("inwerken")
    records.clear()


def check(app: AppTest, question: str) -> AppTest:
    """Sends the form of a question."""
    return (
        next(b for b in app.button if b.label == "Controleer" and b.proto.form_id == f"module-{question}").click().run()
    )


def open_module(app: AppTest, path: str, module: str) -> AppTest:
    app.button(key=f"open-{path}").click().run()
    return app.button(key=f"module-{module}").click().run()


def test_the_four_paths_are_listed(page: AppTest) -> None:
    assert not page.exception
    titles = {block.value for block in page.subheader}
    assert {
        "Uw eerste week",
        "Inburgering onder de Wi2021",
        "De Participatiewet in uw werk",
        "Werken met statushouders",
    } <= titles


def test_a_right_answer_is_kept_and_a_wrong_one_shows_the_right_and_the_source(page: AppTest) -> None:
    open_module(page, "inburgering", "plan")
    page.text_input(key="module-plan-weken-typed").set_value("binnen tien weken")
    check(page, "plan-weken")
    assert "Goed. Binnen 10 weken." in page.success[0].value
    page.radio(key="module-plan-termijn-choice").set_value(1)
    check(page, "plan-termijn")
    assert not page.exception
    assert "Nog niet goed. Het antwoord: Drie jaar." in said(page.error[0].value)
    assert any("inburgering-termijn#Hoe lang heeft de klant om in te burgeren?" in said(c.value) for c in page.caption)
    stands = Progress(Records(load_settings().records)).of("lokaal")
    assert stands["plan-weken"].due is None and stands["plan-weken"].last_right
    assert stands["plan-termijn"].due == date.today() + timedelta(days=1)


def test_what_an_open_answer_lacks_is_said(page: AppTest) -> None:
    open_module(page, "inburgering", "routes")
    page.text_input(key="module-routes-drie-typed").set_value("B1-route en Z-route")
    check(page, "routes-drie")
    assert "In uw antwoord ontbreekt: onderwijsroute." in said(page.error[0].value)


def test_no_answer_is_no_mistake(page: AppTest) -> None:
    open_module(page, "inburgering", "plan")
    check(page, "plan-weken")
    assert page.warning[0].value == "Geef eerst een antwoord."
    assert Progress(Records(load_settings().records)).of("lokaal") == {}


def test_a_module_ends_and_leads_to_the_next(page: AppTest) -> None:
    open_module(page, "eerste-week", "wie")
    page.radio(key="module-wie-ieder-choice").set_value(1)
    check(page, "wie-ieder")
    page.radio(key="module-wie-cursus-choice").set_value(0)
    check(page, "wie-cursus")
    page.text_input(key="module-wie-vergunning-typed").set_value("5 jaar")
    check(page, "wie-vergunning")
    assert any("Deze module is klaar" in block.value for block in page.success)
    click(page, "Verder met: Welke inburgeringswet geldt?")
    assert page.title[0].value == "Welke inburgeringswet geldt?"
    click(page, "Terug naar het leerpad")
    assert any("klaar" in button.label for button in page.button)


def test_what_was_missed_is_repeated_when_it_is_due(page: AppTest) -> None:
    progress = Progress(Records(load_settings().records))
    progress.note("lokaal", "plan-weken", date.today() - timedelta(days=1), right=False)
    fresh = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    fresh.switch_page("assistant/pages/inwerken.py").run()
    assert any(tab.label == "Herhalen (1)" for tab in fresh.tabs)
    fresh.text_input(key="repeat-plan-weken-typed").set_value("10")
    next(b for b in fresh.button if b.proto.form_id == "repeat-plan-weken").click().run()
    assert not fresh.exception
    assert progress.of("lokaal")["plan-weken"].due == date.today() + timedelta(days=3)


def test_the_summary_can_be_taken_along_and_progress_wiped(page: AppTest) -> None:
    open_module(page, "inburgering", "plan")
    page.text_input(key="module-plan-weken-typed").set_value("12 weken")
    check(page, "plan-weken")
    click(page, "Terug naar het leerpad")
    click(page, "Alle leerpaden")
    assert "1 van 15 vragen beantwoord, waarvan 0 in één keer goed" in html(page)
    assert [b.label for b in page.get("download_button")] == ["Bewaar als Word", "Bewaar als PDF"]
    next(box for box in page.checkbox if box.label.startswith("Ja, wis")).check().run()
    click(page, "Wis mijn voortgang")
    assert "Er is nog niets geoefend." in html(page)
    assert Progress(Records(load_settings().records)).of("lokaal") == {}


def test_without_records_practising_goes_on_and_that_is_said(
    page: AppTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from assistant.pages.shared import records

    (tmp_path / "bestand").write_text("x", encoding="utf-8")
    monkeypatch.setenv("LEIDRAAD_RECORDS", f"sqlite:///{tmp_path / 'bestand' / 'r.sqlite'}")
    records.clear()
    fresh = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    fresh.switch_page("assistant/pages/inwerken.py").run()
    assert "wordt niet bewaard" in fresh.warning[0].value
    open_module(fresh, "inburgering", "plan")
    fresh.text_input(key="module-plan-weken-typed").set_value("10 weken")
    check(fresh, "plan-weken")
    assert not fresh.exception and "Goed." in fresh.success[0].value
