"""The criteria that ship: those the recommendations ask for, each with passages that exist."""

from __future__ import annotations

from pathlib import Path

import pytest
from guide_texts import CORPUS, LEARN, Library, facts
from place_texts import all_said

from assistant.content import read_content
from assistant.weighing import Criterion

FILES = sorted((CORPUS / "weighing").glob("*.yaml"))
each = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
ASKED = {
    "deelname": ("kwalificatie", "deelname"),
    "duurzaam": ("Duurzame tewerkstelling",),
    "instrumenten": ("Instrumenten P-wet",),
    "combineren": ("Participatie en Inburgering",),
    "taalniveau": ("taaleisen",),
    "gender-cultuur": ("gendergelijkheid",),
    "voorwaarden": ("kinderopvang", "reiskosten"),
}
"""The criteria, with words of the page they come from."""


def test_every_criterion_asked_for_is_there() -> None:
    assert {path.stem for path in FILES} >= set(ASKED)


@each
def test_a_criterion_is_whole_and_its_passages_exist(path: Path) -> None:
    criterion = read_content(path, Criterion)
    assert criterion.id == path.stem
    assert len(criterion.questions) >= 3 and all(question.endswith("?") for question in criterion.questions)
    assert len(criterion.based_on) >= 3
    said = all_said(criterion.based_on)
    assert not facts(" ".join((criterion.about, *criterion.questions))) - facts(said)


@each
def test_it_comes_from_the_page_it_names(path: Path, library: Library) -> None:
    criterion = read_content(path, Criterion)
    assert criterion.origin.source == LEARN
    page = " ".join(library.pages[criterion.origin.page].split())
    assert any(word.casefold() in page.casefold() for word in ASKED[criterion.id]), page[:400]
