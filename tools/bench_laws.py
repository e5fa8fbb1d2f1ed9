"""Finding at scale: fifteen whole laws, questions over them, beside plain tools: make bench-laws ARCHIVE=laws.tar.xz.

    python -m tools.bench_laws LAWS.tar.xz        (or a folder of XML files)

The laws are indexed without a plain layer, so what is found comes from their texts alone; the index is kept in
`data/bench-laws` and made anew only for what changed. The questions of `evals/questions-large` are put to stemmed BM25
alone, to the vectors alone and to Leidraad; a question is right at the place of the first passage of a gold article,
counted in articles. Prints development and test apart, with 95% intervals, and times.
"""

from __future__ import annotations

import sys
import tarfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from assistant.retrieval import retrieve
from assistant.settings import ROOT, load_settings, load_weights
from assistant.terms import content_words
from evals.metrics import mean, ndcg_at, percentile, recall_at
from evals.questions import FOLDER as QUESTIONS
from evals.questions import Gold, KnownQuestion, load_questions
from indexer.embedding import bundled_embedder
from indexer.generation import build
from indexer.index import Index, open_index
from indexer.models import Passage

LAWS = {
    "BWBR0001860": "Faillissementswet",
    "BWBR0002628": "Leerplichtwet 1969",
    "BWBR0002761": "Burgerlijk Wetboek Boek 4",
    "BWBR0004627": "Kieswet",
    "BWBR0005288": "Burgerlijk Wetboek Boek 5",
    "BWBR0005289": "Burgerlijk Wetboek Boek 6",
    "BWBR0005291": "Burgerlijk Wetboek Boek 3",
    "BWBR0005416": "Gemeentewet",
    "BWBR0005537": "Algemene wet bestuursrecht",
    "BWBR0007149": "Wet arbeid vreemdelingen",
    "BWBR0011823": "Vreemdelingenwet 2000",
    "BWBR0015703": "Participatiewet",
    "BWBR0017017": "Wet kinderopvang",
    "BWBR0035303": "Huisvestingswet 2014",
    "BWBR0044212": "Wet voortgezet onderwijs 2020",
}

_DEPTH = 10
_LONG = 200
_BARS = {"first": "0.75", "first ten": "0.97"}


def unpack(archive: Path, folder: Path) -> None:
    """Puts the XML files of `LAWS` into a folder. Raises `SystemExit` with a sentence when one is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = {work for work in LAWS if not any(folder.glob(f"{work}_*.xml"))}
    if not missing:
        return
    if archive.is_dir():
        files = ((path.name, path.read_bytes()) for path in sorted(archive.rglob("*.xml")))
        _keep(files, folder, missing)
    else:
        with tarfile.open(archive) as tar:
            members = (m for m in tar if m.isfile() and m.name.endswith(".xml"))
            read = ((m.name.rsplit("/", 1)[-1], file.read()) for m in members if (file := tar.extractfile(m)))
            _keep(read, folder, missing)
    missing = {work for work in LAWS if not any(folder.glob(f"{work}_*.xml"))}
    if missing:
        raise SystemExit(f"{archive} does not hold {', '.join(sorted(missing))}.")


def _keep(files: Iterable[tuple[str, bytes]], folder: Path, wanted: set[str]) -> None:
    for name, data in files:
        if name.partition("_")[0] in wanted:
            (folder / name).write_bytes(data)


def article_ranks(passages: Sequence[Passage], gold: Sequence[Gold]) -> list[int]:
    """The places (from 1) of gold articles in a ranking, where each article counts once, at its best passage."""
    articles = dict.fromkeys((passage.work, passage.article) for passage in passages)
    right = {(one.source, one.article) for one in gold}
    return [place for place, article in enumerate(articles, start=1) if article in right]


def main() -> int:
    """Indexes, asks and prints."""
    if len(sys.argv) != 2 or not Path(sys.argv[1]).exists():
        print("Say where the laws are: make bench-laws ARCHIVE=…/laws.tar.xz", file=sys.stderr)
        return 2
    home = ROOT / "data" / "bench-laws"
    unpack(Path(sys.argv[1]), home / "laws")
    settings = load_settings()
    embedder = bundled_embedder(settings.cache, settings.threads)
    report = build(home / "laws", home / "index", embedder)
    index = open_index(home / "index")
    articles = sum(
        len({s.article for s in index.document(source).sections if not s.lapsed}) for source in index.sources
    )
    print(f"{len(index.sources)} laws, {articles} articles in force, {index.count()} passages")
    if report.changed:
        wall, embedding = sum(report.seconds.values()), report.seconds["embed"]
        print(f"indexing {wall:.0f} s, {report.embedded} passages embedded in {embedding:.0f} s")
        if not report.reused:
            print(f"  wall over embedding {wall / embedding:.3f} (bar 1.10)")
    else:
        print("indexing: nothing changed")
    questions = load_questions(QUESTIONS.parent / "questions-large")
    every = frozenset(index.sources)
    retrieve(index, embedder, "Wie beslist op een aanvraag?", every, load_weights())
    times: list[float] = []
    for name in ("dev", "test"):
        own = [question for question in questions if question.set == name]
        rankings: dict[str, list[list[int]]] = {"stemmed BM25 alone": [], "vectors alone": [], "Leidraad": []}
        for question in own:
            began = time.perf_counter()
            ranked, vector, _ = retrieve(index, embedder, question.question, every, load_weights())
            times.append((time.perf_counter() - began) * 1000)
            terms = content_words(question.question)
            words = [identity for identity, _ in index.by_stems(terms, _LONG, every)]
            dense = [identity for identity, _ in index.nearest(vector, _LONG, every)]
            for system, passages in (
                ("stemmed BM25 alone", _in_order(index, words)),
                ("vectors alone", _in_order(index, dense)),
                ("Leidraad", [evidence.passage for evidence in ranked]),
            ):
                rankings[system].append(article_ranks(passages, question.gold))
        print(f"\n{name}: {len(own)} questions; right article, with the 95% interval")
        for system, ranks in rankings.items():
            _show(system, ranks, own)
    half, most = percentile(times, 0.5), percentile(times, 0.95)
    print(f"\nretrieval, query embedding included: p50 {half:.0f} ms, p95 {most:.0f} ms")
    index.close()
    return 0


def _in_order(index: Index, identities: Sequence[str]) -> list[Passage]:
    passages = index.passages(identities)
    return [passages[identity] for identity in identities]


def _show(system: str, ranks: Sequence[Sequence[int]], questions: Sequence[KnownQuestion]) -> None:
    print(f"  {system}")
    for name, depth in (("first", 1), ("first five", 5), ("first ten", _DEPTH)):
        bar = f"  (bar {_BARS[name]})" if system == "Leidraad" and name in _BARS else ""
        print(f"    {name:12}{mean([recall_at(own, depth) for own in ranks])}{bar}")
    gains = [ndcg_at(own, len(question.gold)) for own, question in zip(ranks, questions, strict=True)]
    print(f"    {'nDCG@10':12}{mean(gains)}")


if __name__ == "__main__":
    sys.exit(main())
