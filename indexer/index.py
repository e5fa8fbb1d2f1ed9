"""A finished generation, open for reading. It is never written; safe to use from several threads."""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer import lexical, sealing
from indexer.errors import IndexBroken, IndexError_
from indexer.generation import Manifest, finished_generations, read_manifest, serving_folder
from indexer.last_used import LastUsed
from indexer.models import Document, Kind, Passage, Regime, Section, Source
from indexer.plain_search import PlainSearch
from indexer.references import LawNames
from indexer.vectors import FOLDER, Vectors

logger = logging.getLogger(__name__)


def open_index(folder: Path) -> Index:
    """Opens the generation that serves, or the newest sound one where that is damaged; `Index.damage` then tells.

    Raises `IndexMissing` when nothing was ever indexed there, `IndexBroken` when no generation there is sound.
    """
    generation, manifest, damage = sound_generation(folder)
    index = Index(generation, manifest)
    if index.vector_count() != manifest.vectors:
        index.close()
        raise IndexBroken(f"The index in {folder} is damaged; make it anew with: leidraad index --rebuild")
    if damage:
        logger.error("%s; generation %s serves meanwhile", damage, manifest.name)
        index.damage = damage
    return index


def sound_generation(folder: Path) -> tuple[Path, Manifest, str]:
    """The generation to read and its manifest; where it is not the one that should serve, a sentence that says why.

    Raises as `open_index` does.
    """
    serving = serving_folder(folder)
    try:
        manifest = read_manifest(serving)
        sealing.check(serving)
    except IndexBroken as broken:
        for other in finished_generations(folder):
            if other == serving:
                continue
            try:
                manifest = read_manifest(other)
                sealing.check(other)
            except IndexBroken:
                continue
            return other, manifest, str(broken)
        raise
    return serving, manifest, ""


_COMMON = 0.05
"""The share of the passages from which a stem is common."""

_MOST_SPANS = 500
"""SQLite takes no condition of more than a thousand parts."""

_PASSAGES = 4_000
"""Passages that are kept in memory once they were read: a question looks at some two hundred."""


class Index:
    """One generation: its vectors, its words, its passages and its documents.

    `plain` is its plain layer. `damage` says what is wrong with the newer generation that should have served; empty
    where nothing is.
    """

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.manifest = manifest
        self.damage = ""
        self.sources: dict[str, Source] = {report.source.id: report.source for report in manifest.documents}
        self._path = folder / lexical.FILE
        self._own = threading.local()
        self._connections: dict[threading.Thread, sqlite3.Connection] = {}
        self._opening = threading.Lock()
        self.plain = PlainSearch(folder, manifest.bridges, self._connection)
        try:
            self.vectors = Vectors(folder / FOLDER)
        except IndexError_:
            raise
        except Exception as error:  # Chroma raises bare exceptions of its own for a damaged folder
            raise IndexBroken(
                f"The vectors of {folder.name} cannot be opened; run: leidraad index --rebuild"
            ) from error
        self.document = lru_cache(maxsize=64)(self._document)
        self._read: LastUsed[Passage] = LastUsed(_PASSAGES)
        self._frequency = lru_cache(maxsize=50_000)(self._count_frequency)
        self._stem_frequency = lru_cache(maxsize=50_000)(self._count_stem)

    @property
    def name(self) -> str:
        """The generation's name."""
        return self.manifest.name

    def allowed(
        self, day: date, collections: Iterable[str] | None = None, regime: Regime | None = None
    ) -> frozenset[str]:
        """The sources that may be evidence: those that hold on `day`, may be read, and fit the regime.

        `collections` None means every collection. A source without a regime fits every regime.
        """
        readable = None if collections is None else frozenset(collections)
        return frozenset(
            source.id
            for source in self.sources.values()
            if source.holds_on(day)
            and (readable is None or source.collection in readable)
            and (regime is None or source.regime in (None, regime))
        )

    def nearest(self, vector: NDArray[np.float32], limit: int, allowed: frozenset[str]) -> list[tuple[str, float]]:
        """Passage ids with cosine similarity, best first, from the allowed sources only."""
        return self.vectors.nearest(vector, limit, self._narrow(allowed))

    def by_stems(self, terms: Sequence[str], limit: int, allowed: frozenset[str]) -> list[tuple[str, float]]:
        """Passage ids by BM25 over Dutch stems (any of `terms`, plain words), best first, higher is better.

        A stem of more than a twentieth of the passages tells little and costs most: it counts only where all are such.
        """
        stems = _stems_of(terms)
        telling = [one for one in stems if self._stem_frequency(one) <= _COMMON * self.manifest.passages]
        return self._match("stems", "bm25(stems, 0.6, 1.0)", telling or stems, limit, allowed)

    def by_plain_words(self, terms: Sequence[str], limit: int, allowed: frozenset[str]) -> list[tuple[str, float]]:
        """The same over the words of the plain layer, for the passages that have one."""
        return self._match("plain", "bm25(plain)", _stems_of(terms), limit, allowed)

    def frequency(self, word: str) -> int:
        """How many passages hold a word: its stem, or the word inside a longer one where it has five letters."""
        return self._frequency(word)

    def _count_frequency(self, word: str) -> int:
        count = self._stem_frequency(_quoted(lexical.stem(word)))
        if len(word) >= 5:
            query = "SELECT count(*) FROM grams WHERE grams MATCH ?"
            count = max(count, int(self._connection().execute(query, (_quoted(word),)).fetchone()[0]))
        return count

    def _count_stem(self, quoted: str) -> int:
        query = "SELECT count(*) FROM stems WHERE stems MATCH ?"
        return int(self._connection().execute(query, (quoted,)).fetchone()[0])

    def _match(
        self, table: str, rank: str, terms: list[str], limit: int, allowed: frozenset[str]
    ) -> list[tuple[str, float]]:
        if not terms or not allowed:
            return []
        within, values = self._within(allowed)
        # Table, rank and ranges are this module's own; everything from outside is a bound value. The passages are
        # looked up afterwards: joined in, every match would read one.
        query = (
            f"SELECT rowid, -{rank} AS score FROM {table} "  # noqa: S608
            f"WHERE {table} MATCH ? {within} ORDER BY score DESC, rowid LIMIT ?"
        )
        connection = self._connection()
        found = connection.execute(query, (" OR ".join(terms), *values, limit)).fetchall()
        marks = ", ".join("?" * len(found))
        ids = dict(
            connection.execute(
                f"SELECT number, id FROM passages WHERE number IN ({marks})",  # noqa: S608 — only question marks
                [number for number, _ in found],
            )
        )
        return [(ids[number], score) for number, score in found]

    @cached_property
    def _spans(self) -> list[tuple[str, int, int]]:
        """The sources in the order of their passages, with the first and last number of each."""
        rows = self._connection().execute(
            "SELECT source_id, min(number), max(number) FROM passages GROUP BY source_id ORDER BY min(number)"
        )
        return rows.fetchall()

    def _within(self, allowed: frozenset[str]) -> tuple[str, list[str]]:
        """A condition on row numbers that keeps the allowed sources, with its values; empty where every source is."""
        if self._narrow(allowed) is None:
            return "", []
        kept: list[tuple[int, int]] = []
        for source_id, first, last in self._spans:
            if source_id not in allowed:
                continue
            if kept and kept[-1][1] == first - 1:
                kept[-1] = (kept[-1][0], last)
            else:
                kept.append((first, last))
        if len(kept) > _MOST_SPANS:
            numbers = "SELECT number FROM passages WHERE source_id IN (SELECT value FROM json_each(?))"
            return f"AND rowid IN ({numbers})", [json.dumps(sorted(allowed))]
        spans = " OR ".join(f"rowid BETWEEN {first} AND {last}" for first, last in kept)
        return f"AND ({spans or 'FALSE'})", []

    def _narrow(self, allowed: frozenset[str]) -> list[str] | None:
        """None when every source is allowed: a search without a filter is the fast one."""
        return None if len(allowed) == len(self.sources) else sorted(allowed)

    def passage(self, identity: str) -> Passage | None:
        """The passage with this id."""
        return self.passages([identity]).get(identity)

    def passages(self, identities: Sequence[str]) -> dict[str, Passage]:
        """The passages with these ids; an unknown id is left out."""
        return self._read.get(identities, self._read_passages)

    def _read_passages(self, identities: list[str]) -> dict[str, Passage]:
        marks = ", ".join("?" * len(identities))
        rows = self._connection().execute(
            f"SELECT id, passage FROM passages WHERE id IN ({marks})",  # noqa: S608 — only question marks
            identities,
        )
        return {identity: Passage.model_validate_json(passage) for identity, passage in rows}

    def passages_of(self, source_id: str) -> list[Passage]:
        """All passages of a source, in order."""
        rows = self._connection().execute(
            "SELECT passage FROM passages WHERE source_id = ? ORDER BY number", (source_id,)
        )
        return [Passage.model_validate_json(passage) for (passage,) in rows]

    def article(self, work: str, article: str, allowed: frozenset[str], lid: str | None = None) -> list[Passage]:
        """The passages of an article (or one lid of it) in the allowed versions of a law, in order."""
        rows = self._connection().execute(
            "SELECT source_id, passage FROM passages WHERE work = ? AND article = ? AND (? IS NULL OR lid = ?) "
            "ORDER BY number",
            (work, article, lid, lid),
        )
        return [Passage.model_validate_json(passage) for source_id, passage in rows if source_id in allowed]

    def linked(self, identities: Sequence[str], allowed: frozenset[str]) -> dict[str, list[str]]:
        """For each of these passages, the passages that it refers to, of laws and of pages, in the allowed versions."""
        marks = ", ".join("?" * len(identities))
        rows = self._connection().execute(
            "SELECT links.passage_id, passages.id, passages.source_id FROM links JOIN passages ON "  # noqa: S608
            "passages.work = links.work AND passages.article = links.article "
            "AND (links.lid IS NULL OR passages.lid = links.lid) "
            f"WHERE links.article IS NOT NULL AND links.passage_id IN ({marks}) "
            "UNION ALL "
            "SELECT links.passage_id, passages.id, passages.source_id FROM links JOIN passages ON "
            "passages.work = links.work AND passages.page = links.page "
            f"WHERE links.page IS NOT NULL AND links.passage_id IN ({marks})",
            [*identities, *identities],
        )
        found: dict[str, list[str]] = {}
        for identity, place, source_id in rows:
            if source_id in allowed and place != identity:
                found.setdefault(identity, []).append(place)
        return found

    @cached_property
    def covered(self) -> frozenset[str]:
        """The works that the plain layer speaks for."""
        return frozenset(report.work for report in self.manifest.layers)

    @cached_property
    def law_names(self) -> LawNames:
        """The names by which the laws of this index are referred to."""
        return LawNames({s.title: s.work for s in self.sources.values() if s.kind is Kind.LAW})

    def count(self) -> int:
        """How many passages there are."""
        return int(self._connection().execute("SELECT count(*) FROM passages").fetchone()[0])

    def vector_count(self) -> int:
        """How many vectors there are, of passages and of the questions of the plain layer."""
        return self.vectors.count() + len(self.plain)

    def _document(self, source_id: str) -> Document:
        row = (
            self._connection()
            .execute("SELECT document, text FROM documents WHERE source_id = ?", (source_id,))
            .fetchone()
        )
        if row is None:
            raise KeyError(source_id)
        return Document.model_validate_json(row[0][:-1] + ',"text":' + json.dumps(row[1], ensure_ascii=False) + "}")

    def section_at(self, source_id: str, offset: int) -> Section | None:
        """The section that a place in a document's text falls in."""
        sections = self.document(source_id).sections
        return next((section for section in sections if section.start <= offset < section.end), None)

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._own, "connection", None)
        if connection is None:
            address = f"{self._path.absolute().as_uri()}?mode=ro&immutable=1"
            connection = sqlite3.connect(address, uri=True, check_same_thread=False)
            self._own.connection = connection
            with self._opening:
                # The app makes a thread a question: without this every one of them would leave a file open.
                for gone in [thread for thread in self._connections if not thread.is_alive()]:
                    self._connections.pop(gone).close()
                self._connections[threading.current_thread()] = connection
        return connection

    def close(self) -> None:
        """Lets go of the files."""
        self.vectors.close()
        with self._opening:
            for connection in self._connections.values():
                connection.close()
            self._connections.clear()


def _stems_of(terms: Sequence[str]) -> list[str]:
    return [_quoted(term) for term in dict.fromkeys(lexical.stem(term) for term in terms)]


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'
