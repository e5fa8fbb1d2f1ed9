"""Follow-ups: what is taken from the conversation, and what is left alone."""

from __future__ import annotations

import pytest

from assistant.followup import resolve, standalone
from assistant.models import Turn


def turns(*questions: str) -> list[Turn]:
    return [Turn(question=question) for question in questions]


@pytest.mark.parametrize(
    ("before", "question", "alone"),
    [
        ("Hoeveel uur hoort bij de Z-route?", "en in de B1-route?", "Hoeveel uur hoort bij de B1-route?"),
        ("Hoeveel uur is het PVT minimaal?", "En de MAP?", "Hoeveel uur is de MAP minimaal?"),
        ("Krijgt een statushouder begeleiding?", "en gezinsmigranten?", "Krijgt een gezinsmigrant begeleiding?"),
        ("Hoeveel vermogen mag een alleenstaande hebben?", "en gehuwden?", "Hoeveel vermogen mag een stel hebben?"),
        ("Hoe lang is de termijn?", "en onder de oude wet?", "Hoe lang is de termijn onder de oude wet?"),
        ("Welk niveau geldt in de Wi2021?", "en hoe was dat onder de oude wet?", "Welk niveau geldt in de oude wet?"),
        ("Hoe lang duurt een participatieplaats?", "en een proefplaatsing?", "Hoe lang duurt een proefplaatsing?"),
        ("How many hours are in the Z route?", "and in the B1 route?", "How many hours are in the B1 route?"),
    ],
)
def test_a_value_takes_the_place_of_the_earlier_one(before: str, question: str, alone: str) -> None:
    assert standalone(question, turns(before)) == alone


@pytest.mark.parametrize(
    ("before", "question", "alone"),
    [
        ("Krijgt hij een boete?", "Hoeveel dan?", "Krijgt hij een boete, en hoeveel dan?"),
        ("Wie stelt het PIP vast?", "binnen hoeveel weken?", "Wie stelt het PIP vast, en binnen hoeveel weken?"),
        ("Wat is de boete?", "En bij herhaling?", "Wat is de boete bij herhaling?"),
        ("Wat is het niveau?", "en als hij dat niet haalt?", "Wat is het niveau, en als hij dat niet haalt?"),
        ("Wanneer is het PIP klaar?", "Wie stelt dat vast?", "Wanneer is het PIP klaar, en wie stelt dat vast?"),
        ("Hoe lang is de termijn?", "Dank je. En kan dat langer?", "Hoe lang is de termijn, en kan dat langer?"),
        ("Who decides on it?", "what if she is ill?", "Who decides on it, and what if she is ill?"),
    ],
)
def test_what_leans_is_set_behind_the_earlier_question(before: str, question: str, alone: str) -> None:
    assert standalone(question, turns(before)) == alone


@pytest.mark.parametrize(
    ("question", "alone"),
    [
        ("de Z-route", "Hoeveel uur moet mijn klant volgen in de Z-route?"),
        ("in de onderwijsroute", "Hoeveel uur moet mijn klant volgen in de onderwijsroute?"),
        ("jonger dan 27", "Hoeveel uur moet mijn klant volgen, als hij jonger dan 27 jaar is?"),
        ("gezinsmigrant", "Hoeveel uur moet mijn klant volgen, als gezinsmigrant?"),
    ],
)
def test_a_short_answer_completes_the_earlier_question(question: str, alone: str) -> None:
    assert standalone(question, turns("Hoeveel uur moet mijn klant volgen?")) == alone


@pytest.mark.parametrize(
    "question",
    [
        "Wie betaalt de kinderopvang tijdens de inburgering?",
        "Wat is KNM?",
        "Wat kost een paspoort?",
        "Mijn klant wil naar de Z-route, mag dat?",
        "Hoeveel uur hoort bij de Z-route?",
        "Wanneer moet het PIP klaar zijn?",
        "uren z-route",
        "Wat is de hoofdstad van Eritrea?",
        "Welk taalniveau moet iemand halen voor het inburgeringsexamen?",
    ],
)
def test_a_question_of_its_own_is_left_alone_and_nothing_comes_along(question: str) -> None:
    resolved = resolve(question, turns("Mijn klant valt onder de Wi2013. Hoe hoog is de boete voor de intake?"))
    assert resolved.question == question
    assert resolved.earlier == ""


def test_what_was_told_of_a_person_is_kept_while_he_is_spoken_of() -> None:
    before = turns("Mijn klant valt onder de Wi2013. Hoe lang is de termijn?")
    resolved = resolve("Welk taalniveau moet hij halen voor het inburgeringsexamen?", before)
    assert resolved.question == "Welk taalniveau moet hij halen voor het inburgeringsexamen?"
    assert "Wi2013" in resolved.earlier


@pytest.mark.parametrize(
    ("question", "alone"),
    [
        ("Iets anders: wie betaalt de cursus?", "Wie betaalt de cursus?"),
        ("Oké, ander onderwerp. hoe lang is de termijn?", "Hoe lang is de termijn?"),
        ("New question: who pays the course?", "Who pays the course?"),
        ("En mag een gezinsmigrant geld lenen bij DUO?", "Mag een gezinsmigrant geld lenen bij DUO?"),
    ],
)
def test_another_subject_is_noticed(question: str, alone: str) -> None:
    resolved = resolve(question, turns("Hoe hoog is de boete onder de oude wet?"))
    assert (resolved.question, resolved.earlier) == (alone, "")


@pytest.mark.parametrize(
    ("question", "alone"),
    [
        ("nee, ik bedoel de onderwijsroute", "Hoeveel uur hoort bij de onderwijsroute?"),
        ("Sorry, ik bedoelde in de B1-route", "Hoeveel uur hoort bij de B1-route?"),
        ("nee, hoe lang is de inburgeringstermijn?", "Hoe lang is de inburgeringstermijn?"),
    ],
)
def test_a_correction_replaces_what_was_asked(question: str, alone: str) -> None:
    assert standalone(question, turns("Hoeveel uur hoort bij de Z-route?")) == alone


def test_a_chain_of_three_keeps_its_subject() -> None:
    chain = turns("Hoeveel cursusuren zijn er in de onderwijsroute?", "en in de B1-route?")
    assert standalone("en de Z-route?", chain) == "Hoeveel cursusuren zijn er in de Z-route?"
    chain = turns("Welk niveau geldt onder de nieuwe wet?", "en onder de oude wet?")
    assert standalone("en weer de nieuwe wet?", chain) == "Welk niveau geldt onder de nieuwe wet?"


def test_a_comparison_is_not_changed() -> None:
    before = turns("Wat is het verschil tussen de Z-route en de B1-route?")
    assert "Z-route en de B1-route" in standalone("en in de onderwijsroute?", before)


def test_without_a_conversation_nothing_changes() -> None:
    assert standalone("En bij herhaling?", []) == "En bij herhaling?"
    assert standalone("???", turns("Wat is de boete?")) == "???"
