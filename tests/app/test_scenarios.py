"""The page Scenario's: choosing, playing alone and with a group, and making one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from assistant.scenarios import Scenario, load_scenarios
from assistant.settings import load_settings
from tests.app.conftest import click, html, said
from tests.assistant.test_scenarios import scenario

pytestmark = pytest.mark.usefixtures("one_assistant")


@pytest.fixture
def page(at_page: Callable[[str], AppTest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page, with a corpus folder of its own for what a trainer makes."""
    monkeypatch.setenv("LEIDRAAD_CORPUS", str(tmp_path / "corpus"))
    return at_page("scenarios")


def shipped(name: str) -> Scenario:
    found = load_scenarios(load_settings()).get(name)
    assert found is not None
    return found


def test_all_scenarios_are_listed_and_can_be_narrowed(page: AppTest) -> None:
    assert not page.exception
    titles = {block.value for block in page.subheader}
    assert {"Zegt u het maar", "Er alleen voor", "Drie dossiers, een traject"} <= titles
    page.button_group(key="scenario-theme").set_value("gender").run()
    titles = {block.value for block in page.subheader}
    assert "Er alleen voor" in titles and "Zegt u het maar" not in titles


def test_alone_a_choice_shows_consequence_feedback_and_source(page: AppTest) -> None:
    played = shipped("tien-over-negen")
    page.button(key="alone-tien-over-negen").click().run()
    assert page.title[0].value == "Tien over negen"
    page.button(key="option-binnenkomst-1").click().run()
    assert not page.exception
    chosen = played.decisions[0].options[1]
    assert chosen.consequence in html(page) and chosen.feedback in html(page) and "Helpt verder" in html(page)
    assert any("inburgering-handhaving#" in said(block.value) for block in page.caption)


def test_alone_the_way_ends_in_the_debrief(page: AppTest) -> None:
    page.button(key="alone-tien-over-negen").click().run()
    for decision in ("binnenkomst", "gevolgen", "oplossing"):
        page.button(key=f"option-{decision}-0").click().run()
        last = decision == "oplossing"
        click(page, "Naar de nabespreking" if last else "Verder")
    assert not page.exception
    assert page.header[0].value == "Nabespreking"
    assert shipped("tien-over-negen").debrief[0] in html(page)
    assert len(page.session_state.play_taken) == 3
    click(page, "Speel opnieuw")
    assert page.session_state.play_taken == []


def test_a_choice_can_be_taken_back(page: AppTest) -> None:
    page.button(key="alone-tien-over-negen").click().run()
    page.button(key="option-binnenkomst-0").click().run()
    click(page, "Kies toch anders")
    assert page.button(key="option-binnenkomst-1").label.startswith("B.")


def test_a_group_votes_and_sees_everyones_choices(page: AppTest) -> None:
    page.button(key="group-tien-over-negen").click().run()
    for at, votes in enumerate((1, 6, 3)):
        page.number_input(key=f"votes-binnenkomst-{at}").set_value(votes)
    click(page, "Toon de keuzes van de groep")
    assert "(6 van 10)" in html(page) and "width: 60%" in html(page)
    assert page.radio(key="path-binnenkomst").value == 1
    click(page, "Speel deze keuze")
    click(page, "Verder")
    assert not page.exception
    assert page.session_state.play_taken[0].votes == (1, 6, 3)


def test_a_tied_vote_is_said_and_the_group_chooses(page: AppTest) -> None:
    page.button(key="group-tien-over-negen").click().run()
    click(page, "Toon de keuzes van de groep")
    assert "Geen meerderheid" in page.info[0].value
    assert page.radio(key="path-binnenkomst").value is None
    assert next(b for b in page.button if b.label == "Speel deze keuze").disabled


def test_the_clock_runs_and_stops(page: AppTest) -> None:
    page.button(key="group-tien-over-negen").click().run()
    click(page, "Start de klok")
    assert 'role="timer"' in html(page)
    click(page, "Stop de klok")
    assert 'role="timer"' not in html(page)


def make(page: AppTest) -> AppTest:
    """Opens the form."""
    return page.button_group(key="scenario-task").set_value("make").run()


def fill(page: AppTest, **change: str) -> None:
    """The form with a scenario as the tests have it; its sources stand in the small index."""
    place = "gids-spaargesprek#Wie mag erbij zijn?"
    texts = {
        "title": "Een proef", "aims": "Luisteren", "situation": "Aan tafel.", "roles": "Sam: klant\nKim: consulent",
        "persona": "Rustig.", "weighs": "Rust\nTempo", "debrief": "Wat zag u?\nWat nu?", "facilitator": "Neem tijd.",
    } | change  # fmt: skip
    make(page)
    page.multiselect(key="new_guides").set_value(["gids-spaargesprek"]).run()
    for name, text in texts.items():
        (page.text_input if name == "title" else page.text_area)(key=f"new_{name}").set_value(text)
    for d in range(3):
        page.text_input(key=f"new_d{d}_question").set_value("Wat doet u?")
        for o in range(3):
            page.text_input(key=f"new_d{d}_o{o}_text").set_value(f"Keuze {o}")
            page.text_area(key=f"new_d{d}_o{o}_consequence").set_value("Het lukt.")
            page.text_area(key=f"new_d{d}_o{o}_feedback").set_value("Vraag door.")
            page.multiselect(key=f"new_d{d}_o{o}_places").set_value([place])


def confirm(page: AppTest) -> None:
    for box in page.checkbox:
        if str(box.key).startswith("new_check_"):
            box.check()


def test_a_new_scenario_is_checked_shown_and_kept(page: AppTest, tmp_path: Path) -> None:
    fill(page)
    click(page, "Controleer en bekijk")
    assert "Nog niet klaar: checklist: nog niet bevestigd" in said(page.error[0].value)
    confirm(page)
    click(page, "Controleer en bekijk")
    assert not page.error and not page.exception
    assert "Aan tafel." in html(page)
    click(page, "Bewaar het scenario")
    assert "Bewaard als een-proef.yaml" in page.success[0].value
    assert (tmp_path / "corpus" / "local" / "scenarios" / "een-proef.yaml").is_file()
    page.button_group(key="scenario-task").set_value("play").run()
    assert "Een proef" in {block.value for block in page.subheader}
    make(page)
    assert page.text_input(key="new_title").value == "Een proef", "the form keeps what was typed"


def test_an_empty_form_says_what_is_missing_first(page: AppTest) -> None:
    make(page)
    click(page, "Controleer en bekijk")
    assert page.error[0].value.startswith("Nog niet klaar:") and not page.exception


def test_personal_data_keep_a_scenario_out(page: AppTest) -> None:
    fill(page, situation="Bel 06 12345678 of mail jan@voorbeeld.nl.")
    confirm(page)
    click(page, "Bewaar het scenario")
    assert "Haal eerst de persoonsgegevens weg: telefoonnummer, e-mail" in said(page.error[0].value)


def test_an_existing_scenario_is_a_beginning(page: AppTest) -> None:
    make(page)
    page.selectbox(key="new_from").set_value("de-tolk-zegt-meer").run()
    assert not page.exception
    assert page.text_input(key="new_title").value == "De tolk zegt meer dan zij"
    assert page.text_input(key="new_d0_o0_leads").value == "3"
    confirm(page)
    page.text_input(key="new_title").set_value("De tolk zegt minder")
    click(page, "Controleer en bekijk")
    assert "Deze plaats staat in geen bron" in said(page.error[0].value)


def test_a_broken_own_file_is_named_and_the_rest_stays(page: AppTest, tmp_path: Path) -> None:
    folder = tmp_path / "corpus" / "local" / "scenarios"
    folder.mkdir(parents=True)
    (folder / "stuk.yaml").write_text("id: [", encoding="utf-8")
    page.run()
    assert "stuk.yaml is geen geldige YAML" in page.warning[0].value
    assert "Zegt u het maar" in {block.value for block in page.subheader}


def test_without_an_index_the_page_works(page: AppTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LEIDRAAD_INDEX", str(tmp_path / "geen"))
    st.cache_resource.clear()
    page.run()
    page.button(key="alone-tien-over-negen").click().run()
    page.button(key="option-binnenkomst-1").click().run()
    assert not page.exception
    assert any("nog niet ingelezen" in block.value for block in page.caption)
    st.cache_resource.clear()


def test_markup_in_an_own_scenario_stays_text(page: AppTest, tmp_path: Path) -> None:
    import yaml

    folder = tmp_path / "corpus" / "local" / "scenarios"
    folder.mkdir(parents=True)
    data = scenario(situation="<img src=x onerror=alert(1)>", aims=["<b>vet</b>"])
    (folder / "proef.yaml").write_text(yaml.safe_dump(data), encoding="utf-8")
    page.run()
    page.button(key="alone-proef").click().run()
    assert "<img" not in html(page) and "&lt;img" in html(page)
