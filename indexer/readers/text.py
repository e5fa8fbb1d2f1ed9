"""Plain text: hard-wrapped lines become paragraphs, form feeds are pages, lone short lines are headings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from indexer.errors import ReadError
from indexer.models import Document, Source
from indexer.readers.builder import TextBuilder
from indexer.readers.guards import read_bytes

_BULLET = re.compile(r"^(?:[-–•*·▪]|\d{1,2}[.)]|[a-z][.)])\s+")
_SENTENCE_END = (".", ",", ";", ":", "?", "!", "”", '"', ")")


def describe(path: Path) -> dict[str, Any]:
    """The first line as title, when it is short enough to be one."""
    first = next((line.strip() for line in _decode(path).splitlines() if line.strip()), "")
    return (
        {"title": first} if 3 <= len(first) <= 100 and not first.endswith(_SENTENCE_END) and not first.isupper() else {}
    )


def read(path: Path, source: Source) -> Document:
    """The text in paragraphs, cut at what looks like headings."""
    text = _decode(path)
    builder = TextBuilder()
    pages = text.split("\f")
    for number, page in enumerate(pages):
        if len(pages) > 1:
            builder.page(str(number + 1), number)
        for block in re.split(r"\n\s*\n", page):
            lines = [line.strip() for line in block.splitlines() if line.strip()]
            if not lines:
                continue
            if len(lines) == 1 and is_heading(lines[0]):
                builder.heading(lines[0], 1 if lines[0].isupper() else 2)
                continue
            for paragraph in _paragraphs(lines):
                builder.paragraph(paragraph)
    builder.end_section()
    if not builder.sections:
        raise ReadError(path, "has no text")
    return Document(
        source=source,
        text=builder.text,
        sections=tuple(builder.sections),
        facts={"words": len(builder.text.split())},
    )


def is_heading(line: str) -> bool:
    """Whether a line that stands alone looks like a heading: short, no end of sentence, no list item."""
    return (
        2 < len(line) <= 90
        and not line.endswith(_SENTENCE_END)
        and (line[0].isupper() or line[0].isdigit())
        and any(character.isalpha() for character in line)
        and len(line.split()) <= 12
    )


def starts_item(line: str) -> bool:
    """Whether a line begins a list item."""
    return bool(_BULLET.match(line))


def _paragraphs(lines: list[str]) -> list[str]:
    paragraphs: list[str] = []
    for line in lines:
        if paragraphs and not starts_item(line):
            paragraphs[-1] = f"{paragraphs[-1]} {line}"
        else:
            paragraphs.append(line)
    return paragraphs


def _decode(path: Path) -> str:
    data = read_bytes(path)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if b"\0" in data:
        raise ReadError(path, "is not text (it holds NUL bytes)")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    strange = sum(1 for c in text[:20_000] if (ord(c) < 32 and c not in "\n\r\t\f") or c == "\ufffd")
    if strange > len(text[:20_000]) * 0.05:
        raise ReadError(path, "is not readable text")
    return text.replace("\r\n", "\n").replace("\r", "\n")
