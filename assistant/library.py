"""The sources as a library: which there are, their outline, reading a part, finding words in one.

Every function is given the sources that a person may read; nothing of another source shows, not even in a count.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from assistant.reading import with_number
from assistant.settings import Settings
from indexer.fetch import last_checked
from indexer.generation import Manifest
from indexer.models import Document, Frozen, Kind, SectionKind, Source


class Held(Frozen):
    """A source on the shelf. `checked` is the day its origin was last looked at, `ageing` that this is long ago."""

    source: Source
    passages: int
    holds: bool
    checked: date | None
    ageing: bool


class Part(Frozen):
    """A piece of a document that is read at once: an article, or what stands under one heading (on one page)."""

    title: str
    depth: int
    start: int
    end: int
    page_index: int | None = None


class Hit(Frozen):
    """Words found in a document: the number of the part they stand in, and the text around them."""

    part: int
    before: str
    found: str
    after: str


_AROUND = 70
_MOST_HITS = 50


def shelf(manifest: Manifest, readable: Mapping[str, Source], settings: Settings, today: date) -> list[Held]:
    """The readable sources by kind and title, newest version first."""
    checked = last_checked(settings.corpus)
    held: list[Held] = []
    for report in manifest.documents:
        source = report.source
        if source.id not in readable:
            continue
        looked = checked.get(source.work)
        official = source.kind is Kind.LAW or looked is not None
        old = looked is None or (today - looked).days > settings.ageing_days
        held.append(
            Held(
                source=source,
                passages=report.passages,
                holds=source.holds_on(today),
                checked=looked,
                ageing=official and source.holds_on(today) and old,
            )
        )
    order = list(Kind)
    held.sort(key=lambda h: -(h.source.valid_from or date.min).toordinal())
    return sorted(held, key=lambda h: (order.index(h.source.kind), h.source.title.casefold()))


def outline(document: Document) -> list[Part]:
    """The parts of a document, in order; together they are all of it that is read."""
    parts: list[Part] = []
    last: tuple[object, ...] | None = None
    for section in document.sections:
        if section.kind is SectionKind.FOOTNOTE:
            continue
        key = (section.article, section.heading_path, section.page_index if not section.heading_path else None)
        if key == last and parts:
            parts[-1] = parts[-1].model_copy(update={"end": max(parts[-1].end, section.end)})
            continue
        last = key
        title = section.heading_path[-1] if section.heading_path else section.locator
        parts.append(
            Part(
                title=title or document.source.title,
                depth=max(0, len(section.heading_path) - 1),
                start=with_number(document.text, section.start),
                end=section.end,
                page_index=section.page_index,
            )
        )
    return parts


def find(document: Document, parts: list[Part], words: str) -> list[Hit]:
    """Where a phrase stands in a document, without regard to capitals or line ends; at most fifty places."""
    wanted = [re.escape(word) for word in words.split()]
    if not wanted:
        return []
    hits: list[Hit] = []
    for match in re.finditer(r"\s+".join(wanted), document.text, re.IGNORECASE):
        part = next((n for n, part in enumerate(parts) if part.start <= match.start() < part.end), None)
        if part is None:
            continue
        before = document.text[max(0, match.start() - _AROUND) : match.start()]
        after = document.text[match.end() : match.end() + _AROUND]
        hits.append(Hit(part=part, before=before, found=match.group(), after=after))
        if len(hits) == _MOST_HITS:
            break
    return hits


def versions(readable: Mapping[str, Source]) -> dict[str, list[Source]]:
    """The works of which more than one version may be read, oldest version first."""
    works: dict[str, list[Source]] = {}
    for source in readable.values():
        if source.kind is Kind.LAW and source.valid_from is not None:
            works.setdefault(source.work, []).append(source)
    return {
        work: sorted(found, key=lambda s: s.valid_from or date.min) for work, found in works.items() if len(found) > 1
    }
