"""A document becomes passages: pieces that are small enough to search and whole enough to cite.

- A **lid** (or an article without leden) is one passage. One that is too long is cut between its list items,
  and only inside an item, between sentences, where an item alone is too long. The lead-in of the list ("wordt
  verstaan onder:") goes along as context.
- **Running text** is cut at headings, then between paragraphs, then between sentences.

A sentence is never cut. Sizes are in tokens (`tokens.py`). A passage carries its title and heading path as
context: a lid does not repeat its subject, the heading does.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby

from indexer.models import Document, Kind, Part, Passage, Section, SectionKind
from indexer.sentences import Span, sentence_spans
from indexer.tokens import count_tokens

VERSION = 1
"""Raise it when the same document would give other passages: indexes are then rebuilt."""

TARGET_TOKENS = 260
"""Running text is packed up to this size."""

MAX_TOKENS = 420
"""A lid up to this size stays whole; the embedding model reads about 510 of its own tokens."""


def chunk(document: Document) -> tuple[Passage, ...]:
    """The passages of a document, in its order, each with an id that is unique and stable under re-reading."""
    pieces = list(_pieces(document))
    seen: Counter[str] = Counter()
    passages = []
    for piece in pieces:
        name = f"{document.source.id}/{_slug(piece.locator) or _slug(piece.parent) or 'tekst'}"
        seen[name] += 1
        identity = name if seen[name] == 1 else f"{name}~{seen[name]}"
        passages.append(piece.model_copy(update={"id": identity}))
    return tuple(passages)


def _pieces(document: Document) -> Iterator[Passage]:
    sections = [section for section in document.sections if not section.lapsed]
    for article, group in groupby(sections, key=lambda s: (s.article, s.heading_path, s.kind)):
        run = list(group)
        if article[0] is not None:
            for section in run:
                yield from _law_pieces(document, section)
        elif article[2] is SectionKind.BODY:
            yield from _running_pieces(document, run)
        else:
            for section in run:
                yield from _running_pieces(document, [section])


def _law_pieces(document: Document, section: Section) -> Iterator[Passage]:
    text = document.text[section.start : section.end]
    if count_tokens(text) <= MAX_TOKENS:
        yield _passage(document, section, section.start, section.end)
        return
    items = _top_items(section.parts)
    lead_end = items[0].start if items else section.start
    lead = document.text[section.start : lead_end].strip()
    lead_context = lead if lead and count_tokens(lead) <= 80 else ""
    units: list[Span] = []
    if lead:
        units.extend(_units(document.text, section.start, lead_end))
    for number, item in enumerate(items):
        stop = items[number + 1].start if number + 1 < len(items) else item.end
        units.extend(_units(document.text, item.start, stop))
    after = items[-1].end if items else section.start
    units.extend(_units(document.text, after, section.end))
    for start, end in _pack(document.text, units):
        context = lead_context if start > section.start else ""
        yield _passage(document, section, start, end, context)


def _top_items(parts: Iterable[Part]) -> list[Part]:
    """The list items that are not inside another one."""
    top: list[Part] = []
    for part in sorted(parts, key=lambda p: (p.start, -p.end)):
        if not top or part.start >= top[-1].end:
            top.append(part)
    return top


def _units(text: str, start: int, end: int) -> list[Span]:
    """The smallest stretches a cut may fall between: the whole, or its sentences where the whole is too long."""
    stretch = text[start:end]
    if not stretch.strip():
        return []
    if count_tokens(stretch) <= TARGET_TOKENS:
        stop = start + len(stretch.rstrip())
        return [(start + len(stretch) - len(stretch.lstrip()), stop)]
    return sentence_spans(text, start, end)


def _running_pieces(document: Document, run: list[Section]) -> Iterator[Passage]:
    """Packs the sections under one heading, which may go over several pages, paragraph by paragraph."""
    start, end = run[0].start, run[-1].end
    units: list[Span] = []
    line_start = start
    while line_start < end:
        newline = document.text.find("\n", line_start, end)
        line_end = end if newline < 0 else newline
        units.extend(_units(document.text, line_start, line_end))
        line_start = line_end + 1
    for begin, stop in _pack(document.text, units):
        section = next((s for s in run if s.start <= begin < s.end), run[0])
        yield _passage(document, section, begin, stop)


def _pack(text: str, units: list[Span]) -> Iterator[Span]:
    """Joins neighbouring units up to `TARGET_TOKENS`; a unit larger than that stands alone."""
    if not units:
        return
    sizes = [count_tokens(text[start:end]) for start, end in units]
    # Even pieces read better than full ones and a scrap.
    total = sum(sizes)
    aim = total / max(1, -(-total // TARGET_TOKENS))
    begin, stop, filled = units[0][0], units[0][1], sizes[0]
    for (start, end), size in zip(units[1:], sizes[1:], strict=True):
        if filled >= aim or filled + size > TARGET_TOKENS:
            yield begin, stop
            begin, filled = start, 0
        stop, filled = end, filled + size
    yield begin, stop


def _passage(document: Document, section: Section, start: int, end: int, lead: str = "") -> Passage:
    source = document.source
    text = document.text[start:end]
    headings = [heading for heading in section.heading_path if heading != source.title]
    title = source.title if source.short_title in ("", source.title) else f"{source.title} ({source.short_title})"
    place = " – ".join([title, *headings])
    return Passage(
        id="",
        source_id=source.id,
        work=source.work,
        kind=source.kind,
        binding=source.binding,
        regime=source.regime,
        collection=source.collection,
        locator=_locator(source.kind, section),
        parent=_parent(section),
        heading_path=section.heading_path,
        context=f"{place}\n{lead}" if lead else place,
        text=text,
        start=start,
        end=end,
        page=section.page,
        page_index=section.page_index,
        article=section.article,
        lid=section.lid,
        valid_from=source.valid_from,
        valid_to=source.valid_to,
        tokens=count_tokens(text),
    )


def _locator(kind: Kind, section: Section) -> str:
    if section.locator or not section.heading_path:
        return section.locator
    return section.heading_path[-1] if kind is not Kind.LAW else ""


def _parent(section: Section) -> str:
    if section.article is not None:
        return f"artikel {section.article}"
    return " – ".join(section.heading_path) or section.locator


def _slug(locator: str) -> str:
    return re.sub(r"[^\w.:]+", "-", locator.lower()).strip("-")
