"""Asking back: where one fact decides, and nowhere else."""

from __future__ import annotations

import pytest

from assistant.assistant import Assistant
from assistant.facts import facts
from assistant.models import Status, Turn
from assistant.settings import load_settings
from indexer.embedding import BundledEmbedder
from indexer.generation import build

GUIDE = """# Spaarlessen

De klant met spaarplicht volgt spaarlessen.

## Uren in de Z-route

In de Z-route volgt de klant 300 uren spaarlessen bij de spaarschool.

## Wie geeft de spaarlessen?

De spaarschool geeft de spaarlessen in het buurthuis.

## Spaarexamen

In de B1-route doet de klant het spaarexamen; in de Z-route doet de klant geen spaarexamen.
"""


@pytest.fixture(scope="module")
def served(embedder: BundledEmbedder, tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder = tmp_path_factory.mktemp("vragen")
    (folder / "c").mkdir()
    (folder / "c" / "sparen.md").write_text(GUIDE, encoding="utf-8")
    build(folder / "c", folder / "x", embedder)
    return Assistant(load_settings(index=folder / "x"), embedder)


QUESTION = "Hoeveel uren spaarlessen volgt mijn klant bij de spaarschool?"


def test_what_holds_for_one_value_is_asked_back_with_choices(served: Assistant) -> None:
    answer = served.ask(QUESTION)
    assert (answer.status, answer.outcome) == (Status.CLARIFY, "clarify_fact")
    assert answer.text == "Het antwoord hangt af van de leerroute. Welke leerroute volgt uw klant?"
    assert [choice.label for choice in answer.choices] == ["B1-route", "onderwijsroute", "Z-route"]
    assert answer.claims == () and answer.citations == ()


@pytest.mark.parametrize("client", ["dit echtpaar", "deze nieuwe inwoner", "die jongen", "mw"])
def test_a_client_is_called_many_things(served: Assistant, client: str) -> None:
    assert served.ask(f"Hoeveel uren spaarlessen volgt {client} bij de spaarschool?").status is Status.CLARIFY


@pytest.mark.parametrize("told", ["B1 gaat hem niet lukken.", "Hij doet Z.", "Het is een Z-traject."])
def test_a_route_that_was_told_shortly_is_not_asked_for(served: Assistant, told: str) -> None:
    assert served.ask(f"{told} {QUESTION}").outcome != "clarify_fact"


@pytest.mark.parametrize(
    ("fact", "question"),
    [
        ("groep", "Hij is hier via zijn Duitse vrouw. Kan mijn klant geld lenen?"),
        ("leerroute", "Hoeveel uur moet mijn klant aan het PVT besteden?"),
    ],
)
def test_what_was_told_or_makes_no_difference_is_not_asked_for(fact: str, question: str) -> None:
    asked = next(one for one in facts() if one.key == fact)
    assert asked.decided_in(question)
    assert asked.is_told_in(question) or asked.asked_in(question)


def test_the_question_of_a_choice_is_answered(served: Assistant) -> None:
    choice = served.ask(QUESTION).choices[-1]
    answer = served.ask(choice.question, [Turn(question=QUESTION)])
    assert answer.standalone_question == choice.question
    assert answer.status is Status.ANSWERED
    assert "300 uren" in answer.text


def test_a_typed_answer_to_the_question_back_is_enough(served: Assistant) -> None:
    answer = served.ask("de Z-route", [Turn(question=QUESTION)])
    assert answer.standalone_question == "Hoeveel uren spaarlessen volgt mijn klant bij de spaarschool in de Z-route?"
    assert answer.status is Status.ANSWERED


@pytest.mark.parametrize(
    ("question", "conversation"),
    [
        ("Mijn klant zit in de Z-route. Hoeveel uren spaarlessen volgt hij?", ()),
        ("Hoeveel uren spaarlessen volgt hij bij de spaarschool?", ("Mijn klant zit in de Z-route. Wat nu?",)),
        ("Wie geeft mijn klant de spaarlessen?", ()),
        ("Doet mijn klant het spaarexamen in de B1-route of de Z-route?", ()),
        ("Welke leerroute geeft mijn klant uren spaarlessen?", ()),
    ],
)
def test_nothing_is_asked_that_was_told_or_does_not_decide(
    served: Assistant, question: str, conversation: tuple[str, ...]
) -> None:
    answer = served.ask(question, [Turn(question=turn) for turn in conversation])
    assert answer.outcome != "clarify_fact"


def test_an_english_question_is_asked_back_in_english(served: Assistant) -> None:
    answer = served.ask("How many hours of spaarlessen must my client do at the spaarschool?")
    assert answer.outcome == "clarify_fact"
    assert answer.text.endswith("Which learning route does your client follow?")
    assert answer.choices[-1].question.endswith("at the spaarschool in the Z route?")


def test_every_fact_that_is_asked_for_can_be_said_in_both_languages() -> None:
    asked = [fact for fact in facts() if fact.asks]
    assert {fact.key for fact in asked} >= {"leerroute", "groep", "leeftijd", "huishouden"}
    for fact in asked:
        assert set(fact.asks) == set(fact.name) == {"nl", "en"}
        for value in fact.value:
            assert set(value.label) == set(value.phrase) == {"nl", "en"}
            # The choice itself tells the fact: nobody is asked twice.
            assert fact.is_told_in(value.phrase["nl"]) and fact.is_told_in(value.phrase["en"])
