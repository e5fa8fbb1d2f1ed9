"""The learning paths that ship: enough, every place exists, and every answer is what its source says."""

from __future__ import annotations

from pathlib import Path as File

import pytest
from guide_texts import CORPUS, dates, facts
from place_texts import all_said

from assistant.content import read_content
from assistant.learning import Path, Question, missing_facts

FILES = sorted((CORPUS / "learning").glob("*.yaml"))
QUESTIONS = [question for file in FILES for question in read_content(file, Path).questions]
each_path = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
each_question = pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)


def test_the_four_paths_are_there() -> None:
    assert {"eerste-week", "inburgering", "participatiewet", "werken-met-statushouders"} <= {f.stem for f in FILES}
    assert len({question.id for question in QUESTIONS}) == len(QUESTIONS)


@each_path
def test_a_path_is_whole_and_what_it_reads_exists(file: File) -> None:
    path = read_content(file, Path)
    assert path.id == file.stem and len(path.modules) >= 3
    for module in path.modules:
        assert all_said(module.read).strip()
        assert len(module.questions) >= 3


@each_question
def test_the_answer_stands_in_its_source(question: Question) -> None:
    said = all_said(question.based_on)
    right = question.options[question.right_option].text if question.options else ""
    for text in (question.answer, right):
        assert not facts(text) - facts(said), (question.id, facts(text) - facts(said))
        assert not dates(text) - dates(said)


@each_question
def test_the_written_answer_passes_its_own_check(question: Question) -> None:
    if question.facts:
        assert not missing_facts(question, question.answer)
        assert missing_facts(question, "Dat weet ik niet.")


def test_the_right_choice_does_not_always_stand_first() -> None:
    firsts = [question.right_option == 0 for question in QUESTIONS if question.options]
    assert sum(firsts) < len(firsts) / 2
