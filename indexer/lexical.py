"""Words in SQLite: two full-text indexes over the passages, the passages themselves and their documents.

`stems` holds Dutch stems (Snowball) under `unicode61`, which keeps article numbers such as "5.3" findable as a
phrase; `grams` holds the text under `trigram`, which finds a word inside a compound ("vergunning" in
"verblijfsvergunning"). The file is written once and opened read-only after that.
"""

from __future__ import annotations

import os
import re
import sqlite3
import threading
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import snowballstemmer

from indexer.models import Document, Passage

FILE = "lexical.sqlite"

_SCHEMA = """
CREATE TABLE documents (
  source_id TEXT PRIMARY KEY, work TEXT NOT NULL, collection TEXT NOT NULL,
  document TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE passages (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, source_id TEXT NOT NULL, work TEXT NOT NULL,
  collection TEXT NOT NULL, kind TEXT NOT NULL, regime TEXT, article TEXT, lid TEXT,
  valid_from INTEGER NOT NULL, valid_to INTEGER NOT NULL, start INTEGER NOT NULL, passage TEXT NOT NULL);
CREATE INDEX passages_by_place ON passages (work, article, lid);
CREATE INDEX passages_by_source ON passages (source_id, start);
CREATE VIRTUAL TABLE stems USING fts5 (context, text, content='', tokenize='unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE grams USING fts5 (text, content='', tokenize='trigram');
"""

_WORD = re.compile(r"\w+(?:[.:]\w+)*", re.UNICODE)

ALWAYS_FROM, ALWAYS_TO = 0, 99999999
"""Days as whole numbers (yyyymmdd) of a passage whose validity is open at that end."""


def words(text: str) -> list[str]:
    """The words of a text in lower case; numbers such as '5.3' and '42a' stay whole."""
    return _WORD.findall(unicodedata.normalize("NFC", text).lower())


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The Dutch stem of a lower-case word; numbers stay as they are."""
    if any(character.isdigit() for character in word):
        return word
    return str(_stemmer().stemWord(word))


def _stemmer() -> Any:
    # A Snowball stemmer keeps its word on itself, so each thread has its own.
    if not hasattr(_own, "stemmer"):
        _own.stemmer = snowballstemmer.stemmer("dutch")
    return _own.stemmer


_own = threading.local()


def stemmed(text: str) -> str:
    """The text as its stems, ready for the `stems` index."""
    return " ".join(stem(word) for word in words(text))


def write(path: Path, documents: Iterable[Document], passages: Iterable[Passage]) -> int:
    """Writes the file and returns the number of passages in it.

    Raises `sqlite3.Error` when the disk is full or cannot be written.
    """
    connection = sqlite3.connect(path)
    try:
        connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + _SCHEMA)
        with connection:
            for document in documents:
                connection.execute(
                    "INSERT INTO documents VALUES (?, ?, ?, ?, ?)",
                    (
                        document.source.id,
                        document.source.work,
                        document.source.collection,
                        document.model_dump_json(exclude={"text", "pages"}),
                        document.text,
                    ),
                )
            count = 0
            for number, passage in enumerate(passages, start=1):
                connection.execute("INSERT INTO passages VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)", _row(number, passage))
                connection.execute(
                    "INSERT INTO stems (rowid, context, text) VALUES (?, ?, ?)",
                    (number, stemmed(passage.context), stemmed(passage.text)),
                )
                connection.execute("INSERT INTO grams (rowid, text) VALUES (?, ?)", (number, passage.searchable))
                count = number
        connection.executescript(
            "INSERT INTO stems(stems) VALUES ('optimize'); INSERT INTO grams(grams) VALUES ('optimize');"
        )
    finally:
        connection.close()
    _to_disk(path)
    return count


def _row(number: int, passage: Passage) -> tuple[object, ...]:
    valid_from, valid_to = validity_numbers(passage)
    return (
        number,
        passage.id,
        passage.source_id,
        passage.work,
        passage.collection,
        passage.kind.value,
        passage.regime.value if passage.regime else None,
        passage.article,
        passage.lid,
        valid_from,
        valid_to,
        passage.start,
        passage.model_dump_json(),
    )


def validity_numbers(passage: Passage) -> tuple[int, int]:
    """First and last day of a passage as whole numbers (yyyymmdd), open ends as the widest."""
    return (
        int(passage.valid_from.strftime("%Y%m%d")) if passage.valid_from else ALWAYS_FROM,
        int(passage.valid_to.strftime("%Y%m%d")) if passage.valid_to else ALWAYS_TO,
    )


def _to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
