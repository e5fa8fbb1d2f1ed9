"""A cited passage in its place: the article or section around the quote, and where to read it whole."""

from __future__ import annotations

import re
from datetime import date

from assistant.models import Citation
from indexer.index import Index
from indexer.models import Binding, Frozen, Section

BINDING_WORDS = {
    Binding.LAW: "wet",
    Binding.RULE: "besluit of regeling",
    Binding.GUIDANCE: "advies",
    Binding.LOCAL: "eigen beleid van uw gemeente",
    Binding.FINDING: "bevinding uit een rapport",
}
"""How binding a source is, in a word that a reader knows."""

_AROUND = 900


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
