"""Word documents: headings by style, lists, tables as rows, in the order of the body."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import docx
from docx.document import Document as Word
from docx.opc.exceptions import PackageNotFoundError
from docx.table import Table
from docx.text.paragraph import Paragraph

from indexer.errors import ReadError
from indexer.models import Document, SectionKind, Source
from indexer.readers.builder import TextBuilder
from indexer.readers.guards import check_zip

_HEADING = re.compile(r"(?i)^(?:heading|kop)\s*(\d)$")
_LIST = re.compile(r"(?i)list|lijst|opsomming")


def describe(path: Path) -> dict[str, Any]:
    """The title among the document's properties, else its first heading or title line."""
    word = _open(path)
    title = (word.core_properties.title or "").strip()
    if not title or title.lower() in {"word document", "untitled", "document"}:
        title = next((p.text.strip() for p in word.paragraphs if p.text.strip() and _level(p)), "")
    fields: dict[str, Any] = {"title": title} if title else {}
    if language := (word.core_properties.language or "")[:2].lower():
        fields["language"] = language
    return fields


def read(path: Path, source: Source) -> Document:
    """The text in sections, cut at headings; a table is a section of its own."""
    word = _open(path)
    builder = TextBuilder()
    tables = 0
    for block in word.iter_inner_content():
        if isinstance(block, Table):
            rows = _rows(block)
            if rows:
                tables += 1
                builder.section(rows, SectionKind.TABLE)
            continue
        text = " ".join(block.text.split())
        if not text:
            continue
        level = _level(block)
        if level:
            builder.heading(text, level)
        else:
            builder.paragraph(f"- {text}" if _is_item(block) else text)
    builder.end_section()
    if not builder.sections:
        raise ReadError(path, "has no text")
    facts = {"tables": tables, "words": len(builder.text.split())}
    return Document(source=source, text=builder.text, sections=tuple(builder.sections), facts=facts)


def _open(path: Path) -> Word:
    check_zip(path)
    try:
        return docx.Document(str(path))
    except (PackageNotFoundError, KeyError, ValueError, AttributeError) as error:
        raise ReadError(path, "is not a readable DOCX") from error


def _level(paragraph: Paragraph) -> int:
    """The heading level of a paragraph, 0 for body text."""
    name = (paragraph.style.name or "") if paragraph.style is not None else ""
    if name.lower() in {"title", "titel"}:
        return 1
    match = _HEADING.match(name)
    if match:
        return int(match[1])
    outline = paragraph._p.xpath("./w:pPr/w:outlineLvl/@w:val")
    return int(outline[0]) + 1 if outline and int(outline[0]) < 9 else 0


def _is_item(paragraph: Paragraph) -> bool:
    name = (paragraph.style.name or "") if paragraph.style is not None else ""
    return bool(_LIST.search(name)) or bool(paragraph._p.xpath("./w:pPr/w:numPr"))


def _rows(table: Table) -> list[str]:
    rows = []
    for row in table.rows:
        cells: list[str] = []
        seen: set[int] = set()
        for cell in row.cells:
            # A merged cell is given once for every column it spans.
            if id(cell._tc) in seen:
                continue
            seen.add(id(cell._tc))
            cells.append(" ".join(cell.text.split()))
        if any(cells):
            rows.append("\t".join(cells))
    return rows
