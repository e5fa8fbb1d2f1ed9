"""PDF: pages in reading order, without headers and footers, lines joined to paragraphs.

- A line that comes back at the top or bottom of many pages (numbers aside) is a header or footer.
- A word broken at a line's end is joined where the joined word is known: it stands elsewhere in the document
  unbroken. Otherwise the hyphen stays, for "24-wekenplicht" and "leer- en werktraject" need theirs.
- Lines set clearly smaller at the bottom of a page are footnotes; they follow the whole text, so that no sentence
  is interrupted, and keep their page.
- A page with hardly any text, or text that is mostly signs no font maps to letters, is told in a warning.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pypdf
from pypdf.errors import PyPdfError

from indexer.errors import ReadError
from indexer.models import Document, Page, SectionKind, Source
from indexer.readers.builder import TextBuilder
from indexer.readers.guards import MAX_PAGES, check_file
from indexer.readers.text import is_heading, starts_item

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it would warn of, the reader tells itself

_MIN_CHARACTERS = 40
_EDGE_LINES = 3
_FOOTNOTE = re.compile(r"^\W{0,2}(\d{1,3})[%°®]?\s+\S")
_BROKEN = re.compile(r"(\w[\w'’-]*)-$")
_NO_TITLE = re.compile(r"(?i)untitled|anonymous|microsoft word|\.docx?$|\.pdf$|^$")


@dataclass
class _Line:
    text: str
    size: float
    y: float
    bold: bool


def describe(path: Path) -> dict[str, Any]:
    """The title among the file's properties, where it is one."""
    reader = _open(path)
    try:
        metadata = reader.metadata
        title = " ".join(str(metadata.title or "").split()) if metadata else ""
    except Exception:  # a damaged property is no reason to lose the document
        title = ""
    return {} if _NO_TITLE.search(title) else {"title": title}


def read(path: Path, source: Source) -> Document:
    """The text in sections, one for each stretch under a heading on a page; page labels as printed."""
    reader = _open(path)
    count = len(reader.pages)
    if count > MAX_PAGES:
        raise ReadError(path, f"has more than {MAX_PAGES} pages")
    labels = _labels(reader, count)
    notes: list[str] = []
    pages: list[list[_Line]] = []
    raw: list[Page] = []
    for index in range(count):
        try:
            lines, text = _lines(reader.pages[index])
        except RecursionError:
            raise
        except Exception as error:  # pypdf raises whatever the damage leads it to
            notes.append(f"page {labels[index]} cannot be read ({type(error).__name__})")
            lines, text = [], ""
        else:
            if problem := _problem(text):
                notes.append(f"page {labels[index]} {problem}")
        raw.append(Page(index=index, label=labels[index], raw=text))
        pages.append(lines)
    if not any(pages) or len([note for note in notes if "scan?" in note]) == count:
        raise ReadError(path, "has no readable text: a scan?")
    _drop_edges(pages)
    builder, footnotes = _write(pages, labels)
    if not builder.sections:
        raise ReadError(path, "has no readable text: a scan?")
    return Document(
        source=source,
        text=builder.text,
        sections=tuple(builder.sections),
        pages=tuple(raw),
        warnings=tuple(notes),
        facts={"pages": count, "footnotes": footnotes, "words": len(builder.text.split())},
    )


def _open(path: Path) -> pypdf.PdfReader:
    check_file(path)
    with path.open("rb") as file:
        if b"%PDF" not in file.read(1024):
            raise ReadError(path, "is not a PDF, though its name says so")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reader = pypdf.PdfReader(path)
            if reader.is_encrypted and not reader.decrypt(""):
                raise ReadError(path, "is protected with a password")
            _ = len(reader.pages)
    except ReadError:
        raise
    except (PyPdfError, OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise ReadError(path, "is a broken PDF") from error
    return reader


def _labels(reader: pypdf.PdfReader, count: int) -> list[str]:
    try:
        labels = list(reader.page_labels)
    except Exception:  # a damaged label tree: count instead
        labels = []
    return labels if len(labels) == count else [str(number + 1) for number in range(count)]


def _lines(page: pypdf.PageObject) -> tuple[list[_Line], str]:
    lines: list[_Line] = []
    parts: list[tuple[str, float, float, bool]] = []

    def flush() -> None:
        text = " ".join("".join(part[0] for part in parts).split())
        if text:
            sizes = Counter[float]()
            for part in parts:
                sizes[part[1]] += len(part[0].strip())
            size = sizes.most_common(1)[0][0]
            widest = max(parts, key=lambda part: len(part[0].strip()))
            lines.append(_Line(text, size, widest[2], widest[3]))
        parts.clear()

    def visit(text: str, _cm: Any, tm: Any, font: Any, size: float) -> None:
        scale = abs(tm[3]) if tm and tm[3] else 1.0
        bold = "bold" in str((font or {}).get("/BaseFont", "")).lower()
        pieces = text.split("\n")
        for number, piece in enumerate(pieces):
            if piece:
                parts.append((piece, round(float(size or 0) * scale, 1), float(tm[5]) if tm else 0.0, bold))
            if number < len(pieces) - 1:
                flush()

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        raw = page.extract_text(visitor_text=visit)
    flush()
    return lines, raw


def _problem(text: str) -> str | None:
    visible = [character for character in text if not character.isspace()]
    if len(visible) < _MIN_CHARACTERS:
        return "has almost no text: a scan?"
    strange = sum(c == "\ufffd" or 0xE000 <= ord(c) <= 0xF8FF or ord(c) < 32 for c in visible)
    return "has text that is mostly unreadable signs: a scan?" if strange > len(visible) * 0.2 else None


def _drop_edges(pages: list[list[_Line]]) -> None:
    """Takes headers and footers away: lines at the edges of a page that come back on many pages."""
    filled = [lines for lines in pages if lines]
    if len(filled) < 3:
        return
    seen: Counter[str] = Counter()
    for lines in filled:
        edge = _edges(lines)
        seen.update({_shape(line.text) for line in edge})
    repeated = {shape for shape, count in seen.items() if count >= max(3, len(filled) * 0.4)}
    for lines in filled:
        edge_ids = {id(line) for line in _edges(lines)}
        lines[:] = [line for line in lines if id(line) not in edge_ids or _shape(line.text) not in repeated]


def _edges(lines: list[_Line]) -> list[_Line]:
    by_height = sorted(lines, key=lambda line: -line.y)
    return by_height[:_EDGE_LINES] + by_height[-_EDGE_LINES:]


def _shape(text: str) -> str:
    return re.sub(r"\d+|\b[ivxlc]+\b", "#", text.lower())


def _write(pages: list[list[_Line]], labels: list[str]) -> tuple[TextBuilder, int]:
    everything = [line for lines in pages for line in lines]
    sizes = Counter[float]()
    for line in everything:
        sizes[line.size] += len(line.text)
    body = sizes.most_common(1)[0][0]
    known = _known_words(everything)
    widest = sorted(len(line.text) for line in everything)[int(len(everything) * 0.9)]
    usual = _usual_gap(pages)
    builder = TextBuilder()
    notes: list[tuple[int, str]] = []
    text, unfinished = "", False
    for index, lines in enumerate(pages):
        text_lines, footnote_lines = _split_footnotes(lines, body)
        notes.extend((index, note) for note in _join_notes(footnote_lines, known))
        builder.page(labels[index], index)
        for number, paragraph in enumerate(_paragraphs(text_lines, widest, usual)):
            first = paragraph[0]
            heading = len(paragraph) == 1 and _heading_like(first, body)
            before, text = text, _join([line.text for line in paragraph], known)
            if heading:
                builder.heading(text, _level(first, body))
            elif number == 0 and unfinished and not starts_item(text):
                builder.continue_paragraph(text, "" if before.endswith("-") else " ")
            else:
                builder.paragraph(text)
            # A page that ends inside a sentence goes on at the top of the next one.
            unfinished = not heading and not text.endswith((".", "!", "?", ":", ";", "”", '"'))
        builder.end_section()
    for index, note in notes:
        match = _FOOTNOTE.match(note)
        builder.page(labels[index], index)
        place = f"p. {labels[index]}, voetnoot {match[1]}" if match else f"p. {labels[index]}, voetnoot"
        builder.section([note], SectionKind.FOOTNOTE, place)
    return builder, len(notes)


def _known_words(lines: Iterable[_Line]) -> set[str]:
    """Words that stand somewhere unbroken: all but those at a line's end with a hyphen and what follows them."""
    known: set[str] = set()
    broken = False
    for line in lines:
        tokens = [token.strip(".,;:()[]'\"“”‘’?!").lower() for token in line.text.split()]
        if broken:
            tokens = tokens[1:]
        broken = bool(_BROKEN.search(line.text))
        known.update(tokens[:-1] if broken else tokens)
    return known


def _join(lines: list[str], known: set[str]) -> str:
    text = lines[0]
    for line in lines[1:]:
        match = _BROKEN.search(text)
        if match is None:
            text = f"{text} {line}"
            continue
        following = re.match(r"[\w'’]+", line)
        word = following.group() if following else ""
        front = re.split(r"[-\s]", match[1])[-1]
        if word in {"en", "of", "dan", "and", "or", "tot"}:
            text = f"{text} {line}"
        elif f"{front}{word}".lower() in known or f"{match[1]}{word}".lower() in known:
            text = text[:-1] + line
        else:
            text = text + line
    return text


def _split_footnotes(lines: list[_Line], body: float) -> tuple[list[_Line], list[_Line]]:
    """Body lines and footnote lines: from the first small numbered line on, small lines and what hangs on them."""
    for start, line in enumerate(lines):
        if line.size < body - 0.8 and _FOOTNOTE.match(line.text):
            rest = lines[start:]
            end = len(rest)
            for number in range(1, len(rest)):
                if rest[number].size >= body - 0.8 and rest[number - 1].size >= body - 0.8:
                    end = number
                    break
            return lines[:start] + rest[end:], rest[:end]
    return lines, []


def _join_notes(lines: list[_Line], known: set[str]) -> list[str]:
    notes: list[list[str]] = []
    for line in lines:
        if not notes or _FOOTNOTE.match(line.text):
            notes.append([])
        notes[-1].append(line.text)
    return [_join(note, known) for note in notes]


def _usual_gap(pages: list[list[_Line]]) -> float:
    """The distance between two lines of a paragraph: the smallest that is common."""
    gaps = Counter(round(a.y - b.y) for lines in pages for a, b in pairwise(lines) if 4 < a.y - b.y < 60)
    common = [gap for gap, count in gaps.items() if count >= 0.2 * gaps.total()]
    return float(min(common, default=13))


def _paragraphs(lines: list[_Line], widest: int, usual: float) -> list[list[_Line]]:
    """Groups of lines: a wider gap, another size, a list item or a short last line begins a new one."""
    groups: list[list[_Line]] = []
    for line in lines:
        before = groups[-1][-1] if groups else None
        new = (
            before is None
            or before.y - line.y > usual * 1.35
            or line.y > before.y + usual
            or abs(line.size - before.size) > 0.8
            or line.bold != before.bold
            or starts_item(line.text)
            or (len(before.text) < widest * 0.75 and before.text.endswith((".", "?", "!", ":")))
        )
        if new:
            groups.append([])
        groups[-1].append(line)
    return groups


def _heading_like(line: _Line, body: float) -> bool:
    larger = line.size > body + 0.8 or line.bold
    return is_heading(line.text) or (larger and len(line.text) <= 120 and not starts_item(line.text))


def _level(line: _Line, body: float) -> int:
    numbered = re.match(r"^(\d+(?:\.\d+)*)\.?\s", line.text)
    if numbered:
        return min(4, 1 + numbered[1].count(".") + (0 if "." in numbered[1] else 1))
    if line.text.isupper() or line.size > body * 1.4:
        return 1
    return 2
