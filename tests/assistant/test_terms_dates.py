"""Counting terms: what is a term in a text, and which day it ends."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.terms_dates import LegalTerm, Unit, add_months, find_terms, is_holiday, term_end


def term(text: str) -> LegalTerm:
    (found,) = find_terms(text)
    return found


@pytest.mark.parametrize(
    ("text", "count", "unit"),
    [
        ("Het college stelt het PIP vast binnen tien weken na de inschrijving.", 10, Unit.WEEK),
        ("voldoet binnen drie jaar aan de inburgeringsplicht", 3, Unit.YEAR),
        ("De verlenging duurt ten hoogste zes maanden.", 6, Unit.MONTH),
        ("beslist binnen 14 dagen", 14, Unit.DAY),
        ("een termijn van één week", 1, Unit.WEEK),
    ],
)
def test_terms_are_found_as_they_stand(text: str, count: int, unit: Unit) -> None:
    found = term(text)
    assert (found.count, found.unit) == (count, unit)
    assert found.words in text


@pytest.mark.parametrize(
    "text",
    [
        "die de leeftijd van achttien jaar heeft bereikt",
        "kinderen jonger dan vijf jaar",
        "een uitkering van 1200 euro",
        "de weken na de intake",
        "twee jaarlijkse gesprekken",
    ],
)
def test_ages_and_amounts_are_no_terms(text: str) -> None:
    assert find_terms(text) == ()


def test_each_term_is_named_once_and_in_order() -> None:
    text = "binnen tien weken, verlengd met zes maanden, maar altijd binnen 10 weken"
    assert [t.words for t in find_terms(text)] == ["tien weken", "zes maanden"]


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2025, 8, 31), 6, date(2026, 2, 28)),
        (date(2025, 11, 30), 1, date(2025, 12, 30)),
        (date(2025, 12, 15), 1, date(2026, 1, 15)),
    ],
)
def test_months_end_within_their_month(start: date, months: int, end: date) -> None:
    assert add_months(start, months) == end


def test_a_short_term_runs_past_a_weekend_and_holidays() -> None:
    # 2026-04-03 is Good Friday, the 4th a Saturday, the 6th Easter Monday.
    end = term_end(date(2026, 3, 20), term("binnen veertien dagen"))
    assert end.counted == date(2026, 4, 3) and end.last == date(2026, 4, 7) and end.moved


def test_long_terms_and_years_stay_where_counting_ends() -> None:
    saturday = term_end(date(2023, 2, 4), term("binnen drie jaar"))
    assert saturday.counted == date(2026, 2, 4) and not saturday.moved
    months = term_end(date(2025, 8, 28), term("zes maanden"))
    assert months.counted == date(2026, 2, 28) and months.counted.weekday() == 5 and not months.moved


def test_twelve_weeks_still_move_and_thirteen_do_not() -> None:
    start = date(2026, 1, 3)  # a Saturday
    assert term_end(start, term("twaalf weken")).moved
    assert not term_end(start, term("dertien weken")).moved


@pytest.mark.parametrize(
    "day",
    ["2025-01-01", "2025-04-18", "2025-04-21", "2025-04-26", "2026-04-27", "2025-05-05", "2025-05-29", "2025-06-09",
     "2025-12-25", "2025-12-26"],
)  # fmt: skip
def test_the_holidays_of_the_law(day: str) -> None:
    assert is_holiday(date.fromisoformat(day))


def test_easter_sunday_and_an_ordinary_day_are_not_on_that_list() -> None:
    assert not is_holiday(date(2025, 4, 20)) and not is_holiday(date(2025, 4, 27))


def test_a_term_past_the_calendar_is_an_overflow() -> None:
    with pytest.raises(OverflowError):
        term_end(date(9999, 1, 1), term("drie jaar"))
