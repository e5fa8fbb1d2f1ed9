"""Known questions: how they are read, and what counts as the right place."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.errors import RecordsError
from assistant.known import FILE, add_known
from evals.judge import Judge
from evals.questions import Gold, KnownQuestion, QuestionsError, load_questions
from evals.systems import Leidraad
from evals.task import Task


def test_all_shipped_questions_can_be_read() -> None:
    questions = load_questions()
    assert len({question.id for question in questions}) == len(questions) >= 20
    answered = [question for question in questions if question.status.value == "answered"]
    assert all(question.gold or question.topic_expected for question in answered)


def test_gold_is_a_place_and_not_only_a_source(assistant: Assistant) -> None:
    index = assistant.index()
    passage = index.article("BWBR0099001", "1", frozenset(index.sources), "2")[0]
    assert Gold(source="BWBR0099001").holds(passage)
    assert Gold(source="BWBR0099001", article="1", lid="2").holds(passage)
    assert not Gold(source="BWBR0099001", article="1", lid="1").holds(passage)
    assert not Gold(source="BWBR0099001", article="2").holds(passage)
    assert not Gold(source="BWBR0044770", article="1").holds(passage)


def test_a_fact_may_have_more_than_one_wording(assistant: Assistant) -> None:
    question = KnownQuestion.model_validate(
        {
            "id": "a", "question": "Hoe lang duurt het spaargesprek?", "status": "answered",
            "gold": ["gids-spaargesprek"], "must_state": [["drie kwartier", "45 minuten"], "2 uur"],
        }
    )  # fmt: skip
    case = Task([question], [Leidraad(assistant)]).run(Judge(assistant.index()))[0].cases[0]
    assert (case.ranks[0], case.missing, case.quotes == case.quotes_verbatim) == (1, ("2 uur",), True)
    assert (case.set, case.status) == ("dev", case.expected)
    assert 0 < case.values["citation_precision"] <= 1
    assert (case.values["states_facts"], case.values["answers"], case.values["citation_recall"]) == (0.0, 1.0, 1.0)


def test_a_municipalitys_own_questions_are_read_too(tmp_path: Path, assistant: Assistant) -> None:
    (tmp_path / "a.yaml").write_text("- {id: a, question: x, status: refused}\n", encoding="utf-8")
    index = assistant.index()
    lid = index.article("BWBR0099001", "1", frozenset(index.sources), "2")
    guide = index.passages_of("gids-spaargesprek")[:1]
    own, day = tmp_path / "own", date(2026, 1, 2)
    first = add_known(
        own, "Hoe lang duurt het voor BSN 111222333?", [*guide, *lid, *lid], "beleidsteam", date(2026, 1, 2)
    )
    second = add_known(own, "Wat kost een tolk?", [], "beleidsteam", day)
    assert (first, second) == ("own-20260102-01", "own-20260102-02")
    shipped, answered, refused = load_questions(tmp_path, own)
    assert (shipped.id, answered.id, refused.status.value) == ("a", first, "refused")
    assert "111222333" not in answered.question
    assert (answered.reviewer, answered.reviewed) == ("beleidsteam", date(2026, 1, 2))
    assert answered.gold[0].holds(guide[0]) and answered.gold[1].holds(lid[0])
    assert len(answered.gold) == 2
    assert load_questions(tmp_path, tmp_path / "none") == (shipped,)


def test_own_questions_that_are_no_list_are_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("vraag: 1\n", encoding="utf-8")
    with pytest.raises(RecordsError, match="list of questions"):
        add_known(tmp_path, "x", [], "beleidsteam", date(2026, 1, 2))
    assert (tmp_path / FILE).read_text(encoding="utf-8") == "vraag: 1\n"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("- {id: a, question: x, status: misschien}\n", "question 1"),
        ("- {id: a, question: x, status: refused, vraag: y}\n", "vraag"),
        ("- {id: a, question: x, status: refused}\n- {id: a, question: y, status: refused}\n", "'a' is used twice"),
        ("3\n", "cannot be read as a list"),
        ("- [\n", "cannot be read as a list"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(QuestionsError, match=sentence):
        load_questions(tmp_path)
