"""A cited passage in its place: the article or section around the quote, and where to read it whole."""

from __future__ import annotations

import re
from datetime import date

from assistant.answering.extractive import cite
from assistant.models import Citation
from indexer.index import Index
from indexer.models import Binding, Frozen, Kind, Section, Source

BINDING_WORDS = {
    Binding.LAW: "wet",
    Binding.RULE: "besluit of regeling",
    Binding.GUIDANCE: "advies",
    Binding.LOCAL: "eigen beleid van uw gemeente",
    Binding.FINDING: "bevinding uit een rapport",
}
"""How binding a source is, in a word that a reader knows."""

_AROUND = 900


class Reference(Frozen):
    """An article that a passage refers to and that this index holds: what to call it, and where it begins."""

    label: str
    source_id: str
    article: str
    lid: str | None = None


class OpenedPassage(Frozen):
    """A quote with the text around it, all from the document itself.

    `complete` tells that `before`, quote and `after` together are the whole article or section.
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


def open_citation(index: Index, citation: Citation, today: date) -> OpenedPassage:
    """The article or section that a citation quotes, split around the quote. Raises `KeyError` for a source that
    this index does not hold (any more)."""
    document = index.document(citation.source_id)
    home = index.section_at(citation.source_id, citation.start)
    sections = [s for s in document.sections if home and _together(s, home)]
    start = min((s.start for s in sections), default=citation.start)
    end = max((s.end for s in sections), default=citation.end)
    first, last = max(start, citation.start - _AROUND), min(end, citation.end + _AROUND)
    first = start if first <= start else _line_start(document.text, first)
    last = end if last >= end else document.text.find("\n", last)
    last = end if last < 0 else min(last, end)
    source = index.sources[citation.source_id]
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
    )


_LIDS = "eerste tweede derde vierde vijfde zesde zevende achtste negende tiende elfde twaalfde".split()
_REFERENCE = re.compile(
    rf"(?i)\bartikel(?:en)?\s+(?P<article>\d+[a-z]{{0,2}}(?:[.:]\d+[a-z]?)?)(?![\w:])"
    rf"(?:,?\s+(?:(?P<ordinal>{'|'.join(_LIDS)})\s+lid|lid\s+(?P<lid>\d+)))?"
)
_NEXT_REFERENCE = re.compile(r"(?i)\bartikel|[;)]|\.\s")
_END = re.compile(r"[;)]|\.\s")
_OTHER_LAW = re.compile(r"^[^.;]{0,60}?\bvan\s+(?:de|het)\s+(?=[A-Z])")
_MOST_REFERENCES = 6


def references(index: Index, citation: Citation, text: str) -> tuple[Reference, ...]:
    """The articles that a text refers to ("bedoeld in artikel 14, tweede lid"), as far as they can be opened.

    In a law, an article is one of that law unless another is named after it; elsewhere the law must be named. The
    version is the one that holds when the citation's own source does.
    """
    own = index.sources[citation.source_id]
    found: dict[tuple[str, str], Reference] = {}
    for match in _REFERENCE.finditer(text):
        source = _law_named(index, own, text[match.end() : match.end() + 120])
        article = match["article"]
        if source is None or (source.id, article) == (own.id, citation.article):
            continue
        if not index.article(source.work, article, frozenset({source.id})):
            continue
        lid = match["lid"] or (str(_LIDS.index(match["ordinal"].lower()) + 1) if match["ordinal"] else None)
        other = "" if source.id == own.id else f" {source.short_title or source.title}"
        reference = Reference(label=f"artikel {article}{other}", source_id=source.id, article=article, lid=lid)
        found.setdefault((source.id, article), reference)
    return tuple(found.values())[:_MOST_REFERENCES]


def _law_named(index: Index, own: Source, after: str) -> Source | None:
    """The version of the law that a reference names in the text right after it; None for one that is not here."""
    stop = (_NEXT_REFERENCE if own.kind is Kind.LAW else _END).search(after)
    near = after[: stop.start()] if stop else after
    laws = [s for s in index.sources.values() if s.kind is Kind.LAW]
    named = [
        s for s in laws for name in (s.title, s.short_title) if name and re.search(rf"\b{re.escape(name)}\b", near)
    ]
    if not named:
        return own if own.kind is Kind.LAW and not _OTHER_LAW.match(near) else None
    # "Wet inburgering" is also the beginning of "Wet inburgering 2021".
    longest = max(len(s.title) for s in named)
    named = [s for s in named if len(s.title) == longest]
    same_day = [s for s in named if own.valid_from is None or s.holds_on(own.valid_from)]
    return max(same_day or named, key=lambda s: s.valid_from or date.min)


def open_reference(index: Index, reference: Reference, number: int = 0) -> Citation | None:
    """The place that a reference names, as a citation that can be opened; None when it is not there any more."""
    passages = index.article(reference.source_id.partition("@")[0], reference.article, frozenset({reference.source_id}))
    place = next((p for p in passages if p.lid == reference.lid), passages[0] if passages else None)
    return cite(index, place, place.start, place.end, number) if place else None


def _together(section: Section, home: Section) -> bool:
    """Whether a section is part of what `home` stands in: the same article, or the same heading on its page."""
    same_page = home.page is None or section.page == home.page
    return section.heading_path == home.heading_path and section.article == home.article and same_page


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
