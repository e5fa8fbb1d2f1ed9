"""Whom a question is about does not decide what it asks."""

from __future__ import annotations

import pytest

from assistant.whoever import left_open


@pytest.mark.parametrize(
    ("question", "opened"),
    [
        ("Mag een statushouder werken naast de inburgering?", "Mag iemand werken naast de inburgering?"),
        ("Statushouder komt niet opdagen, wat nu?", "iemand komt niet opdagen, wat nu?"),
        ("Krijgen onze statushouders een lening?", "Krijgen mensen een lening?"),
        ("Moeten alle vluchtelingen inburgeren?", "Moeten alle mensen inburgeren?"),
        ("Klant is net statushouder, moet hij inburgeren?", "Klant is net hier, moet hij inburgeren?"),
    ],
)
def test_a_word_for_the_person_is_left_open(question: str, opened: str) -> None:
    assert left_open(question) == opened


@pytest.mark.parametrize(
    "question",
    [
        "Wat is een statushouder?",
        "Wie zijn statushouders?",
        "Moet een asielstatushouder de cursus betalen?",
        "Krijgt de inburgeringsplichtige partner een PIP?",
        "Is hij inburgeringsplichtig?",
        "Mag mijn klant werken?",
    ],
)
def test_what_is_asked_itself_or_tells_one_group_from_another_stays(question: str) -> None:
    assert left_open(question) == question
