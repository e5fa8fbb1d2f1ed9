"""What kind of answer a question asks for, where that can be told: an amount of money, a share, a length of time.

A passage near the subject that holds nothing of that kind does not answer: "wat kost het examen?" is not answered by
who takes it.
"""

from __future__ import annotations

import re

from assistant.verification import quantities

_MONEY = re.compile(
    r"(?i)\bhoeveel (?:euro|geld|kost)|\bwat kost(?:en)?\b(?! het (?:moeite|tijd))"
    r"|\bhoe (?:duur|hoog) (?:is|zijn|wordt|worden)\b"
    r"|\b(?:welk|welke) (?:bedrag|bedragen|tarief|tarieven)\b"
    r"|\bhow much (?:money|is|are|does|do)\b|\bwhat (?:does|do) .{1,60} cost\b|\bhow (?:expensive|high) (?:is|are)\b"
)
_SHARE = re.compile(r"(?i)\b(?:welk percentage|hoeveel procent|what percentage|what share)\b")
_TIME = re.compile(
    r"(?i)\bhoeveel (?:dagen|weken|maanden|jaar|jaren|uur|uren|lesuren|minuten)\b"
    r"|\bhow many (?:days|weeks|months|years|hours|minutes)\b"
)
_CLOCK = re.compile(r"(?i)\b\d[\d.]*\s+(?:minuut|minuten|seconden|\w{3,}ur(?:en)?)\b")
_UNITS = (
    (_SHARE, frozenset({"procent"})),
    (_MONEY, frozenset({"euro", "procent"})),
    (_TIME, frozenset({"dag", "week", "maand", "jaar", "uur"})),
)


def holds_what_is_asked(question: str, text: str) -> bool:
    """Whether a text has an amount of the kind that a question asks for; True where it asks for none."""
    units = {unit for _, unit in quantities(text)} | ({"uur"} if _CLOCK.search(text) else set())
    return all(units & wanted for asks, wanted in _UNITS if asks.search(question))
