"""Words in SQLite: two full-text indexes over the passages, the passages themselves and their documents.

`stems` holds Dutch stems (Snowball) under `unicode61`, which keeps article numbers such as "5.3" findable as a
phrase; `plain` holds those of the plain layer for the passages that have one; `grams` holds the text under `trigram`,
which counts a word inside a compound ("vergunning" in "verblijfsvergunning"). Numbers run on within a source. The file
is written once and opened read-only after that.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import snowballstemmer

from indexer.models import Document, Passage
from indexer.plain import Layer
from indexer.prototypes import Group
from indexer.references import find_pages, links

FILE = "lexical.sqlite"

_SCHEMA = """
CREATE TABLE documents (
  source_id TEXT PRIMARY KEY, document TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE passages (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, source_id TEXT NOT NULL, work TEXT NOT NULL,
  article TEXT, lid TEXT, page TEXT, passage TEXT NOT NULL);
CREATE INDEX passages_by_place ON passages (work, article, lid);
CREATE INDEX passages_by_page ON passages (work, page);
CREATE INDEX passages_by_source ON passages (source_id, number);
CREATE TABLE links (passage_id TEXT NOT NULL, work TEXT NOT NULL, article TEXT, lid TEXT, page TEXT);
CREATE INDEX links_by_passage ON links (passage_id);
CREATE TABLE gaps (question INTEGER PRIMARY KEY, topic TEXT NOT NULL);
CREATE TABLE bridges (
  number INTEGER PRIMARY KEY, question INTEGER NOT NULL, source_id TEXT NOT NULL, passages TEXT NOT NULL,
  sentences TEXT NOT NULL);
CREATE TABLE prototypes (
  number INTEGER PRIMARY KEY, source_id TEXT, passages TEXT NOT NULL, sentence INTEGER, topic TEXT);
CREATE VIRTUAL TABLE stems USING fts5 (context, text, content='', tokenize='unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE plain USING fts5 (text, content='', tokenize='unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE grams USING fts5 (text, content='', tokenize='trigram');
"""

_WORD = re.compile(r"\w+(?:[.:]\w+)*", re.UNICODE)


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


def write(
    path: Path,
    documents: Sequence[Document],
    passages: Sequence[Passage],
    layer: Layer | None = None,
    grouped: Sequence[Group] = (),
) -> None:
    """Writes the file. Raises `sqlite3.Error` when the disk is full or cannot be written."""
    layer = layer or Layer()
    connection = sqlite3.connect(path)
    try:
        connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + _SCHEMA)
        with connection:
            for document in documents:
                connection.execute(
                    "INSERT INTO documents VALUES (?, ?, ?)",
                    (document.source.id, document.model_dump_json(exclude={"text", "pages"}), document.text),
                )
            for number, passage in enumerate(passages, start=1):
                place = (passage.article, passage.lid, passage.page)
                row = (number, passage.id, passage.source_id, passage.work, *place)
                connection.execute(
                    "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*row, passage.model_dump_json())
                )
                connection.execute(
                    "INSERT INTO stems (rowid, context, text) VALUES (?, ?, ?)",
                    (number, stemmed(passage.context), stemmed(passage.text)),
                )
                if passage.id in layer.words:
                    connection.execute(
                        "INSERT INTO plain (rowid, text) VALUES (?, ?)", (number, stemmed(layer.words[passage.id]))
                    )
                connection.execute("INSERT INTO grams (rowid, text) VALUES (?, ?)", (number, passage.searchable))
            connection.executemany("INSERT INTO links VALUES (?, ?, ?, ?, ?)", _links(documents, passages))
            connection.executemany(
                "INSERT OR IGNORE INTO gaps VALUES (?, ?)",
                ((layer.rows[question], gap.topic) for gap in layer.gaps for question in gap.questions),
            )
            written = lru_cache(json.dumps)  # many questions lead to the same place
            connection.executemany(
                "INSERT INTO bridges VALUES (?, ?, ?, ?, ?)",
                (
                    (n, layer.rows[b.text], b.source_id, written(b.passages), written(b.sentences))
                    for n, b in enumerate(layer.bridges)
                ),
            )
            connection.executemany(
                "INSERT INTO prototypes VALUES (?, ?, ?, ?, ?)",
                ((n, g.source_id, json.dumps(g.passages), g.sentence, g.topic) for n, g in enumerate(grouped)),
            )
        connection.executescript(
            "INSERT INTO stems(stems) VALUES ('optimize'); INSERT INTO plain(plain) VALUES ('optimize');"
            "INSERT INTO grams(grams) VALUES ('optimize');"
        )
    finally:
        connection.close()
    _to_disk(path)


_Link = tuple[str, str, str | None, str | None, str | None]


def _links(documents: Sequence[Document], passages: Sequence[Passage]) -> Iterator[_Link]:
    """What each passage refers to: of laws a row for each lid that is named, of paged sources a row for each page.

    A page is one of the source that the text is based on, where exactly one of those has such a page.
    """
    for identity, work, article, lid in links(documents, passages):
        yield identity, work, article, lid, None
    sources = {d.source.id: d.source for d in documents}
    for passage in passages:
        based_on = sources[passage.source_id].based_on
        for page in find_pages(passage.text) if based_on else ():
            works = [one.source for one in based_on if page in one.pages]
            if len(works) == 1:
                yield passage.id, works[0], None, None, page


def _to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
