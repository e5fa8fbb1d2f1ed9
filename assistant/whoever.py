"""Who a question is about, left open: "mag een statushouder werken" asks what "mag iemand werken" asks.

A word for the person draws a question to the passages that say what the word means, away from what is asked.
"""

from __future__ import annotations

import re

from assistant.terms import content_words

_WORDS = "statushouder|vergunninghouder|nieuwkomer|vluchteling|inburgeraar|inburgeringsplichtige"
_DETERMINER = r"(?:\b(?:mijn|onze|ons|de|het|een|elke|iedere|die|deze|dit|zo'n|uw|je|jouw|jullie)\s+)"
_NOT_OF_A_NOUN = r"(?!\s+(?:klant|vreemdeling|migrant|gezinsmigrant|partner|persoon|vrouw|man|jongere))"
_MORE = re.compile(rf"{_DETERMINER}?\b(?:(?:{_WORDS})s|vluchtelingen|inburgeringsplichtigen)\b", re.IGNORECASE)
_ONE = re.compile(rf"(?:{_DETERMINER}|^)(?:{_WORDS})\b{_NOT_OF_A_NOUN}", re.IGNORECASE)
_JUST_NOW = re.compile(r"\b(net|pas|nu)\s+(?:statushouder|vergunninghouder)\b", re.IGNORECASE)


def left_open(question: str) -> str:
    """The question about "iemand" or "mensen" where it named a statushouder, inburgeraar and the like.

    Unchanged where it did not, and where nothing else is asked ("wat is een statushouder").
    """
    said = _MORE.sub("mensen", question)
    said = _ONE.sub("iemand", said)
    said = _JUST_NOW.sub(r"\1 hier", said)
    return said if set(content_words(said)) - {"mensen"} else question
