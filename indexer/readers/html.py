"""Web pages: trafilatura finds the body among menus and banners; headings, lists and tables are kept.

A local file is only read; nothing it refers to is fetched.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import trafilatura
from lxml import etree

from indexer.errors import ReadError
from indexer.models import Document, SectionKind, Source
from indexer.readers.builder import TextBuilder
from indexer.readers.guards import read_bytes

_LANGUAGE = re.compile(rb"<html[^>]*\blang=[\"']?([a-zA-Z]{2})")
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)


def describe(path: Path) -> dict[str, Any]:
    """Title and language as the page tells them."""
    data = read_bytes(path)
    fields: dict[str, Any] = {}
    metadata = trafilatura.extract_metadata(data)
    if metadata is not None and metadata.title:
        fields["title"] = metadata.title
    elif match := _TITLE.search(data.decode("utf-8", "replace")):
        fields["title"] = " ".join(match[1].split())
    if language := _LANGUAGE.search(data):
        fields["language"] = language[1].decode().lower()
    return fields


def read(path: Path, source: Source) -> Document:
    """The main text in sections, cut at headings. Raises `ReadError` when there is none."""
    found = trafilatura.extract(
        read_bytes(path),
        output_format="xml",
        include_tables=True,
        include_comments=False,
        include_formatting=False,
        include_links=False,
        favor_recall=True,
    )
    if not found:
        raise ReadError(path, "has no text that can be told from its menus")
    root = etree.fromstring(found.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    builder = TextBuilder()
    main = root.find("main")
    for element in main if main is not None else root:
        _write(builder, element)
    builder.end_section()
    if not builder.sections:
        raise ReadError(path, "has no text")
    facts = {"words": len(builder.text.split())}
    return Document(source=source, text=builder.text, sections=tuple(builder.sections), facts=facts)


def _write(builder: TextBuilder, element: etree._Element) -> None:
    text = " ".join("".join(element.itertext()).split())
    match element.tag:
        case "head":
            if text:
                builder.heading(text, int(element.get("rend", "h2").lstrip("h") or 2))
        case "list":
            for item in element.iter("item"):
                if line := " ".join("".join(item.itertext()).split()):
                    builder.paragraph(f"- {line}")
        case "table":
            rows = [
                "\t".join(" ".join("".join(cell.itertext()).split()) for cell in row.iter("cell"))
                for row in element.iter("row")
            ]
            if rows:
                builder.section(rows, SectionKind.TABLE)
        case _:
            if text:
                builder.paragraph(text)
