"""What kind of answer a question asks for, where that can be told: money, a share, a length of time, a month.

A passage near the subject that holds nothing of that kind does not answer: "wat kost het examen?" is not answered by
who takes it.
"""

from __future__ import annotations

import re

from assistant.verification import quantities

_MONEY = re.compile(
    r"(?i)\bhoeveel (?:euro|geld|kost|subsidie|budget|vergoeding|toeslag|rente|leefgeld|salaris|loon)"
    r"|\bwat kost(?:en|te)?\b(?! het (?:moeite|tijd))|\bhoe (?:duur|hoog) (?:is|zijn|was|waren|wordt|worden)\b"
    r"|\b(?:welk|welke) (?:bedrag|bedragen|tarief|tarieven)\b"
    r"|\b(?:wat is|wat was|hoeveel is) (?:het|de|een) (?:\w+ )?(?:\w*bedrag|\w*tarief|prijs|\w*vergoeding)\b"
    r"|\bwat (?:vraagt|rekent) .{1,60}\bper (?:uur|dag|dagdeel|keer|gesprek)\b"
    r"|\bhow much (?:money|is|are|does|do)\b|\bwhat (?:does|do) .{1,60} cost\b|\bhow (?:expensive|high) (?:is|are)\b"
)
_SHARE = re.compile(r"(?i)\b(?:welk percentage|hoeveel procent|what percentage|what share)\b")
_TIME = re.compile(
    r"(?i)\bhoeveel (?:dagen|weken|maanden|jaar|jaren|uur|uren|lesuren|minuten)\b"
    r"|\bhow many (?:days|weeks|months|years|hours|minutes)\b"
)
_MONTH = re.compile(r"(?i)\b(?:in welke maand|in which month)\b")
_MONTH_NAMES = re.compile(
    r"(?i)\b(?:januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december|"
    r"january|february|march|may|june|july|august|october)\b"
)
_CLOCK = re.compile(r"(?i)\b\d[\d.]*\s+(?:minuut|minuten|seconden|\w{3,}ur(?:en)?)\b")
_UNITS = (
    (_SHARE, frozenset({"procent"})),
    (_MONEY, frozenset({"euro", "procent"})),
    (_TIME, frozenset({"dag", "week", "maand", "jaar", "uur"})),
)


def holds_what_is_asked(question: str, text: str) -> bool:
    """Whether a text has an amount of the kind that a question asks for; True where it asks for none."""
    if _MONTH.search(question) and not _MONTH_NAMES.search(text):
        return False
    units = {unit for _, unit in quantities(text)} | ({"uur"} if _CLOCK.search(text) else set())
    return all(units & wanted for asks, wanted in _UNITS if asks.search(question))
