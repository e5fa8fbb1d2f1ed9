"""Building an index: a new generation beside the old one, checked, then swapped in by one pointer.

::

    INDEX/
      current                    the name of the generation that serves
      write.lock                 one writer at a time
      embeddings.sqlite          vectors by content, so that a rebuild embeds only what changed
      generations/NAME/          chroma/, lexical.sqlite, seal.json, manifest.json (written last)

A generation without `manifest.json` was never finished; the next writer removes it. A crash at any point
leaves `current` as it was.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray
from pydantic import Field

from indexer import chunking, lexical, prototypes, readers, sealing
from indexer import plain as layers
from indexer import question_vectors as question_file
from indexer.embedding import Embedder
from indexer.embedding_cache import EmbeddingCache
from indexer.errors import CorpusError, IndexBroken, IndexBusy, IndexError_, IndexMissing, ReadError
from indexer.files import file_hash, replace_file
from indexer.models import Document, Frozen, Passage, Source, Unreadable
from indexer.plain import LayerReport
from indexer.progress import Progress, Silent
from indexer.ready_vectors import ReadyVectors
from indexer.sources import discover

FORMAT = 10
"""Layout of a generation; an index of another format is rebuilt."""

CURRENT = "current"
GENERATIONS = "generations"
MANIFEST = "manifest.json"

_KEEP = 2


class DocumentReport(Frozen):
    """What was made of one document."""

    source: Source
    facts: dict[str, int]
    passages: int
    warnings: tuple[str, ...] = ()


class Manifest(Frozen):
    """What a finished generation holds and what made it."""

    format: int
    name: str
    created: datetime
    fingerprint: str
    embedder: str
    embedder_name: str
    dimensions: int
    passages: int
    documents: tuple[DocumentReport, ...]
    unreadable: tuple[Unreadable, ...]
    bridges: int = 0
    gaps: int = 0
    questions: int = 0
    layers: tuple[LayerReport, ...] = ()

    @property
    def vectors(self) -> int:
        """How many vectors there are, of passages and of the questions of the plain layer."""
        return self.passages + self.questions


class Report(Frozen):
    """What one `build` did. `changed` is False when the index already fitted the folder; seconds are wall time."""

    manifest: Manifest
    changed: bool
    embedded: int = 0
    reused: int = 0
    seconds: dict[str, float] = Field(default_factory=dict)


def build(
    corpus: Path,
    index: Path,
    embedder: Embedder,
    *,
    plain: Sequence[Path] = (),
    rebuild: bool = False,
    progress: Progress | None = None,
    vector_server: str | None = None,
) -> Report:
    """Makes the index fit the folder `corpus`; does nothing when it already does and `rebuild` is False.

    `vector_server` is the URL of a Chroma server that the vectors go to; None keeps them in the index folder.

    `plain` are folders of the plain-words layer beside the corpus's own, which wins over them.

    Raises `CorpusError` for a folder without a single readable document, `ManifestError` for its sources.toml or layer,
    `IndexBusy` when another process writes, `IndexBroken` when the new generation does not pass its checks
    (the old one then keeps serving), `EmbeddingError`, and `IndexError_` when the disk does not take it.
    """
    progress = progress or Silent()
    try:
        (index / GENERATIONS).mkdir(parents=True, exist_ok=True)
        lock = FileLock(index / "write.lock", timeout=0)
        lock.acquire()
    except Timeout as error:
        raise IndexBusy(f"Another process is writing the index in {index}; try again when it is done.") from error
    except OSError as error:
        raise IndexError_(f"The index folder {index} cannot be written: {error.strerror}.") from error
    try:
        return _build(corpus, index, embedder, (corpus / layers.FOLDER, *plain), rebuild, progress, vector_server)
    except (OSError, sqlite3.Error) as error:
        raise IndexError_(f"The index in {index} could not be written ({error}); the old one still serves.") from error
    finally:
        lock.release()


def _build(
    corpus: Path,
    index: Path,
    embedder: Embedder,
    plain: Sequence[Path],
    rebuild: bool,
    progress: Progress,
    server: str | None,
) -> Report:
    clock = _Clock()
    found, unreadable = discover(corpus)
    if not found:
        reasons = "; ".join(f"{u.file}: {u.reason}" for u in unreadable)
        detail = f" ({reasons})" if reasons else f"; it reads {', '.join(sorted(readers.SUFFIXES))}"
        raise CorpusError(f"There is no document that can be read in {corpus}{detail}.")
    files = layers.layer_files(plain)
    fingerprint = _fingerprint(found, unreadable, files, embedder, server)
    serving = current_manifest(index)
    if serving and serving.fingerprint == fingerprint and not rebuild and _is_whole(index, serving, server):
        return Report(manifest=serving, changed=False, seconds=clock.seconds)
    places = [place for path in files if path.name != layers.GAPS for place in layers.read_places(path)]
    gaps = [gap for path in files if path.name == layers.GAPS for gap in layers.read_gaps(path)]
    _remove_unfinished(index)

    documents, unreadable = _read(corpus, found, unreadable, progress)
    if not documents:
        reasons = "; ".join(f"{u.file}: {u.reason}" for u in unreadable)
        raise CorpusError(f"No document in {corpus} could be read ({reasons}).")
    clock.lap("read")
    pieces = [chunking.chunk(document) for document in documents]
    passages = [passage for piece in pieces for passage in piece]
    if not passages:
        raise CorpusError(f"The documents in {corpus} hold no text to search.")
    clock.lap("chunk")

    layer = layers.fit(places, gaps, documents, {d.source.id: p for d, p in zip(documents, pieces, strict=True)})

    asked = layer.questions
    grouped = prototypes.groups(layer)
    progress.stage("embed", len(passages) + len(asked))
    cache = EmbeddingCache(index / "embeddings.sqlite", embedder)
    try:
        vectors, reused = cache.vectors([passage.searchable for passage in passages], progress)
        ready = ReadyVectors(files, embedder.stamp)
        question_vectors, _ = cache.vectors(asked, progress, questions=True, ready=ready)
        clock.lap("embed")

        progress.stage("write", 3)
        name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.urandom(3).hex()}"
        folder = index / GENERATIONS / name
        folder.mkdir()
        lexical.write(folder / lexical.FILE, documents, passages, layer, grouped)
        progress.advance(1, "words")
        from indexer import vectors as store  # Chroma takes a second to import; an unchanged index needs none

        store.write(folder / store.FOLDER, passages, vectors, server)
        question_file.write(folder / question_file.FILE, question_vectors)
        prototypes.write(folder / prototypes.FILE, question_vectors, grouped)
        progress.advance(1, "vectors")
        manifest = Manifest(
            format=FORMAT,
            name=name,
            created=datetime.now(UTC),
            fingerprint=fingerprint,
            embedder=embedder.stamp,
            embedder_name=embedder.name,
            dimensions=embedder.dimensions,
            passages=len(passages),
            documents=tuple(
                DocumentReport(source=d.source, facts=d.facts, passages=len(p), warnings=d.warnings)
                for d, p in zip(documents, pieces, strict=True)
            ),
            unreadable=unreadable,
            bridges=len(layer.bridges),
            gaps=sum(len(gap.questions) for gap in gaps),
            questions=len(asked),
            layers=layer.reports,
        )
        _verify(folder, manifest, passages, vectors)
        progress.advance(1, "checked")
        written = manifest.model_dump_json(indent=1).encode()
        sealing.seal(folder, {MANIFEST: written})
        replace_file(folder / MANIFEST, written)
        replace_file(index / CURRENT, name.encode())
        cache.forget_unused()
    finally:
        cache.close()
    _prune(index, name)
    clock.lap("write")
    embedded = len(passages) - reused
    return Report(manifest=manifest, changed=True, embedded=embedded, reused=reused, seconds=clock.seconds)


def _is_whole(index: Path, serving: Manifest, server: str | None) -> bool:
    """Whether the generation that serves is as it was made; a server's vectors are counted, for it may have lost them.

    Raises `IndexError_` when the server does not answer.
    """
    if not sealing.is_sound(serving_folder(index)):
        return False
    if server is None:
        return True
    from indexer.index import Index

    opened = Index(serving_folder(index), serving)
    try:
        return opened.vector_count() == serving.vectors
    finally:
        opened.close()


def _read(
    corpus: Path, found: Sequence[Source], unreadable: tuple[Unreadable, ...], progress: Progress
) -> tuple[list[Document], tuple[Unreadable, ...]]:
    documents: list[Document] = []
    failed = list(unreadable)
    progress.stage("read", len(found))
    for source in found:
        try:
            documents.append(readers.read(corpus / source.file, source))
        except ReadError as error:
            failed.append(Unreadable(file=source.file, reason=error.reason))
        progress.advance(1, source.file)
    return documents, tuple(failed)


def _fingerprint(
    sources: Sequence[Source],
    unreadable: Sequence[Unreadable],
    plain: Sequence[Path],
    embedder: Embedder,
    server: str | None,
) -> str:
    parts = [str(FORMAT), str(chunking.VERSION), str(layers.VERSION), readers.VERSION, embedder.stamp]
    parts += [server] if server else []
    parts += [source.model_dump_json() for source in sources] + [u.model_dump_json() for u in unreadable]
    parts += [f"{path.name} {file_hash(path)}" for path in plain]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _verify(folder: Path, manifest: Manifest, passages: list[Passage], vectors: NDArray[np.float32]) -> None:
    """Opens the new generation as a reader would and asks it for passages it must find."""
    from indexer.index import Index

    index = Index(folder, manifest)
    try:
        if index.vector_count() != manifest.vectors or index.count() != len(passages):
            raise IndexBroken(
                f"The new index holds {index.vector_count()} vectors and {index.count()} texts for {len(passages)} "
                f"passages and {manifest.vectors} vectors; the old one still serves."
            )
        probes = sorted({0, len(passages) // 2, len(passages) - 1})
        # Equal texts have equal vectors, so the similarity is probed and not the id. The graph is searched
        # approximately and may miss one outlier, never all of them.
        near = [index.vectors.nearest(vectors[number], 1) for number in probes]
        seen = any(found and found[0][1] >= 0.999 for found in near)
        for number in probes:
            identity = passages[number].id
            own = index.vectors.similarities(vectors[number], [identity]).get(identity, 0.0)
            if not seen or own < 0.999 or index.passage(identity) != passages[number]:
                raise IndexBroken("The new index does not find its own passages; the old one still serves.")
    finally:
        index.close()


def serving_folder(index: Path) -> Path:
    """The folder of the generation that serves; its name is the generation's. Raises `IndexMissing`."""
    try:
        name = (index / CURRENT).read_text(encoding="utf-8", errors="replace").strip()
        return index / GENERATIONS / Path(name or "nameless").name
    except OSError as error:
        raise IndexMissing(f"There is no index in {index}; make one with: leidraad index --index {index}") from error


def current_manifest(index: Path) -> Manifest | None:
    """The manifest of the generation that serves; None when there is none that this version can read."""
    try:
        return read_manifest(serving_folder(index))
    except (IndexMissing, IndexBroken):
        return None


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a generation. Raises `IndexBroken` when it is absent, damaged or of another format."""
    try:
        data = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if data.get("format") != FORMAT:
            raise IndexBroken(
                f"The index in {folder.parent.parent} was made by another version of Leidraad; run: leidraad index"
            )
        return Manifest.model_validate(data)
    except (OSError, ValueError, AttributeError) as error:
        raise IndexBroken(f"The generation {folder.name} has no readable manifest; run: leidraad index") from error


def finished_generations(index: Path) -> list[Path]:
    """The folders of the finished generations, sound or not, the newest first."""
    finished = [folder for folder in (index / GENERATIONS).iterdir() if (folder / MANIFEST).is_file()]
    return sorted(finished, key=lambda folder: ((folder / MANIFEST).stat().st_mtime_ns, folder.name), reverse=True)


def _remove_unfinished(index: Path) -> None:
    for folder in (index / GENERATIONS).iterdir():
        if not (folder / MANIFEST).exists():
            _remove(folder)


def _prune(index: Path, serving: str) -> None:
    """Keeps the serving generation and the newest sound one before it, which serves where this one gets damaged."""
    kept = 1
    for folder in finished_generations(index):
        if folder.name == serving:
            continue
        if kept < _KEEP and sealing.is_sound(folder):
            kept += 1
        else:
            _remove(folder)


def _remove(folder: Path) -> None:
    """Removes a generation, also what it has on a server."""
    from indexer import vectors as store

    store.discard(folder / store.FOLDER)
    shutil.rmtree(folder, ignore_errors=True)


class _Clock:
    """Seconds of each stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._at = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.seconds[name] = round(now - self._at, 3)
        self._at = now
