"""The page Afwegen: weighing, masking, the note, and going on later."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from assistant.weighing import DISCLAIMER
from tests.app.conftest import click, html

pytestmark = pytest.mark.usefixtures("one_assistant")


@pytest.fixture
def page(at_page: Callable[[str], AppTest]) -> AppTest:
    """The page."""
    return at_page("afwegen")


def test_the_seven_criteria_stand_there_and_nothing_is_decided(page: AppTest) -> None:
    assert not page.exception
    labels = [block.label for block in page.expander]
    assert "Duurzaam werk" in labels and "Gender en interculturele aspecten" in labels
    assert DISCLAIMER in " ".join(block.value for block in page.markdown)
    assert next(b for b in page.button if b.label == "Maak de notitie").disabled


def test_a_weighing_ends_in_a_note_to_take_along(page: AppTest) -> None:
    page.text_input(key="weigh-subject").set_value("Baan of traject")
    page.text_area(key="weigh-duurzaam-text").set_value("Het traject geeft op termijn meer.").run()
    page.checkbox(key="weigh-taalniveau-aside").check().run()
    click(page, "Maak de notitie")
    assert not page.exception
    shown = html(page)
    assert "Overweging: Het traject geeft op termijn meer." in shown
    assert "Speelt hier geen rol" in shown and "Niet gewogen" in shown
    assert "LEARN, Technische aanbevelingen, p. 22" in shown
    labels = [b.label for b in page.get("download_button")]
    assert labels == ["Bewaar het concept", "Bewaar als Word", "Bewaar als PDF"]


def test_personal_data_is_masked_as_soon_as_it_is_typed(page: AppTest) -> None:
    page.text_area(key="weigh-duurzaam-text").set_value("Mijn klant Ahmed belde met 06 12345678.").run()
    assert page.text_area(key="weigh-duurzaam-text").value == "Mijn klant [naam] belde met [telefoonnummer]."
    assert "Verborgen: naam, telefoonnummer" in page.info[0].value
    assert "Ahmed" not in str(page.session_state.to_dict())
    page.text_area(key="weigh-duurzaam-text").set_value("De klant belde.").run()
    assert not page.info


def test_what_was_typed_stays_while_another_page_is_open(page: AppTest) -> None:
    page.text_area(key="weigh-duurzaam-text").set_value("Blijft staan.").run()
    page.switch_page("assistant/pages/inwerken.py").run()
    page.switch_page("assistant/pages/afwegen.py").run()
    assert page.text_area(key="weigh-duurzaam-text").value == "Blijft staan."


def test_a_draft_is_taken_up_and_a_wrong_file_is_said(page: AppTest) -> None:
    upload = page.file_uploader(key="draft-file")
    draft = (
        "subject: Baan of les\nconsiderations:\n- {criterion: duurzaam, text: Eerder bedacht}\n"
        "- {criterion: weg, text: x}\n"
    )
    upload.set_value(("concept.yaml", draft.encode(), "application/yaml")).run()
    assert not page.exception
    assert page.text_input(key="weigh-subject").value == "Baan of les"
    assert page.text_area(key="weigh-duurzaam-text").value == "Eerder bedacht"
    page.file_uploader(key="draft-file").set_value(("kapot.yaml", b"subject: [", "application/yaml")).run()
    assert page.error[0].value == "Dit bestand is geen concept van een afweging."
    assert page.text_area(key="weigh-duurzaam-text").value == "Eerder bedacht"


def test_without_an_index_one_can_still_weigh(page: AppTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LEIDRAAD_INDEX", str(tmp_path / "geen"))
    st.cache_resource.clear()
    page.run()
    page.text_area(key="weigh-duurzaam-text").set_value("Zonder bronnen.").run()
    click(page, "Maak de notitie")
    assert not page.exception
    assert any("nog niet ingelezen" in block.value for block in page.caption)
    st.cache_resource.clear()
