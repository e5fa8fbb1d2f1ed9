"""A passage near the subject that holds nothing of the kind that is asked for does not answer."""

from __future__ import annotations

import pytest

from assistant.answer_type import holds_what_is_asked


@pytest.mark.parametrize(
    ("question", "text", "holds"),
    [
        ("Wat kost het examen?", "De minister neemt het examen af.", False),
        ("Wat kost het examen?", "Het examen kost € 250.", True),
        ("Hoe hoog is de verlaging?", "De verlaging is 20 procent.", True),
        ("Welk percentage haalt het examen?", "De boete is € 250.", False),
        ("Hoeveel dagen duurt het?", "De beslissing volgt binnen acht weken.", True),
        ("Hoeveel dagen duurt het?", "De minister beslist.", False),
        ("Hoeveel lesuren moet hij volgen?", "Hij volgde 600 cursusuren NT2.", True),
        ("Wie neemt het examen af?", "De minister neemt het examen af.", True),
        ("Wat was het maximale bedrag van de lening?", "De minister betaalt het geld aan de school.", False),
        ("Wat was het maximale bedrag van de lening?", "De lening is ten hoogste € 10.000.", True),
        ("Hoeveel subsidie kreeg het project?", "De Europese Commissie betaalt het project.", False),
        ("Hoeveel rente betaalt hij?", "De rente is 2,57 procent.", True),
        ("In welke maand komt het vakantiegeld?", "De toeslag is 4,8 procent van de bijstand.", False),
        ("In welke maand komt het vakantiegeld?", "De toeslag wordt in juni betaald.", True),
        ("How many weeks do I have?", "Binnen tien weken.", True),
    ],
)
def test_the_kind_of_answer_decides(question: str, text: str, holds: bool) -> None:
    assert holds_what_is_asked(question, text) is holds
