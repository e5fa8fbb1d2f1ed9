"""A cited passage in its place: the article or section around the quote, and where to read it whole."""

from __future__ import annotations

import re
from datetime import date

from assistant.answering.extractive import cite
from assistant.models import Citation
from indexer.index import Index
from indexer.models import Binding, Frozen, Kind, Section, Source
from indexer.references import find_references, merged

BINDING_WORDS = {
    Binding.LAW: "wet",
    Binding.RULE: "besluit of regeling",
    Binding.GUIDANCE: "advies",
    Binding.LOCAL: "eigen beleid van uw gemeente",
    Binding.FINDING: "bevinding uit een rapport",
}
"""How binding a source is, in a word that a reader knows."""

_AROUND = 900
"""Characters around a quote in a text without articles."""

_NUMBER = 6
"""Most characters of a lid's number with the white space after it."""

_ARTICLE = 12_000
"""The same in a law, where the whole article is wanted; only the longest lists of definitions are cut."""


class OpenReference(Frozen):
    """An article that a passage refers to and that this index holds: what to call it, and where it begins."""

    label: str
    source_id: str
    article: str
    lid: str | None = None


class OpenedPassage(Frozen):
    """A quote with the text around it, all from the document itself.

    `complete` tells that `before`, quote and `after` together are the whole article or section. `in_lid` tells that it
    stands in one lid of several; `lid_before` and `lid_after` are how many characters on either side belong to it.
    """

    title: str
    locator: str
    binding: str
    version: str
    url: str | None
    before: str
    quote: str
    after: str
    complete: bool
    in_lid: bool = False
    lid_before: int = 0
    lid_after: int = 0


def open_citation(index: Index, citation: Citation, today: date) -> OpenedPassage:
    """The article or section that a citation quotes, split around the quote. Raises `KeyError` for a source that
    this index does not hold (any more)."""
    document = index.document(citation.source_id)
    home = index.section_at(citation.source_id, citation.start)
    sections = [s for s in document.sections if home and _together(s, home)]
    start = with_number(document.text, min((s.start for s in sections), default=citation.start))
    end = max((s.end for s in sections), default=citation.end)
    around = _ARTICLE if home and home.article else _AROUND
    first, last = max(start, citation.start - around), min(end, citation.end + around)
    first = start if first <= start else _line_start(document.text, first)
    last = end if last >= end else document.text.find("\n", last)
    last = end if last < 0 else min(last, end)
    source = index.sources[citation.source_id]
    lid = home if home and home.lid and len(sections) > 1 else None
    return OpenedPassage(
        title=source.title,
        locator=citation.locator,
        binding=BINDING_WORDS[source.binding],
        version=_version(source.valid_from, source.valid_to, today),
        url=citation.url,
        before=document.text[first : citation.start],
        quote=document.text[citation.start : citation.end],
        after=document.text[citation.end : last],
        complete=first == start and last == end,
        in_lid=lid is not None,
        lid_before=citation.start - max(first, lid.start) if lid else 0,
        lid_after=max(0, min(last, lid.end) - citation.end) if lid else 0,
    )


_MOST_REFERENCES = 6


def references(
    index: Index, citation: Citation, text: str, readable: frozenset[str] | None = None
) -> tuple[OpenReference, ...]:
    """The articles that a text refers to ("bedoeld in artikel 14, tweede lid"), as far as they can be opened.

    The version is the one that holds when the citation's own source does. `readable` are the sources that this person
    may read; None means all.
    """
    own = index.sources[citation.source_id]
    law = own.work if own.kind is Kind.LAW else None
    found: list[OpenReference] = []
    for reference in merged(find_references(text, index.law_names, law)):
        if law == reference.work and reference.article == citation.article:
            continue
        source = own if law == reference.work else _version_beside(index, reference.work, own, readable)
        if source is None or not index.article(source.work, reference.article, frozenset({source.id})):
            continue
        other = "" if source.id == own.id else f" {source.short_title or source.title}"
        lid = reference.leden[0] if reference.leden else None
        label = f"artikel {reference.article}{other}"
        found.append(OpenReference(label=label, source_id=source.id, article=reference.article, lid=lid))
    return tuple(found[:_MOST_REFERENCES])


def _version_beside(index: Index, work: str, own: Source, readable: frozenset[str] | None) -> Source | None:
    """The version of a law that held when a text was written; else the newest, of those that may be read."""
    versions = [s for s in index.sources.values() if s.work == work and (readable is None or s.id in readable)]
    same_day = [s for s in versions if own.valid_from is None or s.holds_on(own.valid_from)]
    return max(same_day or versions, key=lambda s: s.valid_from or date.min, default=None)


def open_reference(index: Index, reference: OpenReference, number: int = 0) -> Citation | None:
    """The place that a reference names, as a citation that can be opened; None when it is not there any more."""
    passages = index.article(reference.source_id.partition("@")[0], reference.article, frozenset({reference.source_id}))
    place = next((p for p in passages if p.lid == reference.lid), passages[0] if passages else None)
    return cite(index, place, place.start, place.end, number) if place else None


def _together(section: Section, home: Section) -> bool:
    """Whether a section is part of what `home` stands in: the same article, or the same heading on its page."""
    same_page = home.page is None or section.page == home.page
    return section.heading_path == home.heading_path and section.article == home.article and same_page


def with_number(text: str, start: int) -> int:
    """Where a section begins with its lid's number, which stands before it on its line."""
    line = _line_start(text, start)
    return line if start - line <= _NUMBER else start


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _version(valid_from: date | None, valid_to: date | None, today: date) -> str:
    if valid_from is None:
        return ""
    if valid_to is not None and valid_to < today:
        return f"gold van {dutch_date(valid_from)} tot en met {dutch_date(valid_to)}"
    return f"versie van {dutch_date(valid_from)}"


_MONTHS = "januari februari maart april mei juni juli augustus september oktober november december".split()


def dutch_date(day: date) -> str:
    """A date as people write it: 1 januari 2022."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a stretch of text, as they stand."""
    return [line for line in re.split(r"\n+", text) if line.strip()]
