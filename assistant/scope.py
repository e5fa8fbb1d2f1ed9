"""What a question is about before anything is searched: its language, its law regime and its date."""

from __future__ import annotations

import re
from datetime import date

from indexer.models import Frozen, Regime

NEW_LAW_SINCE = date(2022, 1, 1)
"""Who became inburgeringsplichtig on or after this day falls under the Wet inburgering 2021."""


class Scope(Frozen):
    """What was read off the question, or chosen by the asker."""

    language: str
    regime: Regime | None
    as_of: date


_DUTCH = frozenset(
    "de het een van en is dat die niet op voor met aan er mijn hij zij ze hoe wat wie welke wanneer waar "
    "mag moet kan als bij naar om te ook dan nog wel geen hoeveel lang krijgt heeft hebben zijn wordt "
    "worden ik klant waarom uit".split()
)
_ENGLISH = frozenset(
    "the a an of and is that this not on for with to my he she they how what who which when where may "
    "must can if at by also then no many long does do has have be are client i why from should under "
    "after it get in".split()
)

_OLD = re.compile(
    r"(?i)\bwi[ -]?(?:20)?13\b|\bwet inburgering (?:van )?2013\b"
    r"|\boude?\s+(?:inburgerings)?(?:wet|stelsel|regime|regeling)\b"
    r"|\bold (?:law|act|regime|system)\b|\b(?:wet|stelsel|regime)\s+(?:van\s+)?vóór 2022\b"
)
_NEW = re.compile(
    r"(?i)\bwi[ -]?(?:20)?2[12]\b|\bwet inburgering 2021\b|\bnieuwe\s+(?:inburgerings)?(?:wet|stelsel|regime)\b"
    r"|\bnew (?:law|act|regime|system)\b"
)
_BECAME = re.compile(
    r"(?i)inburgeringsplicht|vergunning|\bstatus\b|statushouder geworden|inburgering begonnen|begonnen met inburgeren"
    r"|\bobliged\b|\bpermit\b|kwam\b|gekomen|arrived|\bsinds\b|\bsince\b"
)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januari january jan",
            "februari february feb",
            "maart march mrt",
            "april apr",
            "mei may",
            "juni june jun",
            "juli july jul",
            "augustus august aug",
            "september sept sep",
            "oktober october okt",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}
_DAY = re.compile(rf"(?i)\b(?:(\d{{1,2}})\s+)?({'|'.join(_MONTHS)})\s+((?:19|20)\d\d)\b")
_DAY_OF_MONTH = re.compile(
    rf"(?i)(?:\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?)?\b(?P<month>{'|'.join(_MONTHS)})\b\.?"
    r"(?:\s+(?P<after>\d{1,2})(?:st|nd|rd|th)?(?!\d),?)?(?:\s+(?P<year>(?:19|20)\d\d))?"
)
_NUMERIC = re.compile(r"\b(\d{1,2})[-/](\d{1,2})[-/]((?:19|20)\d\d)\b|\b((?:19|20)\d\d)-(\d\d)-(\d\d)\b")
_YEAR = re.compile(
    r"(?i)\b(?:in|sinds|vanaf|van|uit|eind|begin|medio|jaar|voorjaar|najaar|zomer|tot|voor|since|until|from|during|of)"
    r"\s+((?:19|20)\d\d)(?![\d-])(?!\s*(?:euro|uur|uren))"
)
_LAW_NAME = re.compile(
    r"(?i)\bwi[ -]?(?:20)?\d\d\b"
    r"|\b(?:wet|besluit|regeling|vreemdelingenwet|huisvestingswet)\b[\w ]{0,14}?\b(?:19|20)\d\d\b"
)


def read_scope(
    question: str, today: date, *, as_of: date | None = None, regime: Regime | None = None, earlier: str = ""
) -> Scope:
    """Reads language, regime and date off a question; `earlier` is what was asked before in the conversation.

    `as_of` and `regime`, when given, were chosen by the person and win. A year that says when somebody became
    inburgeringsplichtig gives the regime; any other date in the question is the day the answer must hold on.
    """
    found = regime or _regime(question) or _regime(earlier)
    day = as_of
    if day is None and not _became_in(question):
        day = _date(question)
    return Scope(language=language_of(question), regime=found, as_of=day or today)


def named_regimes(text: str) -> set[Regime]:
    """The regimes that a text names."""
    return {regime for regime, pattern in ((Regime.WI2013, _OLD), (Regime.WI2021, _NEW)) if pattern.search(text)}


def dates(text: str) -> set[tuple[int | None, int, int | None]]:
    """The dates of a text as (day, month, year); what is not said is None: '1 januari' as (1, 1, None)."""
    found: set[tuple[int | None, int, int | None]] = set()
    for match in _NUMERIC.finditer(text):
        day, month, year = (match[1], match[2], match[3]) if match[1] else (match[6], match[5], match[4])
        found.add((int(day), int(month), int(year)))
    for match in _DAY_OF_MONTH.finditer(text):
        day, year = match["day"] or match["after"], match["year"]
        if day or year:
            found.add((int(day) if day else None, _MONTHS[match["month"].lower()], int(year) if year else None))
    return found


def language_of(text: str) -> str:
    """'nl' or 'en', by the small words of each; Dutch where nothing tells."""
    small = re.findall(r"[a-zà-ÿ]+", text.lower())
    dutch = sum(word in _DUTCH for word in small)
    english = sum(word in _ENGLISH for word in small)
    return "en" if english > dutch else "nl"


def _regime(text: str) -> Regime | None:
    old, new = bool(_OLD.search(text)), bool(_NEW.search(text))
    if old != new:
        return Regime.WI2013 if old else Regime.WI2021
    if old:
        return None
    day = _became_in(text)
    if day is None:
        return None
    return Regime.WI2021 if day >= NEW_LAW_SINCE else Regime.WI2013


def _became_in(text: str) -> date | None:
    """The day on which somebody became inburgeringsplichtig, when the sentence that has a date speaks of that."""
    for sentence in re.split(r"(?<=[.?!])\s+", text):
        day = _date(sentence)
        if day and _BECAME.search(sentence):
            return day
    return None


def _date(text: str) -> date | None:
    text = _LAW_NAME.sub(" ", text)
    try:
        if match := _NUMERIC.search(text):
            if match[1]:
                return date(int(match[3]), int(match[2]), int(match[1]))
            return date(int(match[4]), int(match[5]), int(match[6]))
        if match := _DAY.search(text):
            return date(int(match[3]), _MONTHS[match[2].lower()], int(match[1] or 1))
        if match := _YEAR.search(text):
            # The last day of a year: what was in force in it at the end.
            return date(int(match[1]), 12, 31)
    except ValueError:
        return None
    return None
