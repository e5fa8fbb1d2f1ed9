"""What the plain-words layer brings, and what it costs a text without one: make recall CORPUS=folder of law texts.

The known questions over law are put to three kinds of index over the same folder: without a layer, with it, and with
it for every law but one. The last shows what a municipality's own text, for which there is no layer, has to fear: its
recall may fall by at most two points in the first five.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from assistant.assistant import Assistant
from assistant.retrieval import retrieve
from assistant.scope import read_scope
from assistant.settings import ROOT, load_settings
from evals.metrics import mean, recall_at
from evals.questions import KnownQuestion, load_questions
from indexer.embedding import bundled_embedder
from indexer.generation import build
from indexer.laws import known_laws
from indexer.plain import GAPS, layer_files, read_places

_ALL = "all laws"


def main() -> None:
    """Builds the indexes one after another in a temporary folder and prints the table."""
    corpus = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "sources"
    settings = load_settings()
    embedder = bundled_embedder(settings.cache, settings.threads)
    questions = [q for q in load_questions() if any(gold.article for gold in q.gold) and not q.conversation]
    files = [path for path in layer_files([ROOT / "corpus" / "plain"]) if path.name != GAPS]
    laws = [w for path in files for w in {p.work for p in read_places(path) if p.article}]
    with tempfile.TemporaryDirectory() as temporary:
        index = Path(temporary) / "index"

        def measure(kept: Sequence[Path]) -> dict[str, dict[tuple[str, str], list[float]]]:
            layer = Path(temporary) / "plain"
            shutil.rmtree(layer, ignore_errors=True)
            layer.mkdir()
            for path in kept:
                shutil.copy(path, layer)
            build(corpus, index, embedder, plain=[layer])
            return _recall(Assistant(load_settings(index=index), embedder), questions)

        without = measure([])
        everything = measure(files)
        alone = {
            w: measure([p for p in files if w not in {x.work for x in read_places(p)}]) for w in laws if w in without
        }
    for name in ("dev", "test"):
        print(f"\n{name} questions: right passage in the first / first five / first ten")
        for work, figures in without.items():
            title = known_laws()[work].title if work in known_laws() else work
            print(f"  {title}")
            print(f"    without a layer       {_shown(figures, name)}")
            print(f"    with the layer        {_shown(everything[work], name)}")
            if work in alone:
                print(f"    only its own missing  {_shown(alone[work][work], name)}")


def _recall(assistant: Assistant, questions: Sequence[KnownQuestion]) -> dict[str, dict[tuple[str, str], list[float]]]:
    """Recall at 1, 5 and 10, a value a question, by law and set."""
    index = assistant.index()
    works = {source.work for source in index.sources.values()}
    found: dict[str, dict[tuple[str, str], list[float]]] = {_ALL: {}}
    for question in questions:
        works_of = {gold.source for gold in question.gold if gold.article} & works
        if not works_of:
            continue
        scope = read_scope(question.question, date.today(), as_of=question.as_of)
        allowed = index.allowed(scope.as_of, None, scope.regime)
        ranked, *_ = retrieve(
            index, assistant.embedder, question.question, allowed, assistant.weights, assistant.glossary
        )
        ranks = [
            rank
            for rank, evidence in enumerate(ranked, start=1)
            if any(gold.holds(evidence.passage) for gold in question.gold)
        ]
        for work in (_ALL, *works_of):
            for depth in (1, 5, 10):
                key = (question.set, str(depth))
                found.setdefault(work, {}).setdefault(key, []).append(recall_at(ranks, depth))
    index.close()
    return found


def _shown(figures: dict[tuple[str, str], list[float]], name: str) -> str:
    values = [figures.get((name, depth), []) for depth in ("1", "5", "10")]
    return f"{' / '.join(f'{mean(v).mean:.3f}' for v in values)}  ({len(values[0])} questions)" if values[0] else "none"


if __name__ == "__main__":
    main()
