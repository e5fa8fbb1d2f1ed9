"""History, feedback, reviews, sources and administration, without a browser."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from assistant.feedback import FeedbackBox, Feeling
from assistant.history import History
from assistant.people import People
from assistant.records import Records
from assistant.reviews import Reviews, ReviewState
from assistant.roles import Person, Role
from tests.app.conftest import ROOT, click, html

QUESTION = "Hoe lang duurt het spaargesprek?"
PAGES = ROOT / "assistant" / "pages"


@pytest.fixture
def records(tmp_path: Path) -> Records:
    return Records(f"sqlite:///{tmp_path / 'data' / 'records.sqlite'}")


def ask(app: AppTest, question: str = QUESTION) -> AppTest:
    app.run()
    app.chat_input[0].set_value(question).run()
    assert not app.exception
    return app


def on(app: AppTest, name: str) -> AppTest:
    app.run()
    app.switch_page(str(PAGES / f"{name}.py")).run()
    assert not app.exception
    return app


def view(app: AppTest, key: str, value: str) -> AppTest:
    next(group for group in app.button_group if group.key == key).set_value(value).run()
    assert not app.exception
    return app


def test_an_earlier_conversation_is_found_opened_renamed_and_deleted(page: AppTest, records: Records) -> None:
    ask(page)
    click(page, "Nieuw gesprek")
    ask(page, "Wie mag er mee naar het spaargesprek?")
    page.text_input(key="history-search").set_value("hoe lang").run()
    own = [button for button in page.button if button.key and button.key.startswith("conversation-")]
    assert len(own) == 1
    own[0].click().run()
    assert [a.question for a in page.session_state.answers] == [QUESTION] and "45 minuten" in html(page)
    next(field for field in page.text_input if field.label == "Nieuwe naam").set_value("Duur")
    click(page, "Hernoem")
    assert "Duur" in [c.title for c in History(records, "lokaal").conversations()]
    next(toggle for toggle in page.toggle if toggle.label == "Verwijder dit gesprek").set_value(True).run()
    click(page, "Ja, verwijder voorgoed")
    assert page.session_state.answers == []
    assert [c.title for c in History(records, "lokaal").conversations()] == ["Wie mag er mee naar het spaargesprek?"]


def test_the_answer_is_copied_as_text_with_its_sources(page: AppTest) -> None:
    ask(page)
    click(page, "Kopieer")
    text = page.code[0].value
    assert f"Vraag: {QUESTION}" in text and "Het spaargesprek: voorbereiden en voeren" in text
    assert "“Het spaargesprek duurt 45 minuten" in text and "De bron zelf gaat voor." in text


def test_a_thumb_with_reasons_and_a_masked_remark_is_kept(page: AppTest, records: Records) -> None:
    ask(page)
    click(page, "Helpt dit antwoord?")
    page.radio[0].set_value(Feeling.DOWN)
    page.multiselect[0].set_value(["incomplete"])
    page.text_area[0].set_value("Mail piet@voorbeeld.nl")
    click(page, "Verstuur")
    (given,) = FeedbackBox(records).inbox()
    assert given.feeling is Feeling.DOWN and given.reasons == ("incomplete",) and given.remark == "Mail [e-mail]"


def test_an_error_in_a_citation_is_reported(page: AppTest, records: Records) -> None:
    ask(page)
    page.multiselect[0].set_value(["wrong_place"])
    click(page, "Verstuur")
    (given,) = FeedbackBox(records).inbox()
    assert (given.feeling, given.citation, given.reasons) == (Feeling.CITATION, 1, ("wrong_place",))


def test_the_term_in_a_quote_gives_a_day(page: AppTest) -> None:
    import datetime

    ask(page, "Binnen hoeveel jaar moet de spaarplichtige aan de spaarplicht voldoen?")
    click(page, "Bereken een termijn")
    next(d for d in page.date_input if d.label == "Eerste dag").set_value(datetime.date(2024, 2, 29)).run()
    assert "vijf jaar vanaf 29 februari 2024: 28 februari 2029." in html(page)
    assert any("Wet sparen, artikel 1" in caption.value for caption in page.caption)


def test_a_colleague_looks_along_and_the_asker_sees_it_come_back(
    page: AppTest, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(page)
    click(page, "Laat een collega meekijken")
    click(page, "Vraag een collega")
    assert any("Nog niet nagekeken" in block.value for block in page.warning)
    # The asker does not review; somebody else does.
    assert any("Er wacht niets" in block.value for block in on(page, "nakijken").info)
    monkeypatch.setenv("LEIDRAAD_LOCAL_PERSON", "meelezer")
    on(page, "nakijken")
    page.radio[0].set_value("correct")
    page.text_area[0].set_value("Reken op een uur.")
    click(page, "Verstuur naar de vrager")
    assert any("minstens één bron" in block.value for block in page.warning)
    page.multiselect[0].set_value([page.session_state.answers[0].citations[0].passage_id])
    click(page, "Verstuur naar de vrager")
    assert any("De vrager ziet het" in block.value for block in page.success)
    monkeypatch.setenv("LEIDRAAD_LOCAL_PERSON", "lokaal")
    page.switch_page(str(PAGES / "vraag.py")).run()
    assert "Reken op een uur." in html(page) and "verbeterd op" in html(page)
    click(page, "Nieuw gesprek")
    ask(page)
    shown = html(page)
    assert any("eerder nagekeken" in block.value for block in page.info)
    assert shown.index("Reken op een uur.") < shown.index("Het antwoord van nu")


def test_a_hundred_turns_do_not_slow_the_page(page: AppTest) -> None:
    ask(page)
    began = time.perf_counter()
    page.run()
    one = time.perf_counter() - began
    answers, kept = list(page.session_state.answers), list(page.session_state.kept)
    page.session_state.answers = answers * 100
    page.session_state.kept = kept * 100
    page.session_state.checked = {}
    page.run()
    began = time.perf_counter()
    page.run()
    hundred = time.perf_counter() - began
    assert not page.exception and html(page).count(f">{QUESTION}</div>") == 10
    # Ten of them are drawn: at most ten times the work of one, and in practice far less; not a hundred times.
    assert hundred < max(12 * one, 2.0)
    click(page, "Toon eerdere vragen (90)")
    assert html(page).count(f">{QUESTION}</div>") == 30


def test_a_pdf_source_shows_its_page_with_the_quote_marked(page: AppTest) -> None:
    ask(page, "Wat kost een spaarcoach de gemeente per huishouden per jaar?")
    assert "900 euro" in html(page)
    view(page, "source-how", "page")
    (picture,) = page.get("image")
    assert "met het citaat gemarkeerd" in picture.proto.imgs[0].caption


def test_a_law_is_opened_as_its_article_with_the_lid_marked(page: AppTest) -> None:
    ask(page, "Hoe lang mag de verlenging van de spaartermijn duren?")
    shown = html(page)
    lid = re.search(r'<div class="leidraad-lid">(.*?)</div>', shown, re.DOTALL)
    assert (
        lid
        and "<mark>" in lid[1]
        and "<p>1 De spaarplichtige voldoet binnen vijf jaar" in shown
        and "binnen vijf jaar" not in lid[1]
    )


def test_the_sources_are_listed_read_and_searched(page: AppTest) -> None:
    on(page, "bronnen")
    assert "Spaarverordening Waterdam" in html(page) and "1 juni 2024" in html(page) and "8 bronnen" in html(page)
    page.text_input[0].set_value("verordening").run()
    assert "1 bronnen" in html(page) and "Wet sparen" not in html(page)
    view(page, "sources-view", "read")
    next(box for box in page.selectbox if box.label == "Welke bron?").set_value("gids-spaargesprek").run()
    page.text_input[0].set_value("FAMILIELID").run()
    assert "<mark>familielid</mark>" in html(page)
    next(button for button in page.button if button.label.startswith("Ga naar: Wie mag erbij")).click().run()
    assert "<h2>Wie mag erbij zijn?</h2>" in html(page)
    click(page, "Volgende")
    assert "<h2>Wat neemt de klant mee?</h2>" in html(page)


def test_two_versions_are_compared(page: AppTest) -> None:
    view(on(page, "bronnen"), "sources-view", "compare")
    assert "<del>drie </del><ins>vijf </ins>" in html(page)
    assert any("1 artikelen verschillen, 2 zijn gelijk" in block.value for block in page.markdown)


@pytest.mark.parametrize("name", ["bronnen", "nakijken", "beheer", "vraag"])
def test_every_page_says_it_when_there_is_no_index(
    page: AppTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    monkeypatch.setenv("LEIDRAAD_INDEX", str(tmp_path / "geen"))
    on(page, name)
    if name != "vraag":
        assert any("nog geen bronnen ingelezen" in block.value for block in page.info)


def test_who_does_not_manage_sees_no_upkeep_and_no_administration(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEIDRAAD_LOCAL_ROLES", '["professional"]')
    on(page, "bronnen")
    group = next(group for group in page.button_group if group.key == "sources-view")
    assert "Bijhouden" not in str(group.options)
    for name in ("beheer", "nakijken"):
        with pytest.raises(ValueError, match="Could not find a navigation page"):
            page.switch_page(str(PAGES / f"{name}.py"))


@pytest.mark.parametrize("name", ["health", "collections", "people", "settings", "backup", "use"])
def test_every_view_of_the_administration_opens(page: AppTest, name: str) -> None:
    ask(page)
    view(on(page, "beheer"), "admin-view", name)
    assert not page.error


def test_keys_and_passwords_are_not_shown_among_the_settings(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEIDRAAD_EMBEDDING_KEY", "geheim-een")
    monkeypatch.setenv("LEIDRAAD_REPOSITORY", "https://naam:geheim-twee@voorbeeld.nl")
    view(on(page, "beheer"), "admin-view", "settings")
    shown = html(page)
    assert "geheim" not in shown and "ingesteld, niet getoond" in shown and "https://…@voorbeeld.nl" in shown


def test_a_person_is_put_on_the_list_and_taken_off(page: AppTest, records: Records) -> None:
    view(on(page, "beheer"), "admin-view", "people")
    page.text_input[0].set_value("fatima")
    page.text_input[1].set_value("F. Meelezer")
    page.multiselect[0].set_value([Role.REVIEWER])
    click(page, "Bewaar")
    assert [(p.id, p.roles) for p in People(records).known()] == [("fatima", frozenset({Role.REVIEWER}))]
    click(page, "Haal van de lijst")
    assert People(records).known() == []


def test_english_words_with_the_same_dutch_answer(page: AppTest) -> None:
    page.run()
    view(page, "language", "en")
    assert page.title[0].value == "How can I help you?"
    page.chat_input[0].set_value(QUESTION).run()
    assert "sentences from the sources themselves" in html(page) and "duurt 45 minuten" in html(page)


def test_reviews_come_back_only_to_who_may_read_them(records: Records, page: AppTest) -> None:
    ask(page)
    answer = page.session_state.answers[0]
    asker = Person(id="a", name="", roles=frozenset({Role.PROFESSIONAL}), collections=frozenset({"public"}))
    reviewer = asker.model_copy(update={"id": "b", "roles": frozenset({Role.REVIEWER})})
    from assistant.pages.shared import assistant

    sources = assistant().index().sources
    box = Reviews(records)
    box.ask(page.session_state.kept[0], answer, asker, sources)
    (waiting,) = box.queue(reviewer, sources)
    box.decide(waiting.id, reviewer, ReviewState.REFUSED, sources, "Verkeerde gids.")
    page.run()
    assert "Verkeerde gids." in html(page)
