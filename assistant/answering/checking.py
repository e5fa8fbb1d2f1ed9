"""Whether a claim that a language model wrote may be said: its quotes stand where it says, and it says no more.

A claim is held against its **ground**: the sentences that its quotes lie in, with the lead-in of a list. Every
number, amount, date, article and lid of the claim must stand in it; words that turn a meaning (`markers.toml`) must
agree; most of its words must be the passage's. It cannot prove that a sentence follows from a quote; it is strict
instead, and what fails is said again in other words or not at all.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

from assistant.answering.protocol import DraftClaim
from assistant.scope import dates, named_regimes
from assistant.terms import content_words
from assistant.verification import locate, normalise, numbers, ordinals, quantities, spoken_numbers
from indexer.lexical import stem, words
from indexer.models import Frozen, Passage
from indexer.sentences import sentence_spans

_SHORTEST_QUOTE = 3
_SHORTEST_CLAIM = 3
_SHARED = 0.5
"""Share of a claim's words that must be the passages' own."""
_SHARED_NEAR = 0.3
"""Share of them that must stand near the quotes themselves or in the headings over them."""
_ALSO_ABOUT = 0.5
"""Share of the nearest sentence's words from which another sentence of a quote counts too."""
_ALIKE = 0.85
"""Cosine between a claim and its ground below which they are about different things, across languages."""

_ITEM = re.compile(r"^(?:[-–•*]|[a-z]{1,2}[.)]|\d{1,2}[°.)]+|[ivx]+[.)])\s")
MARKUP = re.compile(r"(?i)<\s*[/!]?\s*[a-z]|https?:|www\.|\]\(|!\[|javascript:|data:\w+/|`|\bmailto:")
_ARTICLE_NUMBER = r"\d+[a-z]{0,2}(?:[.:]\d+[a-z]?)*"
_ARTICLE = re.compile(
    rf"(?i)\b(?:art(?:ikel(?:en)?|icles?|\.)?)\s*(?P<first>{_ARTICLE_NUMBER})"
    rf"(?P<more>(?:\s*(?:,|en|of|and|or|tot en met)\s*{_ARTICLE_NUMBER}\b(?!\s*(?:lid|jaar|weken|maanden)))*)"
)
_LID = re.compile(r"(?i)\b(?:lid|paragraph|leden)\s+(\d+[a-z]?)")
_ACRONYM = re.compile(r"\b[A-Z][A-Z&-]*[A-Z]\b")
_LAW_NAME = re.compile(r"(?i)\b(?!wet\b)[a-zë]+(?:wet|besluit|verordening)\b")

Alike = Callable[[str, str], float]
"""Cosine of two texts, -1 to 1, across languages."""


class Given(Frozen):
    """A passage as it was given to the model: by number, under the label of its side of the answer."""

    number: int
    passage: Passage
    label: str = ""


class Found(Frozen):
    """A quote that stands in a passage, as offsets into the source document's text."""

    given: Given
    start: int
    end: int


class Checked(Frozen):
    """A claim with the places of its quotes; `fault` says in Dutch, as a clause, why it may not be said."""

    claim: DraftClaim
    found: tuple[Found, ...] = ()
    label: str = ""
    fault: str = ""


def check(claim: DraftClaim, given: Sequence[Given], language: str, alike: Alike) -> Checked:
    """The claim with its fault, or with the places of its quotes and no fault."""
    by_number = {one.number: one for one in given}
    if len(claim.text.split()) < _SHORTEST_CLAIM:
        return Checked(claim=claim, fault="de zin is te kort")
    if not claim.quotes:
        return Checked(claim=claim, fault="er staat geen citaat bij")
    found: list[Found] = []
    for quote in claim.quotes:
        source = by_number.get(quote.passage)
        if source is None:
            return Checked(claim=claim, fault=f"bron {quote.passage} is niet gegeven")
        place = locate(quote.quote, source.passage.text)
        if place is None:
            return Checked(claim=claim, fault=f"het citaat staat niet woord voor woord in bron {quote.passage}")
        short = len(quote.quote.split()) < _SHORTEST_QUOTE
        if short and place not in sentence_spans(source.passage.text):
            return Checked(claim=claim, fault="het citaat is te kort om iets te dragen")
        found.append(Found(given=source, start=source.passage.start + place[0], end=source.passage.start + place[1]))
    labels = {one.given.label for one in found}
    if len(labels) > 1 or len({one.given.passage.regime for one in found} - {None}) > 1:
        return Checked(claim=claim, fault="de zin mengt bronnen van verschillende wetten of van wet en eigen beleid")
    fault = _says_more(claim.text, found, language, alike)
    return Checked(claim=claim, found=() if fault else tuple(found), label=labels.pop(), fault=fault)


def _says_more(text: str, found: Sequence[Found], language: str, alike: Alike) -> str:
    """What the claim says beyond its ground, as a clause; empty when nothing."""
    passages = [one.given.passage for one in found]
    pieces = list(dict.fromkeys(piece for one in found for piece in _ground(one)))
    ground = "\n".join(pieces)
    places = "\n".join(f"{p.context}\n{' '.join(p.heading_path)}\n{p.locator}" for p in passages)
    whole = "\n".join(p.text for p in passages) + "\n" + places
    if (markup := MARKUP.search(text)) and markup.group() not in ground:
        return "er staat een link of opmaak in"
    named = named_regimes(text)
    if not named <= {p.regime for p in passages} | named_regimes(ground):
        return "de zin noemt een andere wet dan die van de bron"
    for name, said, there in (
        ("hoeveelheid", quantities(text), quantities(ground)),
        ("artikel", _articles(text), _articles(f"{ground}\n{places}") | {p.article for p in passages if p.article}),
        ("lid", _leden(text), _leden(f"{ground}\n{places}") | {p.lid for p in passages if p.lid}),
        ("rangnummer", ordinals(text), ordinals(ground) | _leden(f"{ground}\n{places}")),
        ("getal", spoken_numbers(text), spoken_numbers(f"{ground}\n{places}") | ordinals(ground)),
        ("afkorting", set(_ACRONYM.findall(text)), set(_ACRONYM.findall(whole))),
        ("wet", _law_names(text), _law_names(whole)),
    ):
        if not said <= there:
            return f"dit staat niet bij het citaat ({name}): {_first(said - there)}"
    written = dates(f"{ground}\n{places}")
    for day in dates(text):
        if not any(all(mine in (None, theirs) for mine, theirs in zip(day, other, strict=True)) for other in written):
            return "een datum in de zin staat niet bij het citaat"
    if turned := _turned(text, ground, "\n".join(_nearest(text, pieces, language)), whole):
        return turned
    return _unlike(text, ground, places, whole, language, alike)


def _unlike(text: str, ground: str, places: str, whole: str, language: str, alike: Alike) -> str:
    if language == "en":
        # The words of an English sentence are not those of a Dutch source: meaning decides.
        return "" if alike(text, ground) >= _ALIKE else "het citaat gaat over iets anders dan de zin"
    own = content_words(text)
    if not own:
        return ""
    near = sum(_held(word, f"{ground}\n{places}") for word in own) / len(own)
    anywhere = sum(_held(word, whole) for word in own) / len(own)
    if near >= _SHARED_NEAR and anywhere >= _SHARED:
        return ""
    return "de zin zegt iets anders dan het citaat: gebruik de woorden van de bron"


def _nearest(text: str, pieces: Sequence[str], language: str) -> Sequence[str]:
    """Of a quote of several sentences those that a claim is about: an exception to another is not its own."""
    own = content_words(text)
    if language == "en" or len(pieces) < 2 or not own:
        return pieces
    shared = [sum(_held(word, piece) for word in own) for piece in pieces]
    return [piece for piece, count in zip(pieces, shared, strict=True) if count >= _ALSO_ABOUT * max(shared)]


def _ground(found: Found) -> list[str]:
    """The sentences that a quote lies in; a list item behind what it hangs on."""
    passage = found.given.passage
    start, end = found.start - passage.start, found.end - passage.start
    pieces: list[str] = []
    lead = passage.context.rpartition("\n")[2]
    lead = lead if lead.endswith(":") else ""
    for begin, stop in sentence_spans(passage.text):
        sentence = passage.text[begin:stop]
        item = bool(_ITEM.match(sentence))
        if begin < end and start < stop:
            pieces.append(normalise(f"{lead} {sentence}" if item else sentence))
        if sentence.endswith(":"):
            lead = sentence
        elif not item:
            lead = ""
    return pieces


class Marker(Frozen):
    """Words that turn a meaning, and how a claim and its ground must agree on them; see `markers.toml`."""

    name: str
    both: bool
    words: tuple[str, ...]
    against: str = ""
    wide: bool = False

    def said_in(self, text: str) -> str | None:
        """The first of the words that a text (in lower case) has."""
        found = re.search(rf"(?<!\w)(?:{'|'.join(self.words)})(?!\w)", text)
        return found.group() if found else None


@lru_cache(maxsize=1)
def markers() -> dict[str, Marker]:
    """The markers by name."""
    data = tomllib.loads((Path(__file__).parent / "markers.toml").read_text(encoding="utf-8"))
    return {name: Marker(name=name, **entry) for name, entry in data.items()}


def _turned(text: str, ground: str, nearest: str, whole: str) -> str:
    every = markers()
    claim, base, near, wide = (normalise(one).lower() for one in (text, ground, nearest, whole))
    bounds = "|".join(every["most"].words + every["least"].words)
    # "niet meer dan drie" is a bound, not a denial.
    bare = {one: re.sub(rf"(?<!\w)(?:{bounds})(?!\w)", " ", one) for one in (claim, near)}
    for marker in every.values():
        mine, theirs = (bare[claim], bare[near]) if marker.both else (claim, wide if marker.wide else base)
        said, there = marker.said_in(mine), marker.said_in(theirs)
        if said and not there and (not marker.against or every[marker.against].said_in(base)):
            return f"de zin zegt '{said}' en het citaat niet"
        if marker.both and there and not said:
            return f"het citaat zegt '{there}' en de zin niet"
    return ""


def _articles(text: str) -> set[str]:
    found: set[str] = set()
    for match in _ARTICLE.finditer(text):
        found |= {match["first"], *re.findall(_ARTICLE_NUMBER, match["more"])}
    return {article.lower().replace(":", ".") for article in found}


def _leden(text: str) -> set[str]:
    by_word = (ordinals(match) for match in re.findall(r"\w+\s+(?:lid|paragraph)\b", text))
    return set(_LID.findall(text)).union(*by_word)


def _law_names(text: str) -> set[str]:
    return {name.lower() for name in _LAW_NAME.findall(text)}


def _held(word: str, text: str) -> bool:
    """Whether a text has a word: its stem, or as a part of a longer word, or a longer word's part."""
    lowered = text.lower()
    stems = {stem(other) for other in words(lowered)}
    own = stem(word)
    if word in numbers(lowered) or own in stems:
        return True
    return len(own) >= 4 and (own in lowered or any(len(other) >= 5 and other in word for other in stems))


def _first(values: set[object] | set[str] | set[tuple[str, str]]) -> str:
    value = sorted(values, key=str)[0]
    return " ".join(value) if isinstance(value, tuple) else str(value)
