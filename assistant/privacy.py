"""Masks personal data before anything is logged, stored or sent to a model.

What is found is replaced by its kind in brackets, such as "[BSN]". Numbers are masked on their own checks: a BSN
only with a right checksum, an IBAN only with right check digits, so that article numbers and amounts stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from stdnum import iban
from stdnum.nl import bsn

from indexer.models import Frozen


class Masked(Frozen):
    """A text without its personal data, and which kinds were found, in order of first occurrence."""

    text: str
    kinds: tuple[str, ...]


_Check = Callable[[re.Match[str]], bool]


def _always(_: re.Match[str]) -> bool:
    return True


def _is_bsn(match: re.Match[str]) -> bool:
    digits = re.sub(r"\D", "", match.group())
    return bool(bsn.is_valid(digits.zfill(9))) and digits.strip("0") != ""


def _is_iban(match: re.Match[str]) -> bool:
    return bool(iban.is_valid(match.group()))


_NOT_NAMES = (
    "Aanvraag|Afghanistan|Almere|Amersfoort|Amsterdam|Apeldoorn|Arnhem|Artikel|Breda|COA|DUO|Delft|De|Den|Deventer|"
    "Die|Dit|Dordrecht|Eindhoven|Een|Enschede|Eritrea|Gemeente|Gouda|Groningen|Haag|Haarlem|Hij|Hoe|IND|Ik|Is|Iran|"
    "Irak|Leeuwarden|Leiden|Lelystad|Maastricht|MAP|Mag|Moet|Nederland|Nijmegen|PIP|Participatiewet|Rotterdam|Somalië|"
    "Syrië|Tilburg|Turkije|UWV|Utrecht|Wat|Wet|Wi2013|Wi2021|Wie|Ze|Zij|Zwolle|Z"
)
_NAME_WORD = rf"(?!(?:{_NOT_NAMES})\b)[A-ZÀ-Þ][a-zà-ÿ'’-]+"
_NAME = rf"{_NAME_WORD}(?:\s+(?:van|de|der|den|ten|ter|el|al|ben|bin|abu|{_NAME_WORD})\b)*(?<=[a-zà-ÿ])"

# In this order: what says itself what it is first, then what a checksum proves, then what only looks like it.
_RULES: tuple[tuple[str, re.Pattern[str], _Check], ...] = (
    ("e-mail", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), _always),
    ("IBAN", re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b"), _is_iban),
    ("V-nummer", re.compile(r"\b[Vv][- ]?(?:nummer|nr\.?)?\s*:?\s*\d{3}[. ]?\d{3}[. ]?\d{4}\b"), _always),
    (
        "klantnummer",
        re.compile(
            r"(?i)\b(?:klant|cliënt|client|dossier|zaak|ind|inburgeraar)[- ]?(?:nummer|nr)\.?\s*:?\s*[A-Z]?\d[\d.-]{3,}"
        ),
        _always,
    ),
    ("BSN", re.compile(r"(?<![\d.,€])\d(?:[ .-]?\d){7,8}(?![\d]|[.,]\d)"), _is_bsn),
    (
        "telefoonnummer",
        re.compile(r"(?<![\w.])(?:\+31|0031|0)[ -]?\(?0?\)?[1-9](?:[ -]?\d){7,8}(?!\d)"),
        _always,
    ),
    (
        "geboortedatum",
        re.compile(
            r"(?i)\b(?:geboren(?:\s+op)?|geboortedatum|geb\.?|born(?:\s+on)?)\s*:?\s*\d{1,2}[-/. ]"
            r"(?:\d{1,2}|jan\w*|feb\w*|maa\w*|mar\w*|apr\w*|mei|may|jun\w*|jul\w*|aug\w*|sep\w*|okt\w*|oct\w*|nov\w*|dec\w*)"
            r"[-/. ]\d{2,4}"
        ),
        _always,
    ),
    (
        "adres",
        re.compile(r"\b[A-Z][\w'’-]+(?:\s[\w'’-]+){0,2}\s\d{1,4}\s?[a-zA-Z]?,?\s+[1-9]\d{3}\s?[A-Z]{2}\b"),
        _always,
    ),
    ("postcode", re.compile(r"\b[1-9]\d{3}\s?(?!SA|SD|SS)[A-Z]{2}\b(?=\s*\d|\s*[,.;]|\s*$|\s+[A-Z])"), _always),
    (
        "naam",
        re.compile(
            rf"(?:(?i:\b(?:mijn|onze|de|een|my|our)\s+(?:klant|cliënt|client|inburgeraar|statushouder|kandidaat|deelnemer)"
            rf"|\b(?:meneer|mevrouw|dhr\.?|mevr\.?|mw\.?|mr\.?|mrs\.?|ms\.?|heet|genaamd|naam is|named|called)))\s+,?"
            rf"(?P<naam>{_NAME})"
        ),
        _always,
    ),
)


def mask(text: str, found: list[tuple[str, str]] | None = None) -> Masked:
    """The text with personal data replaced by its kind in brackets; `found` gets each kind and what was there."""
    kinds: dict[str, None] = {}
    for kind, pattern, check in _RULES:

        def replace(match: re.Match[str], kind: str = kind, check: _Check = check) -> str:
            if not check(match):
                return match.group()
            kinds[kind] = None
            if found is not None:
                found.append((kind, match.groupdict().get("naam") or match.group()))
            if "naam" in match.groupdict():
                start = match.start("naam") - match.start()
                return f"{match.group()[:start]}[{kind}]"
            return f"[{kind}]"

        text = pattern.sub(replace, text)
    return Masked(text=text, kinds=tuple(kinds))


def originals(text: str) -> dict[str, str]:
    """What stands behind each mark of the masked text, for the eyes of who typed it; only where that is one thing."""
    found: list[tuple[str, str]] = []
    mask(text, found)
    behind: dict[str, set[str]] = {}
    for kind, original in found:
        behind.setdefault(f"[{kind}]", set()).add(original)
    return {mark: those.pop() for mark, those in behind.items() if len(those) == 1}


def restored(text: str, behind: dict[str, str]) -> str:
    """A masked text as who typed it may see it. Never keep, log or send the result."""
    for mark, original in behind.items():
        text = text.replace(mark, original)
    return text
