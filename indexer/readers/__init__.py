"""Readers: one module a format, each with `describe(path)` and `read(path, source) -> Document`.

A reader gives the whole reading text and ordered sections that point into it. It raises `ReadError` with a
reason a person can act on, and never hangs: sizes are capped before anything is unpacked or parsed.
A new format is a module here and its line in `_MODULES`.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, Protocol, cast

from indexer.errors import ReadError
from indexer.models import Document, Source

VERSION = "2"
"""Raise it when the same file would give another document: indexes are then rebuilt."""

_MODULES = {
    ".pdf": "pdf",
    ".docx": "docx",
    ".html": "html",
    ".htm": "html",
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "text",
    ".xml": "xml",
}
SUFFIXES = frozenset(_MODULES)


class Reader(Protocol):
    """What a reader module offers."""

    def describe(self, path: Path) -> dict[str, Any]:
        """What the file itself tells about its source, as fields of `Source`; quick."""

    def read(self, path: Path, source: Source) -> Document:
        """The document. Raises `ReadError`."""


def _reader(path: Path) -> Reader:
    name = _MODULES.get(path.suffix.lower())
    if name is None:
        raise ReadError(path, f"is of a kind that is not read ({path.suffix or 'no suffix'})")
    if name == "xml":
        name = _xml_reader(path)
    # Imported when needed: the PDF and DOCX libraries take long to load.
    return cast(Reader, importlib.import_module(f"indexer.readers.{name}"))


def _xml_reader(path: Path) -> str:
    from indexer.readers import cvdr
    from indexer.readers.guards import first_elements
    from indexer.readers.law_xml import local_name

    root = next(first_elements(path))
    if local_name(root) == "toestand":
        return "bwb"
    if cvdr.is_cvdr(root):
        return "cvdr"
    raise ReadError(path, "is XML, but no law (BWB) and no municipal rule (CVDR)")


def describe(path: Path) -> dict[str, Any]:
    """What a file itself tells about its source. Raises `ReadError`."""
    return _reader(path).describe(path)


def read(path: Path, source: Source) -> Document:
    """The document in a file. Raises `ReadError`, for content nested too deeply too."""
    try:
        return _reader(path).read(path, source)
    except RecursionError as error:
        raise ReadError(path, "is nested too deeply") from error
