"""Regime and date, from more wordings."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.scope import language_of, read_scope
from indexer.models import Regime

TODAY = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("question", "regime"),
    [
        ("Klant is sinds 2020 inburgeringsplichtig. Hoe lang heeft hij?", Regime.WI2013),
        ("Zij werd vóór 2022 inburgeringsplichtig, wat geldt?", Regime.WI2013),
        ("Voor 1 januari 2022 inburgeringsplichtig geworden: welke termijn?", Regime.WI2013),
        ("Na 2021 inburgeringsplichtig geworden: welke termijn?", Regime.WI2021),
        ("Hoe was dat onder de vorige wet?", Regime.WI2013),
        ("Wat geldt onder de huidige inburgeringswet?", Regime.WI2021),
        ("He got his permit in March 2020. How long does he have?", Regime.WI2013),
        ("She has been obliged since 2023. How long does she have?", Regime.WI2021),
        ("What was the level under the 2013 act?", Regime.WI2013),
        ("Hij kwam in 2023 naar Nederland. Hoe lang heeft hij?", Regime.WI2021),
        ("Hij kwam in 2019 naar Nederland. Hoe lang heeft hij?", None),
        ("She arrived in 2018. How long does she have?", None),
        ("Hij woont sinds 2019 in Nederland. Welk niveau moet hij halen?", None),
    ],
)
def test_the_obligation_decides_the_regime_not_the_arrival(question: str, regime: Regime | None) -> None:
    scope = read_scope(question, TODAY)
    assert scope.regime is regime
    assert scope.as_of == TODAY


def test_an_arrival_that_decides_nothing_is_told() -> None:
    scope = read_scope("Hij kwam in 2019 naar Nederland. Hoe lang heeft hij?", TODAY)
    assert "inburgeringsplichtig" in scope.notes(both_regimes=True)[0]
    assert scope.notes(both_regimes=False) == ()
    both = read_scope("Hij kwam in 2019 en valt onder de Wi2021. Hoe lang heeft hij?", TODAY)
    assert both.notes(both_regimes=True) == ()


@pytest.mark.parametrize(
    ("question", "regime"),
    [
        ("Kan mijn klant nog van Z naar B1?", Regime.WI2021),
        ("Wat zet ik in het pip?", Regime.WI2021),
        ("Hoeveel uur hoort bij de Z-route?", Regime.WI2021),
        ("Telt de MAP mee?", Regime.WI2021),
        ("Waar ligt de blauwe map?", None),
        ("Welke route neemt hij naar school?", None),
        ("Hij kwam in 2019. Moet hij de MAP doen?", None),
        ("Klant valt onder de oude wet, moet hij de MAP doen?", Regime.WI2013),
        ("Inburgeringsplichtig sinds 2020, in welke leerroute zit zij?", Regime.WI2013),
    ],
)
def test_what_only_the_new_law_has_names_it(question: str, regime: Regime | None) -> None:
    assert read_scope(question, TODAY).regime is regime


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Aflossen bij DUO: in 1x of gespreid?", "nl"),
        ("Brief of mail?", "nl"),
        ("What fine does he get?", "en"),
        ("Do we owe him a plan?", "en"),
    ],
)
def test_small_words_that_both_languages_have_tell_nothing(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("question", "day"),
    [
        ("Wat was vorig jaar de boete?", date(2025, 12, 31)),
        ("Mijn klant is vorig jaar verhuisd, hoeveel weken heb ik?", TODAY),
        ("Wat wordt de norm volgend jaar?", date(2027, 1, 1)),
        ("Wat was de boete vóór 2024?", date(2023, 12, 31)),
        ("What was the fine before 1 July 2024?", date(2024, 6, 30)),
        ("Wat geldt per 1 juli 2027?", date(2027, 7, 1)),
    ],
)
def test_the_day_may_lie_in_the_past_or_the_future(question: str, day: date) -> None:
    scope = read_scope(question, TODAY)
    assert scope.as_of == day
    assert scope.future is (day > TODAY)
    assert bool(scope.notes(both_regimes=False)) is (day > TODAY)


def test_what_was_told_earlier_gives_the_regime() -> None:
    assert read_scope("Welk niveau moet hij halen?", TODAY, earlier="Wi2013-klant").regime is Regime.WI2013
    assert read_scope("En in de Wi2021?", TODAY, earlier="Wi2013-klant").regime is Regime.WI2021


@pytest.mark.parametrize(
    "question",
    [
        "Klant uit 2018 heeft nooit zijn participatieverklaring ondertekend. Stopt zijn lening?",
        "Klant verhuisde in maart 2024 naar ons, moet er een nieuw PIP komen?",
        "Hij begon in september 2025 met de lessen, hoeveel uur moet hij?",
        "Mijn klant heeft sinds 2023 bijstand. Mag hij giften houden?",
        "Hij is geboren in 1999, valt hij onder de plicht?",
        "Mijn klant van 19 ging in 2020 naar zijn vader, wat nu met zijn lening?",
        "Haar man overleed in mei 2023. Moet zij nog inburgeren?",
    ],
)
def test_the_day_of_what_happened_to_a_client_is_not_the_day_of_the_rules(question: str) -> None:
    assert read_scope(question, TODAY).as_of == TODAY


def test_a_rule_of_a_day_is_asked_for_on_that_day() -> None:
    assert read_scope("Hoe hoog was de boete in 2023?", TODAY).as_of == date(2023, 12, 31)
    assert read_scope("Mijn klant zakte in 2023, hoe hoog was de boete toen?", TODAY).as_of == date(2023, 12, 31)
    assert read_scope("Welke boete kreeg een klant in 2023, en hoe hoog is die nu?", TODAY).as_of == date(2023, 12, 31)
    assert read_scope("Welke regel gold op 1 maart 2022 voor de brede intake?", TODAY).as_of == date(2022, 3, 1)


def test_those_from_before_2022_fall_under_the_old_law() -> None:
    assert read_scope("Voor de groep van voor 2022, welk niveau?", TODAY).regime is Regime.WI2013
