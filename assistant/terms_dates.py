"""The end of a term: where a quote says "binnen tien weken" or "drie jaar", the day that follows from a first day.

Counting is by the calendar: two weeks from a Monday end on a Monday, one month from 31 January ends on the last day of
February. What starts the term, and whether it can be extended, stands in the article; this module only counts.

The Algemene termijnenwet (articles 1, 3 and 4) lets a term of a law that ends on a Saturday, a Sunday or a holiday run
to the next day that is none; not terms over 90 days, twelve weeks or three months, nor terms in years.
"""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta
from enum import StrEnum

from dateutil.easter import easter

from indexer.models import Frozen


class Unit(StrEnum):
    """What a term is counted in."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class LegalTerm(Frozen):
    """A term as a text names it; `words` is how it stands there."""

    words: str
    count: int
    unit: Unit


class TermEnd(Frozen):
    """The last day of a term. `counted` is where counting ends, `last` where the Algemene termijnenwet brings it."""

    counted: date
    last: date

    @property
    def moved(self) -> bool:
        """Whether the last day was moved past a weekend or holiday."""
        return self.counted != self.last


_NUMBERS = (
    "een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien zeventien "
    "achttien negentien twintig"
).split()
_TENS = {"dertig": 30, "veertig": 40, "vijftig": 50, "zestig": 60, "negentig": 90, "honderd": 100}
_WORDS = {word: number for number, word in enumerate(_NUMBERS, start=1)} | {"één": 1} | _TENS
_UNITS = {
    "dag": Unit.DAY, "dagen": Unit.DAY, "week": Unit.WEEK, "weken": Unit.WEEK,
    "maand": Unit.MONTH, "maanden": Unit.MONTH, "jaar": Unit.YEAR, "jaren": Unit.YEAR,
}  # fmt: skip
_TERM = re.compile(
    rf"(?i)(?<![\w-])(?P<number>\d{{1,3}}|{'|'.join(sorted(_WORDS, key=len, reverse=True))})\s+"
    rf"(?:aaneengesloten\s+|achtereenvolgende\s+)?(?P<unit>{'|'.join(sorted(_UNITS, key=len, reverse=True))})"
    r"(?!\w|\s+(?:oud|na de geboorte|en ouder))"
)
_AGE = re.compile(r"(?:leeftijd|ouder|jonger)(?:\s+(?:van|dan|de))*\s*$")
_LONGEST = {Unit.DAY: 90, Unit.WEEK: 12, Unit.MONTH: 3}
"""The longest term that the Algemene termijnenwet moves past a weekend, article 4."""


def find_terms(text: str) -> tuple[LegalTerm, ...]:
    """The terms that a text names, in order, each once. An age is no term."""
    found: dict[tuple[int, Unit], LegalTerm] = {}
    for match in _TERM.finditer(text):
        number = match["number"].lower()
        unit = _UNITS[match["unit"].lower()]
        if unit is Unit.YEAR and _AGE.search(text[: match.start()].lower()):
            continue
        count = int(number) if number.isdigit() else _WORDS[number]
        if count:
            words = " ".join(match.group().split())
            found.setdefault((count, unit), LegalTerm(words=words, count=count, unit=unit))
    return tuple(found.values())


def term_end(start: date, term: LegalTerm) -> TermEnd:
    """The last day of a term that is counted from `start`. Raises `OverflowError` past the calendar's end."""
    if term.unit is Unit.DAY:
        counted = start + timedelta(days=term.count)
    elif term.unit is Unit.WEEK:
        counted = start + timedelta(weeks=term.count)
    else:
        counted = add_months(start, term.count * (12 if term.unit is Unit.YEAR else 1))
    last = counted
    if term.count <= _LONGEST.get(term.unit, 0):
        while last.weekday() >= 5 or is_holiday(last):
            last += timedelta(days=1)
    return TermEnd(counted=counted, last=last)


def add_months(day: date, months: int) -> date:
    """The same day so many months later; the last day of a month that is too short. Raises `OverflowError`."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        raise OverflowError("that day lies past the calendar's end")
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def is_holiday(day: date) -> bool:
    """Whether the Algemene termijnenwet (article 3) names a day as a holiday, or puts it on a par with one."""
    from_easter = (day - easter(day.year)).days
    if from_easter in (-2, 1, 39, 50):  # Goede Vrijdag, tweede Paasdag, Hemelvaartsdag, tweede Pinksterdag
        return True
    kings_day = date(day.year, 4, 27)
    if kings_day.weekday() == 6:
        kings_day -= timedelta(days=1)
    return day == kings_day or (day.month, day.day) in {(1, 1), (5, 5), (12, 25), (12, 26)}
