"""Markdown with front matter: guides. The reading text is what a person sees, without marks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from indexer.errors import ReadError
from indexer.models import Document, SectionKind, Source
from indexer.readers.builder import TextBuilder
from indexer.readers.guards import read_bytes

_KEYS = frozenset(Source.model_fields) - {"file", "sha256"}


def describe(path: Path) -> dict[str, Any]:
    """The front matter, else the first heading as title. Raises `ReadError` for an unknown key, with its line."""
    matter, body = _split(path)
    if "title" not in matter:
        first = next((line.lstrip("# ").strip() for line in body.splitlines() if line.startswith("#")), "")
        if first:
            matter["title"] = first
    return matter


def read(path: Path, source: Source) -> Document:
    """The text in sections, cut at headings."""
    _, body = _split(path)
    builder = TextBuilder()
    tokens = MarkdownIt("commonmark").enable("table").parse(body)
    _write(builder, tokens)
    builder.end_section()
    if not builder.sections:
        raise ReadError(path, "has no text")
    words = len(builder.text.split())
    facts = {"headings": sum(token.type == "heading_open" for token in tokens), "words": words}
    return Document(source=source, text=builder.text, sections=tuple(builder.sections), facts=facts)


def _split(path: Path) -> tuple[dict[str, Any], str]:
    try:
        text = read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ReadError(path, "is not UTF-8 text") from error
    if "\0" in text:
        raise ReadError(path, "is not text (it holds NUL bytes)")
    lines = text.splitlines()
    if not lines or lines[0].strip() != "---":
        return {}, text
    end = next((number for number, line in enumerate(lines[1:], start=1) if line.strip() == "---"), None)
    if end is None:
        raise ReadError(path, "has front matter that does not end (a line with ---)")
    try:
        matter = yaml.safe_load("\n".join(lines[1:end])) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 2}" if mark else ""
        raise ReadError(path, f"has front matter that is not valid YAML{where}") from error
    if not isinstance(matter, dict):
        raise ReadError(path, "has front matter that is not a list of keys and values")
    for key in matter:
        if key not in _KEYS:
            line = next((n for n, t in enumerate(lines[:end], start=1) if t.startswith(f"{key}:")), 1)
            raise ReadError(path, f"line {line}: unknown key '{key}' in the front matter")
    return matter, "\n".join(lines[end + 1 :])


def _write(builder: TextBuilder, tokens: list[Token]) -> None:
    lists: list[int | None] = []  # next number of an ordered list, None in a bulleted one
    item_begins = in_cell = False
    row: list[str] = []
    rows: list[str] = []
    level = 0
    for token in tokens:
        match token.type:
            case "heading_open":
                level = int(token.tag[1])
            case "heading_close":
                level = 0
            case "bullet_list_open":
                lists.append(None)
            case "ordered_list_open":
                lists.append(int(token.attrs.get("start", 1)))
            case "bullet_list_close" | "ordered_list_close":
                lists.pop()
            case "list_item_open":
                item_begins = True
            case "table_open":
                rows = []
            case "tr_open":
                row = []
            case "th_open" | "td_open":
                in_cell = True
            case "th_close" | "td_close":
                in_cell = False
            case "tr_close":
                rows.append("\t".join(row))
            case "table_close":
                builder.section(rows, SectionKind.TABLE)
                rows = []
            case "inline":
                text = _plain(token)
                if in_cell:
                    row.append(text)
                elif level:
                    builder.heading(text, level)
                else:
                    if lists and item_begins:
                        number = lists[-1]
                        text = f"- {text}" if number is None else f"{number}. {text}"
                        lists[-1] = None if number is None else number + 1
                        item_begins = False
                    if text:
                        builder.paragraph(text)
            case "fence" | "code_block":
                for line in token.content.splitlines():
                    if line.strip():
                        builder.paragraph(line.strip())
            case _:
                pass


def _plain(token: Token) -> str:
    pieces = []
    for child in token.children or ():
        if child.type in {"text", "code_inline"}:
            pieces.append(child.content)
        elif child.type in {"softbreak", "hardbreak"}:
            pieces.append(" ")
        elif child.type == "image":
            pieces.append(child.content)
    return " ".join("".join(pieces).split())
