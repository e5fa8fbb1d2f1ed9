"""Known questions: how they are read, and what counts as the right place."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.assistant import Assistant
from evals.questions import Gold, KnownQuestion, QuestionsError, load_questions
from evals.run import Judge, score


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
    scored = score(question, assistant.ask(question.question), Judge(assistant.index()))
    assert (scored.ranks[0], scored.missing, scored.quotes == scored.quotes_verbatim) == (1, ("2 uur",), True)
    assert (scored.set, scored.status_right) == ("dev", True)
    assert 0 < scored.cited_right <= 1


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
