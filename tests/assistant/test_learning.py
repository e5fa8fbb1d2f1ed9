"""Checking open answers, when a missed question comes back, and what is kept of somebody."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path as File
from typing import Any

import pytest
import yaml

from assistant.errors import RecordsError
from assistant.export import to_docx
from assistant.learning import (
    INTERVALS,
    Path,
    Question,
    Stand,
    after_answer,
    due_questions,
    load_paths,
    missing_facts,
    module_state,
    summary_paper,
)
from assistant.progress import Progress
from assistant.records import Records
from assistant.settings import load_settings

TODAY = date(2026, 5, 4)


def question(**more: Any) -> dict[str, Any]:
    return {
        "id": "weken", "question": "Binnen hoeveel weken?", "facts": [["10 weken", "10"]], "answer": "Binnen 10 weken.",
        "based_on": ["inburgering-pip"], **more,
    }  # fmt: skip


def path(**more: Any) -> Path:
    choice = question(id="keuze", facts=[], options=[{"text": "ja", "right": True}, {"text": "nee"}])
    module = {
        "id": "m",
        "title": "M",
        "minutes": 10,
        "aim": "A",
        "read": ["inburgering-pip"],
        "questions": [question(), choice],
    }
    return Path.model_validate({"id": "p", "title": "Pad", "about": "Over.", "modules": [module], **more})


WEEKS = Question.model_validate(question())


@pytest.mark.parametrize(
    "answer", ["10 weken", "tien weken", "Dat is binnen tien weken.", "10", "10 hele weken", "Tien!"]
)
def test_a_number_is_right_in_digits_and_words(answer: str) -> None:
    assert missing_facts(WEEKS, answer) == ()


@pytest.mark.parametrize("answer", ["12 weken", "10 maanden", "10 of 12 weken", "weken", "", "100 weken", "10 jaar"])
def test_another_number_unit_or_a_guess_is_wrong(answer: str) -> None:
    assert missing_facts(WEEKS, answer) == ("10 weken",)


@pytest.mark.parametrize(
    ("answer", "right"),
    [("€ 250", True), ("250 euro", True), ("250,- euro", True), ("25 euro", False), ("€ 2.500", False)],
)
def test_an_amount_is_read_as_people_write_it(answer: str, right: bool) -> None:
    asked = Question.model_validate(question(facts=[["250 euro", "250"]]))
    assert (missing_facts(asked, answer) == ()) is right


def test_every_fact_must_be_there_and_a_missing_one_is_named() -> None:
    asked = Question.model_validate(question(facts=[["opvang", "kinderopvang"], ["reiskosten", "reizen"]]))
    assert missing_facts(asked, "Kinderopvang en het reizen") == ()
    assert missing_facts(asked, "De opvang moet geregeld zijn") == ("reiskosten",)


def test_a_phrase_may_have_a_word_between_and_a_date_counts_as_written() -> None:
    asked = Question.model_validate(question(facts=[["dag na"], ["1 januari 2022", "1-1-2022"]]))
    assert missing_facts(asked, "de dag direct na 1-1-2022") == ()
    assert missing_facts(asked, "de dag na 1 februari 2022") == ("1 januari 2022",)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"options": [{"text": "a", "right": True}]}, "niet beide"),
        ({"facts": [], "options": [{"text": "a"}, {"text": "b"}]}, "precies een keuze moet goed zijn"),
        ({"facts": [[]]}, "minstens een manier"),
        ({"based_on": []}, "based_on"),
    ],
)
def test_a_question_that_cannot_be_checked_is_a_mistake(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Question.model_validate(question(**change))


def test_a_wrong_own_path_is_named_and_the_shipped_ones_stay(tmp_path: File) -> None:
    folder = tmp_path / "local" / "learning"
    folder.mkdir(parents=True)
    (folder / "eigen.yaml").write_text("id: eigen\ntitle: Eigen\n", encoding="utf-8")
    shelf = load_paths(load_settings(corpus=tmp_path))
    assert shelf.wrong == ("eigen.yaml: veld 'about' ontbreekt.",)
    assert shelf.get("eerste-week") is not None and shelf.paths[0].id == "eerste-week"


def test_an_own_path_does_not_take_the_name_of_a_shipped_question(tmp_path: File) -> None:
    folder = tmp_path / "local" / "learning"
    folder.mkdir(parents=True)
    own = path().model_dump(mode="json", exclude_defaults=True)
    own["modules"][0]["questions"][0]["id"] = "wie-ieder"
    (folder / "p.yaml").write_text(yaml.safe_dump(own), encoding="utf-8")
    shelf = load_paths(load_settings(corpus=tmp_path))
    assert shelf.wrong == ("p.yaml: de id 'wie-ieder' is al gebruikt in een ander leerpad.",)
    assert shelf.get("p") is None


def test_what_is_right_at_once_never_comes_back() -> None:
    stand = after_answer(None, "weken", TODAY, right=True)
    assert stand.due is None and stand.first_right and stand.tries == 1


def test_what_was_missed_comes_back_at_growing_intervals_until_it_is_known() -> None:
    day = TODAY
    stand = after_answer(None, "weken", day, right=False)
    waits = []
    while stand.due is not None:
        waits.append((stand.due - day).days)
        day = stand.due
        stand = after_answer(stand, "weken", day, right=True)
    assert tuple(waits) == INTERVALS
    assert not stand.first_right and stand.last_right and stand.tries == 1 + len(INTERVALS)


def test_missing_it_again_begins_anew() -> None:
    stand = after_answer(None, "weken", TODAY, right=False)
    stand = after_answer(stand, "weken", TODAY + timedelta(days=1), right=True)
    assert stand.box == 1
    stand = after_answer(stand, "weken", TODAY + timedelta(days=4), right=False)
    assert (stand.box, stand.due) == (0, TODAY + timedelta(days=5))


def test_right_straight_after_missing_it_is_no_memory_and_waits_all_the_same() -> None:
    stand = after_answer(None, "weken", TODAY, right=False)
    again = after_answer(stand, "weken", TODAY, right=True)
    assert again.last_right
    assert (again.due, again.box) == (stand.due, 0)


def test_the_longest_due_is_asked_first_and_nothing_early() -> None:
    stands = {
        "weken": Stand(question="weken", first_right=False, last_right=False, tries=1, due=TODAY, answered=TODAY),
        "keuze": Stand(
            question="keuze",
            first_right=False,
            last_right=False,
            tries=1,
            due=TODAY - timedelta(days=2),
            answered=TODAY,
        ),
    }
    assert [q.id for q in due_questions([path()], stands, TODAY)] == ["keuze", "weken"]
    assert [q.id for q in due_questions([path()], stands, TODAY - timedelta(days=1))] == ["keuze"]


def test_a_module_is_done_when_every_question_was_right_last() -> None:
    module = path().modules[0]
    right = {q.id: after_answer(None, q.id, TODAY, right=True) for q in module.questions}
    assert module_state(module, {}) == "open"
    assert module_state(module, {"weken": right["weken"]}) == "begonnen"
    assert module_state(module, right) == "klaar"
    assert module_state(module, right | {"weken": after_answer(None, "weken", TODAY, right=False)}) == "begonnen"


def test_the_summary_says_what_was_done_and_missed_and_that_it_is_no_diploma() -> None:
    stands = {
        "weken": after_answer(None, "weken", TODAY, right=False),
        "keuze": after_answer(None, "keuze", TODAY, right=True),
    }
    paper = summary_paper([path()], stands, "R. de Boer", TODAY)
    assert paper.meta[0] == "Naam: R. de Boer"
    assert (
        "0 van 1 modules klaar. 2 van 2 vragen beantwoord, waarvan 1 in één keer goed"
        in paper.sections[0].paragraphs[0]
    )
    assert paper.sections[1].items == ("Binnen hoeveel weken?",)
    assert "geen diploma" in paper.footer
    assert to_docx(paper)[:2] == b"PK"
    assert summary_paper([path()], {}, "", TODAY).sections[0].paragraphs == ("Er is nog niets geoefend.",)


@pytest.fixture
def records(tmp_path: File) -> Records:
    return Records(f"sqlite:///{tmp_path / 'r.sqlite'}")


def test_progress_is_kept_per_person_and_survives_reopening(tmp_path: File, records: Records) -> None:
    progress = Progress(records)
    progress.note("een", "weken", TODAY, right=False)
    progress.note("een", "weken", TODAY + timedelta(days=1), right=True)
    progress.note("ander", "weken", TODAY, right=True)
    records.close()
    again = Progress(Records(f"sqlite:///{tmp_path / 'r.sqlite'}"))
    mine = again.of("een")["weken"]
    assert (mine.tries, mine.box, mine.due) == (2, 1, TODAY + timedelta(days=1 + INTERVALS[1]))
    assert again.of("ander")["weken"].due is None
    assert again.of("niemand") == {}


def test_forgetting_removes_one_persons_progress(records: Records) -> None:
    progress = Progress(records)
    progress.note("een", "weken", TODAY, right=False)
    progress.note("ander", "weken", TODAY, right=False)
    progress.forget("een")
    assert progress.of("een") == {} and len(progress.of("ander")) == 1


def test_a_database_that_fails_is_one_sentence(tmp_path: File) -> None:
    import sqlite3

    records = Records(f"sqlite:///{tmp_path / 'r.sqlite'}")
    with sqlite3.connect(tmp_path / "r.sqlite") as raw:
        raw.execute("DROP TABLE learning_progress")
    raw.close()
    with pytest.raises(RecordsError, match="do not take or give"):
        Progress(records).of("een")
