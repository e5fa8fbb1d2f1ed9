"""What a language model writes when it looks back on a role-play, read into points while it comes.

Two forms, told apart by how they begin. JSON by `POINT_SCHEMA`, for endpoints that keep to one; and lines:

::

    PUNT 1: ja
    MOMENT: words of the learner
    CLAIM: one sentence
    [2] "words from passage 2"
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from langchain_core.utils.json import parse_partial_json

from assistant.answering.protocol import SCHEMA, DraftClaim, DraftQuote, clean
from indexer.models import Frozen


class Seen(StrEnum):
    """Whether a point was seen in what the learner said."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


SEEN = {"ja": Seen.YES, "yes": Seen.YES, "deels": Seen.PARTLY, "partly": Seen.PARTLY, "nee": Seen.NO, "no": Seen.NO}
"""The words that a model may use for each, in both languages."""


class DraftPoint(Frozen):
    """A point as the model wrote it. Nothing of it is checked."""

    number: int
    seen: str = ""
    moment: str = ""
    claim: DraftClaim = DraftClaim(text="")


_CLAIM_SCHEMA = SCHEMA["properties"]["claims"]["items"]
POINT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "points": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "point": {"type": "integer"},
                    "seen": {"type": "string", "enum": list(SEEN)},
                    "moment": {"type": "string"},
                    **_CLAIM_SCHEMA["properties"],
                },
                "required": ["point", "seen", "moment", *_CLAIM_SCHEMA["required"]],
                "additionalProperties": False,
            },
        }
    },
    "required": ["points"],
    "additionalProperties": False,
}


def read_points(text: str) -> list[DraftPoint]:
    """The points of a model's text so far, as JSON or as lines; the last one may not be whole yet."""
    text = re.sub(r"^```\w*\s*", "", text.lstrip())
    return _from_json(text) if text.startswith(("{", "[")) and not text.startswith("[1]") else _from_lines(text)


def _from_json(text: str) -> list[DraftPoint]:
    try:
        data = parse_partial_json(text.rstrip("` \n"))
    except (ValueError, RecursionError):
        return []
    entries = data.get("points") if isinstance(data, Mapping) else data
    return [point for entry in entries if (point := _point(entry))] if isinstance(entries, list) else []


def _point(entry: object) -> DraftPoint | None:
    if not isinstance(entry, Mapping) or not str(entry.get("point", "")).strip().isdecimal():
        return None
    quotes = entry.get("quotes")
    found = [
        DraftQuote(passage=int(str(one.get("passage", "")).strip()), quote=one["quote"])
        for one in (quotes if isinstance(quotes, list) else ())
        if isinstance(one, Mapping)
        and isinstance(one.get("quote"), str)
        and str(one.get("passage", "")).strip().isdecimal()
    ]

    def said(name: str) -> str:
        value = entry.get(name)
        return clean(value) if isinstance(value, str) else ""

    claim = DraftClaim(text=said("text"), quotes=tuple(found))
    return DraftPoint(number=int(str(entry["point"])), seen=said("seen"), moment=said("moment"), claim=claim)


_POINT_LINE = re.compile(r"(?i)^\W{0,4}(?:punt|point)\s*(\d{1,2})\W{0,3}\s*(\w*)")
_MOMENT_LINE = re.compile(r"(?i)^\W{0,4}moment\W{0,3}:?\s*(.+?)\s*$")
_CLAIM_LINE = re.compile(r"(?i)^\W{0,4}(?:claim|zin|sentence)\W{0,3}:\s*(.+?)\s*$")
_QUOTE_LINE = re.compile(r"^\W{0,4}\[(\d{1,3})\]\s*:?\s*(.+?)\s*$")


def _from_lines(text: str) -> list[DraftPoint]:
    points: list[DraftPoint] = []
    for line in text.split("\n"):
        if match := _POINT_LINE.match(line):
            points.append(DraftPoint(number=int(match[1]), seen=match[2]))
            continue
        if not points:
            continue
        last = points[-1]
        if match := _QUOTE_LINE.match(line):
            quotes = (*last.claim.quotes, DraftQuote(passage=int(match[1]), quote=match[2]))
            points[-1] = last.model_copy(update={"claim": DraftClaim(text=last.claim.text, quotes=quotes)})
        elif match := _MOMENT_LINE.match(line):
            points[-1] = last.model_copy(update={"moment": clean(match[1])})
        elif match := _CLAIM_LINE.match(line):
            points[-1] = last.model_copy(update={"claim": DraftClaim(text=clean(match[1]), quotes=last.claim.quotes)})
    return points
