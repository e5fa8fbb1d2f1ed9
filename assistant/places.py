"""A place in a source, as the authors of scenarios, lessons and criteria name it, and the passage that stands there.

A place is written as one line::

    begeleiding-gender#Hoe spreekt u beide partners?    a guide and the heading in it
    begeleiding-gender                                  a guide's opening
    BWBR0044770 art. 14 lid 3                           a law by its official id, with or without lid
    learn-technische-aanbevelingen p. 25                a page
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from pydantic import Field, model_serializer, model_validator

from assistant.reading import BINDING_WORDS, dutch_date
from indexer.index import Index
from indexer.models import Document, Frozen, Kind, Passage, Section, Source
from indexer.readers.bwb import article_url

_LAW = re.compile(r"(BWBR\d{7}) art\. (\d+[a-z]*(?:[.:]\d+[a-z]*)?)(?: lid (\d+[a-z]*))?")
_PAGE = re.compile(r"([a-z0-9][a-z0-9-]*) p\. (\w+)")
_GUIDE = re.compile(r"([a-z0-9][a-z0-9-]*)(?:#(.+))?")


class Place(Frozen):
    """Where something stands. Read from and written as one line of text."""

    source: str = Field(description="id of a guide, or the official id of a law")
    heading: str = ""
    article: str = ""
    lid: str = ""
    page: str = ""

    @model_validator(mode="before")
    @classmethod
    def _from_line(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        line = " ".join(value.split())
        if match := _LAW.fullmatch(line):
            return {"source": match[1], "article": match[2], "lid": match[3] or ""}
        if match := _PAGE.fullmatch(line):
            return {"source": match[1], "page": match[2]}
        if match := _GUIDE.fullmatch(line):
            return {"source": match[1], "heading": (match[2] or "").strip()}
        raise ValueError(
            f"'{line}' is geen plaats in een bron; schrijf 'gids#kopje', 'BWBR0044770 art. 14 lid 3' of 'bron p. 25'"
        )

    @model_serializer
    def _as_line(self) -> str:
        return str(self)

    def __str__(self) -> str:
        if self.article:
            return f"{self.source} art. {self.article}" + (f" lid {self.lid}" if self.lid else "")
        if self.page:
            return f"{self.source} p. {self.page}"
        return f"{self.source}#{self.heading}" if self.heading else self.source


class OpenPlace(Frozen):
    """What stands at a place: the whole section, article or page, from the document itself."""

    title: str
    locator: str
    binding: str
    version: str
    url: str | None
    text: str

    @property
    def named(self) -> str:
        """The source with its place, in one line."""
        return f"{self.title} · {self.locator}" if self.locator else self.title


def open_place(index: Index, place: Place, allowed: frozenset[str]) -> OpenPlace | None:
    """What stands there, from the sources that may be read; None when it is not in this index or not allowed.

    Of a law that is there in several versions, the newest of the allowed ones.
    """
    source = _newest(index, place, allowed)
    if source is None:
        return None
    document = index.document(source.id)
    sections = [s for s in document.sections if _stands_at(s, place, document)]
    if not sections:
        return None
    start, end = min(s.start for s in sections), max(s.end for s in sections)
    passages = index.article(source.work, place.article, frozenset({source.id})) if place.article else []
    return OpenPlace(
        title=source.title,
        locator=_locator(place),
        binding=BINDING_WORDS[source.binding],
        version=f"versie van {dutch_date(source.valid_from)}" if source.valid_from else "",
        url=_address(source, place) if passages or not place.article else None,
        text=document.text[start:end],
    )


def passages_at(index: Index, place: Place, allowed: frozenset[str]) -> list[Passage]:
    """The passages that stand there, in order, of the same source that `open_place` opens; none where there is none."""
    source = _newest(index, place, allowed)
    if source is None:
        return []
    document = index.document(source.id)
    sections = [s for s in document.sections if _stands_at(s, place, document)]
    return [
        passage
        for passage in index.passages_of(source.id)
        if any(passage.start < section.end and section.start < passage.end for section in sections)
    ]


def places_of(index: Index, source_id: str) -> list[Place]:
    """The places of a guide that can be named: its headings, in order."""
    headings: dict[str, None] = {}
    for section in index.document(source_id).sections:
        if len(section.heading_path) > 1:
            headings[section.heading_path[-1]] = None
    return [Place(source=source_id, heading=heading) for heading in headings]


def _newest(index: Index, place: Place, allowed: frozenset[str]) -> Source | None:
    wanted = [s for s in index.sources.values() if place.source in (s.id, s.work) and s.id in allowed]
    return max(wanted, key=lambda s: s.valid_from or date.min, default=None)


def _stands_at(section: Section, place: Place, document: Document) -> bool:
    if place.article:
        return section.article == place.article and place.lid in ("", section.lid)
    if place.page:
        return section.page == place.page
    if place.heading:
        return place.heading in section.heading_path
    return section.heading_path == document.sections[0].heading_path


def _locator(place: Place) -> str:
    if place.article:
        return f"artikel {place.article}" + (f", lid {place.lid}" if place.lid else "")
    return f"p. {place.page}" if place.page else place.heading


def _address(source: Source, place: Place) -> str | None:
    if source.kind is Kind.LAW and place.article:
        return article_url(source.work, place.article, place.lid or None)
    return source.url
