"""The data that flows from a file to a searchable passage. All models are frozen.

A **source** is one version of one document with what we know about it. Reading it gives a **document**: the
whole reading text plus ordered **sections** that point into that text. Chunking gives **passages**: what is
searched and cited. Offsets are in characters (code points) of `Document.text`, start inclusive, end exclusive.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Frozen(BaseModel):
    """A model that is never changed after it is made and refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Kind(StrEnum):
    """What sort of text a source is."""

    LAW = "law"
    POLICY = "policy"
    GUIDE = "guide"
    REPORT = "report"
    TRAINING = "training"
    LOCAL = "local"


class Binding(StrEnum):
    """How binding a source is: a law must be followed, a finding is what somebody found out."""

    LAW = "law"
    RULE = "rule"
    GUIDANCE = "guidance"
    LOCAL = "local"
    FINDING = "finding"


class Regime(StrEnum):
    """Which inburgering law a text speaks about (absent: both, or neither)."""

    WI2013 = "wi2013"
    WI2021 = "wi2021"


class BasedOn(Frozen):
    """Where the facts of a guide come from: a source and the article or page in it."""

    source: str
    articles: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()


class Source(Frozen):
    """One version of one document, with all that is known about it."""

    id: str = Field(description="unique in an index; a law version is '<BWB-ID>@<valid_from>'")
    work: str = Field(description="the id that all versions of the same text share, such as 'BWBR0044770'")
    title: str
    short_title: str = Field(default="", description="how professionals call it, such as 'Wi2021'")
    kind: Kind
    publisher: str = ""
    language: str = "nl"
    url: str | None = None
    licence: str | None = None
    valid_from: date | None = None
    valid_to: date | None = Field(default=None, description="last day it holds, inclusive")
    binding: Binding
    regime: Regime | None = None
    collection: str = "public"
    audience: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    based_on: tuple[BasedOn, ...] = ()
    file: str = Field(description="path relative to the corpus folder, with forward slashes")
    sha256: str = Field(description="hash of the file's bytes, in hex")

    def holds_on(self, day: date) -> bool:
        """Whether the source holds on `day`; an open end counts as holding."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


class Part(Frozen):
    """A list item (onderdeel) inside a section, with its label path such as 'a' or 'c, 2°'."""

    label: str
    start: int
    end: int


class SectionKind(StrEnum):
    """What a section is in its document; only `BODY` and `TABLE` and `FOOTNOTE` become passages."""

    BODY = "body"
    TABLE = "table"
    FOOTNOTE = "footnote"


class Section(Frozen):
    """A stretch of a document that belongs together: a lid, a page's part under one heading, a table.

    `start` and `end` point into `Document.text`; the heading itself and a lid's number lie outside them.
    """

    heading_path: tuple[str, ...] = ()
    locator: str = Field(description="as a person cites it: 'artikel 14, lid 2' or 'p. 21'; may be empty")
    page: str | None = Field(default=None, description="printed page label")
    page_index: int | None = Field(default=None, description="zero-based page in the file")
    article: str | None = None
    lid: str | None = None
    kind: SectionKind = SectionKind.BODY
    lapsed: bool = Field(default=False, description="an article that has lapsed (vervallen)")
    parts: tuple[Part, ...] = ()
    start: int
    end: int


class Page(Frozen):
    """A page of a paged document, with its text exactly as the file gives it."""

    index: int
    label: str
    raw: str


class Document(Frozen):
    """A source that has been read.

    `text` is the whole reading text in order. `warnings` say what could not be read well, one sentence each.
    `facts` counts what was found, such as {'articles': 60, 'leden': 190, 'pages': 33}.
    """

    source: Source
    text: str
    sections: tuple[Section, ...]
    pages: tuple[Page, ...] = ()
    warnings: tuple[str, ...] = ()
    facts: dict[str, int] = Field(default_factory=dict)


class Passage(Frozen):
    """What is searched and cited: a contiguous run of a document's text.

    `text == document.text[start:end]`. `context` is what a reader needs to place it (title, heading path,
    the lead-in of a list); it is embedded and indexed with the text but never quoted.
    """

    id: str
    source_id: str
    work: str
    kind: Kind
    binding: Binding
    regime: Regime | None = None
    collection: str = "public"
    locator: str
    parent: str = Field(description="what the passage is a piece of: the article, or the guide's section")
    heading_path: tuple[str, ...] = ()
    context: str = ""
    text: str
    start: int
    end: int
    page: str | None = None
    page_index: int | None = None
    article: str | None = None
    lid: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    tokens: int = 0

    @property
    def searchable(self) -> str:
        """The text that is embedded and indexed: context and passage."""
        return f"{self.context}\n{self.text}" if self.context else self.text


class Unreadable(Frozen):
    """A document, or a part of one, that could not be read, and why."""

    file: str
    reason: str
