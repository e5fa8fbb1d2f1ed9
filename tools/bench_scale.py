"""What growing costs, from a thousand to a hundred thousand passages: make bench-scale ARCHIVE=…/laws.tar.xz.

    python -m tools.bench_scale LAWS.tar.xz [--sizes 1000,10000,30000,100000] [--vectors FILE]

Each size is an index of its own, built and served by a process of its own, so that memory is that size's. What laws do
not fill is filled with the same laws in other cuts: stretches of their running text of another length.

Embedding everything takes hours on a small machine, so vectors need not be made by the model: others lie between the
real vectors of two other passages, nearer the one, so that searching and storing cost what they cost. Real are those
found in `--vectors` (the `embeddings.sqlite` of an earlier index of these laws) and as many as `--embed` allows, which
are kept in `data/bench-scale.sqlite`, so that several runs can make them all. Recall is printed only where every vector
is real; of an article in another cut, a piece half of which stands in the right article is right. The time of an index
is given as reading, cutting and writing, measured, plus embedding at the rate measured here, reckoned.

Prints a table and draws `docs/scale.svg`; retrieval is `retrieve` with the question's embedding, over the development
questions about laws. Each size is kept in `data/bench-scale.json`, so that sizes can be measured one at a time; the
table holds all that are kept.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

from assistant.retrieval import retrieve
from assistant.settings import ROOT, load_settings, load_weights
from assistant.terms import content_words
from evals.metrics import percentile, recall_at
from evals.questions import FOLDER, load_questions
from indexer import chunking, readers
from indexer.embedding import BundledEmbedder, bundled_embedder
from indexer.embedding_cache import EmbeddingCache
from indexer.generation import build, serving_folder
from indexer.index import Index, open_index
from indexer.models import Document, Passage
from indexer.progress import Silent
from indexer.sources import discover

BAR = 60
"""Milliseconds: the 95th percentile of retrieval at 100,000 passages, the question's embedding included."""

KEPT = ROOT / "data" / "bench-scale.sqlite"

_CUTS = (34, 52, 43, 70)
_CUT = "BWBR9"
"""How the numbers of laws in other cuts begin; no law has such a one."""
_ARTICLE = '<artikel status="goed"><kop><label>Artikel</label><nr>{number}</nr></kop><al>{text}</al></artikel>'
_LAW = (
    '<?xml version="1.0" encoding="UTF-8"?><toestand bwb-id="{work}" inwerkingtreding="{day}"><wetgeving soort="wet">'
    "<intitule>{title}</intitule><citeertitel>{title}</citeertitel><wet-besluit><wettekst>{body}</wettekst>"
    "</wet-besluit></wetgeving></toestand>"
)


class MostlyMixed:
    """An embedder whose vectors are real where they are known, and mixed copies of real ones where they are not."""

    def __init__(self, real: BundledEmbedder, known: dict[bytes, bytes], embed: int, made: EmbeddingCache) -> None:
        self._real = real
        self._made = made
        self._known = known
        self._left = embed
        self._pool = np.stack([np.frombuffer(vector, dtype="<f4") for vector in list(known.values())[:4_000]])
        self.stamp, self.name, self.dimensions, self.notice = real.stamp, real.name, real.dimensions, real.notice
        self.mixed = 0

    def embed_passages(
        self, texts: Sequence[str], on_progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """One row a text."""
        rows = np.empty((len(texts), self.dimensions), dtype=np.float32)
        missing: list[int] = []
        for number, text in enumerate(texts):
            key = hashlib.sha256(text.encode()).digest()
            if key in self._known:
                rows[number] = np.frombuffer(self._known[key], dtype="<f4")
            else:
                missing.append(number)
        real = missing[: self._left]
        self._left -= len(real)
        if real:
            rows[real], _ = self._made.vectors([texts[number] for number in real], Silent())
        for number in missing[len(real) :]:
            own = np.random.default_rng(int.from_bytes(hashlib.sha256(texts[number].encode()).digest()[:8], "big"))
            # Between two real ones: a turn in any direction would leave the region where passages are, and what lies
            # outside it no graph of neighbours finds back.
            one, other = self._pool[own.integers(len(self._pool), size=2)]
            share = own.uniform(0.6, 0.9)
            row = share * one + (1 - share) * other
            rows[number] = row / np.linalg.norm(row)
            self.mixed += 1
        if on_progress:
            on_progress(len(texts))
        return rows

    def embed_questions(
        self, texts: Sequence[str], on_progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Real vectors."""
        return self._real.embed_questions(texts, on_progress)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """A real vector."""
        return self._real.embed_query(text)


def kept_vectors(path: Path | None, stamp: str) -> dict[bytes, bytes]:
    """The vectors of an earlier index by the hash of their text."""
    if path is None or not path.is_file():
        return {}
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        return dict(connection.execute("SELECT hash, vector FROM vectors WHERE stamp = ?", (stamp,)))
    finally:
        connection.close()


def lay_out(laws: Path, folder: Path, size: int, first: Sequence[str]) -> None:
    """Fills a folder with laws until they hold `size` passages (those in `first` before others), then other cuts."""
    found, _ = discover(laws)
    kept = folder.parent.parent / "counts.json"  # how many passages a law has, so that no size counts them again
    counts: dict[str, int] = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    order = sorted(found, key=lambda source: (source.work not in first, hashlib.sha256(source.id.encode()).digest()))
    room = size
    for source in order:
        if source.id not in counts:
            counts[source.id] = len(chunking.chunk(readers.read(laws / source.file, source)))
        if counts[source.id] <= room:
            shutil.copy(laws / source.file, folder / Path(source.file).name)
            room -= counts[source.id]
        if room < size * 0.02:
            break
    kept.write_text(json.dumps(counts), encoding="utf-8")
    if room < size * 0.02:
        return
    read: list[Document] = [readers.read(laws / source.file, source) for source in order]
    for cut in _CUTS:
        for number, document in enumerate(read):
            words = document.text.split()
            pieces = [" ".join(words[start : start + cut]) for start in range(0, len(words), cut)][:room]
            if not pieces:
                return
            body = "".join(_ARTICLE.format(number=n, text=escape(text)) for n, text in enumerate(pieces, start=1))
            work = f"{_CUT}{cut:02}{number:04}"
            title = escape(f"{document.source.title}, in stukken van {cut} woorden")
            text = _LAW.format(work=work, day="2024-01-01", title=title, body=body)
            (folder / f"{work}_2024-01-01_0.xml").write_text(text, encoding="utf-8")
            room -= len(pieces)


def build_one(laws: Path, folder: Path, size: int, vectors: Path | None, embed: int) -> dict[str, Any]:
    """Builds one size in this process and tells what it took."""
    settings = load_settings()
    real = bundled_embedder(settings.cache, settings.threads)
    known = kept_vectors(vectors, real.stamp) | kept_vectors(KEPT, real.stamp)
    if not known:
        sample = [line for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines() if len(line) > 60]
        known = {
            text.encode(): vector.tobytes() for text, vector in zip(sample, real.embed_passages(sample), strict=True)
        }
    corpus = folder / "corpus"
    corpus.mkdir(parents=True)
    lay_out(laws, corpus, size, sorted({gold.source for question in _large() for gold in question.gold}))
    made = EmbeddingCache(KEPT, real)
    embedder = MostlyMixed(real, known, embed, made)
    cpu = time.process_time()
    report = build(corpus, folder / "index", embedder)
    cpu = time.process_time() - cpu
    seconds = report.seconds
    made.close()
    generation = serving_folder(folder / "index")
    disk = sum(path.stat().st_size for path in generation.rglob("*") if path.is_file())
    return {
        "passages": report.manifest.passages,
        "sources": len(report.manifest.documents),
        "mixed": embedder.mixed,
        "seconds": seconds,
        "own": sum(value for name, value in seconds.items() if name != "embed"),
        "cpu": cpu,
        "disk": disk / 1e6,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def article_text(index: Index, work: str, article: str) -> str:
    """The words of an article, each once behind the other."""
    return " ".join(" ".join(p.text for p in index.article(work, article, frozenset(index.sources))).split())


def is_cut_of(passage: Passage, texts: Sequence[str]) -> bool:
    """Whether a passage is a piece in another cut whose first or last half stands in one of these texts."""
    if not passage.work.startswith(_CUT):
        return False
    words = passage.text.split()
    halves = (" ".join(words[: len(words) // 2]), " ".join(words[len(words) // 2 :]))
    return any(half and half in text for half in halves for text in texts)


def _large() -> list[Any]:
    folder = FOLDER.parent / "questions-large"
    return [q for q in load_questions(folder) if q.set == "dev"] if folder.is_dir() else []


def serve_one(folder: Path, whole: bool) -> dict[str, Any]:
    """Opens one size in this process, asks, and tells times, memory and, with real vectors only, recall."""
    settings = load_settings()
    embedder = bundled_embedder(settings.cache, settings.threads)
    began = time.perf_counter()
    index = open_index(folder / "index")
    opened = time.perf_counter() - began
    every, weights = frozenset(index.sources), load_weights()
    questions = _large() + [q for q in load_questions() if q.set == "dev" and q.over == "sources"][:50]
    for warm in ("Wie beslist op een aanvraag?", "Welke termijn geldt voor bezwaar?"):
        retrieve(index, embedder, warm, every, weights)
    wall: list[float] = []
    cpu: list[float] = []
    ranks: list[float] = []
    works = {source.work for source in index.sources.values()}
    for question in questions:
        began, used = time.perf_counter(), time.process_time()
        ranked, *_ = retrieve(index, embedder, question.question, every, weights)
        wall.append((time.perf_counter() - began) * 1000)
        cpu.append((time.process_time() - used) * 1000)
        if whole and question.id.startswith("dev-large") and any(gold.source in works for gold in question.gold):
            articles: dict[tuple[str, str | None], Passage] = {}
            for evidence in ranked:
                articles.setdefault((evidence.passage.work, evidence.passage.article), evidence.passage)
            texts = [article_text(index, gold.source, gold.article or "") for gold in question.gold]
            right = {(gold.source, gold.article) for gold in question.gold}
            holds = [place in right or is_cut_of(passage, texts) for place, passage in articles.items()]
            ranks.append(recall_at([place for place, yes in enumerate(holds, 1) if yes], 10))
    parts = {
        name: percentile([_processor_ms(lambda q=q, task=task: task(q.question)) for q in questions[:30]], 0.5)
        for name, task in {
            "embedding": lambda text: embedder.embed_query(text + "  ."),
            "vectors": lambda text: index.nearest(embedder.embed_query(text), weights.finding.depth, every),
            "stems": lambda text: index.by_stems(content_words(text), 400, every),
        }.items()
    }
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    index.close()
    return {
        "open": opened,
        "p50": percentile(wall, 0.5),
        "p95": percentile(wall, 0.95),
        "cpu50": percentile(cpu, 0.5),
        "cpu95": percentile(cpu, 0.95),
        "parts": parts,
        "serving": memory,
        "recall": sum(ranks) / len(ranks) if ranks else None,
        "asked": len(ranks),
    }


def _processor_ms(task: Callable[[], object]) -> float:
    used = time.process_time()
    task()
    return (time.process_time() - used) * 1000


def measure_rate() -> float:
    """Passages of about 100 words a second, on this machine as busy as it is now."""
    settings = load_settings()
    embedder = bundled_embedder(settings.cache, settings.threads)
    words = (ROOT / "README.md").read_text(encoding="utf-8").split()
    texts = [" ".join(words[start : start + 100]) for start in range(0, 640, 20)]
    embedder.embed_passages(texts[:2])
    began = time.perf_counter()
    embedder.embed_passages(texts)
    return len(texts) / (time.perf_counter() - began)


def table(rows: Sequence[dict[str, Any]], rate: float) -> str:
    """The figures as a Markdown table."""
    lines = [
        "| passages | sources | real vectors | reading, cutting, writing | embedding, reckoned | disk "
        "| memory, indexing | memory, serving | opens in | retrieval p50 / p95 | its processor time p50 / p95 "
        "| recall@10 |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        recall = f"{row['recall']:.3f} (n={row['asked']})" if row["recall"] is not None else "not with mixed vectors"
        real = 1 - row["mixed"] / row["passages"]
        lines.append(
            f"| {row['passages']:,} | {row['sources']} | {real:.0%} | {row['own']:.0f} s "
            f"| {row['passages'] / rate / 60:.0f} min | {row['disk']:.0f} MB | {row['memory']:.0f} MB "
            f"| {row['serving']:.0f} MB | {row['open']:.1f} s | {row['p50']:.0f} / {row['p95']:.0f} ms "
            f"| {row['cpu50']:.0f} / {row['cpu95']:.0f} ms | {recall} |"
        )
    return "\n".join(lines)


def draw(rows: Sequence[dict[str, Any]]) -> str:
    """How retrieval time and memory grow, as a small SVG; both axes are logarithmic in passages and linear in cost."""
    width, height, left, bottom = 640, 300, 60, 40
    sizes = np.log10([row["passages"] for row in rows])
    span = max(sizes[-1] - sizes[0], 0.1)
    lines: list[str] = []
    series = (
        ("cpu95", "retrieval p95, processor time (ms)", "#0b5cad"),
        ("serving", "memory, serving (MB)", "#a34700"),
    )
    for number, (key, label, colour) in enumerate(series):
        most = max(row[key] for row in rows) * 1.1
        points = [
            (
                left + (size - sizes[0]) / span * (width - left - 40),
                height - bottom - row[key] / most * (height - bottom - 60),
            )
            for size, row in zip(sizes, rows, strict=True)
        ]
        path = " ".join(f"{x:.0f},{y:.0f}" for x, y in points)
        lines.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for (x, y), row in zip(points, rows, strict=True):
            shift = -8 if number == 0 else 16
            lines.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="3" fill="{colour}"/>')
            lines.append(
                f'<text x="{x:.0f}" y="{y + shift:.0f}" fill="{colour}" text-anchor="middle">{row[key]:.0f}</text>'
            )
        lines.append(f'<text x="{left}" y="{20 + 18 * number}" fill="{colour}">{label}</text>')
    for size, row in zip(sizes, rows, strict=True):
        x = left + (size - sizes[0]) / span * (width - left - 40)
        lines.append(f'<text x="{x:.0f}" y="{height - 12}" text-anchor="middle" fill="#333">{row["passages"]:,}</text>')
    lines.append(f'<line x1="{left}" y1="{height - bottom}" x2="{width - 20}" y2="{height - bottom}" stroke="#999"/>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
        f'font-size="12" role="img" aria-label="Cost by number of passages">'
        f'<rect width="{width}" height="{height}" fill="#fff"/>' + "".join(lines) + "</svg>\n"
    )


def main() -> int:
    """Builds and asks each size in processes of their own, then prints."""
    parser = argparse.ArgumentParser(description="What growing costs.")
    parser.add_argument("archive", type=Path)
    parser.add_argument("--sizes", default="1000,10000,30000,100000")
    parser.add_argument("--vectors", type=Path, default=ROOT / "data" / "bench-laws" / "base" / "embeddings.sqlite")
    parser.add_argument("--embed", type=int, default=0, help="how many vectors may be made by the model, a size")
    parser.add_argument("--rate", type=float, help="passages a second to reckon embedding with; default measured now")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--whole", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        print(json.dumps(serve_one(given.folder, given.whole)))
        return 0
    if given.one:
        print(json.dumps(build_one(given.archive, given.folder, given.one, given.vectors, given.embed)))
        return 0
    if not given.archive.is_file():
        print(f"There is no archive {given.archive}.", file=sys.stderr)
        return 2
    rate = given.rate or measure_rate()
    print(
        f"embedding reckoned at {rate:.1f} passages a second; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )
    keep = ROOT / "data" / "bench-scale.json"
    kept: dict[str, dict[str, Any]] = json.loads(keep.read_text(encoding="utf-8")) if keep.exists() else {}
    with tempfile.TemporaryDirectory(dir=ROOT / "data") as home:
        laws = Path(home) / "laws"
        with tarfile.open(given.archive) as tar:
            tar.extractall(laws, filter="data")
        for size in map(int, given.sizes.split(",")):
            folder = Path(home) / str(size)
            base = [sys.executable, "-m", "tools.bench_scale", str(laws), "--folder", str(folder)]
            made = _child([*base, "--one", str(size), "--vectors", str(given.vectors), "--embed", str(given.embed)])
            row = made | _child([*base, "--serve", *(["--whole"] if not made["mixed"] else [])])
            kept[str(size)] = row | {"load": os.getloadavg()[0]}
            keep.write_text(json.dumps(kept, indent=1), encoding="utf-8")
            print(f"{row['passages']:,} passages: {json.dumps(row)}", flush=True)
            shutil.rmtree(folder)
    rows = sorted(kept.values(), key=lambda row: row["passages"])
    print(table(rows, rate))
    print(f"retrieval p95 at the largest: {rows[-1]['p95']:.0f} ms (bar {BAR} at 100,000)")
    (ROOT / "docs" / "scale.svg").write_text(draw(rows), encoding="utf-8")
    return 0


def _child(command: list[str]) -> dict[str, Any]:
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


if __name__ == "__main__":
    sys.exit(main())
