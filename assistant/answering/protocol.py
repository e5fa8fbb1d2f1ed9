"""What a language model writes, read into claims while it comes.

Two forms, told apart by how they begin. JSON by `SCHEMA`, for endpoints that keep to one; and lines, for all others:

::

    CLAIM: one sentence
    [2] "words from passage 2"
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from langchain_core.utils.json import parse_partial_json

from assistant.answering.thinking import AGAIN
from indexer.models import Frozen

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "claims": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "text": {"type": "string"},
                    "quotes": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {"passage": {"type": "integer"}, "quote": {"type": "string"}},
                            "required": ["passage", "quote"],
                            "additionalProperties": False,
                        },
                    },
                },
                "required": ["text", "quotes"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["claims"],
    "additionalProperties": False,
}

_MOST_CLAIMS = 12
_LONGEST_CLAIM = 600
_CLAIM = re.compile(r"(?i)^\W{0,4}(?:claim|bewering|zin)(?:\s*\d+)?\W{0,3}:\W{0,3}\s*(?P<text>.*)$")
_QUOTE = re.compile(r"^\W{0,4}\[(?P<passage>\d{1,3})\]\s*:?\s*(?P<quote>.+?)\s*$")
_INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


class DraftQuote(Frozen):
    """Words that a model says stand in a passage, by the number that the passage was given."""

    passage: int
    quote: str


class DraftClaim(Frozen):
    """A sentence as a model wrote it, with the quotes that it says carry it. Nothing of it is checked."""

    text: str
    quotes: tuple[DraftQuote, ...] = ()


class ClaimParser:
    """Fed the pieces of an answer, gives each claim once it is whole; `unfinished` is the sentence under way."""

    def __init__(self) -> None:
        self._text = ""
        self._given = 0

    def feed(self, piece: str) -> list[DraftClaim]:
        """The claims that became whole with this piece. Thinking that was taken for an answer is forgotten."""
        if AGAIN in piece:
            self._text, self._given = "", 0
            piece = piece.rpartition(AGAIN)[2]
        self._text += piece
        return self._new(self._read()[:-1])

    def rest(self) -> list[DraftClaim]:
        """The last claims, at the end of the answer."""
        return self._new(self._read())

    @property
    def unfinished(self) -> str:
        """The text of the claim that is under way, as far as it came; may be empty."""
        claims = self._read()
        return claims[-1].text if len(claims) > self._given else ""

    def _new(self, whole: list[DraftClaim]) -> list[DraftClaim]:
        new = whole[self._given : _MOST_CLAIMS]
        self._given += len(new)
        return new

    def _read(self) -> list[DraftClaim]:
        text = self._text.lstrip()
        text = re.sub(r"^```\w*\s*", "", text)
        return _from_json(text) if text.startswith(("{", "[")) and not _QUOTE.match(text) else _from_lines(text)


def _from_json(text: str) -> list[DraftClaim]:
    try:
        data = parse_partial_json(text.rstrip("` \n"))
    except (ValueError, RecursionError):
        return []
    entries = data.get("claims") if isinstance(data, dict) else data
    return [claim for entry in entries if (claim := _claim(entry))] if isinstance(entries, list) else []


def _claim(entry: object) -> DraftClaim | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("text"), str) or not clean(entry["text"]):
        return None
    quotes = entry.get("quotes")
    found = []
    for one in quotes if isinstance(quotes, list) else ():
        if isinstance(one, dict) and isinstance(one.get("quote"), str):
            number = str(one.get("passage", "")).strip()
            found.append(DraftQuote(passage=int(number) if number.isdecimal() else 0, quote=one["quote"]))
    return DraftClaim(text=clean(entry["text"]), quotes=tuple(found))


def _from_lines(text: str) -> list[DraftClaim]:
    claims: list[DraftClaim] = []
    for line in text.split("\n"):
        if start := _CLAIM.match(line):
            if said := clean(start["text"]):
                claims.append(DraftClaim(text=said))
        elif claims and (found := _QUOTE.match(line)):
            quote = DraftQuote(passage=int(found["passage"]), quote=found["quote"])
            claims[-1] = claims[-1].model_copy(update={"quotes": (*claims[-1].quotes, quote)})
    return claims


def clean(text: str) -> str:
    """Text without what cannot be seen (control marks, marks that turn the reading direction), on one line."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFC", text).replace("\n", " "))
    return " ".join(text.split())[:_LONGEST_CLAIM]
