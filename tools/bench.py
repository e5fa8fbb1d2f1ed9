"""Times of indexing and asking, over the shipped corpus.

    python -m tools.bench

Indexes into a folder of its own: wall time against the time of embedding alone, then again with nothing changed.
Asks the known questions, warm: median and 95th percentile, in all and by step. Prints each figure with its bar.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from assistant.assistant import Assistant
from assistant.settings import load_settings
from evals.metrics import percentile
from evals.questions import load_questions
from indexer.generation import build


def main() -> int:
    """Measures and prints."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(index=Path(folder))
        assistant = Assistant(settings)
        assistant.embedder.embed_query("warm")
        report = build(settings.corpus, settings.index, assistant.embedder)
        wall, embedding = sum(report.seconds.values()), report.seconds["embed"]
        print(f"indexing {report.manifest.passages} passages: {wall:.1f} s, embedding alone {embedding:.1f} s")
        print(f"  wall over embedding {wall / embedding:.2f} (bar 1.10)")
        began = time.perf_counter()
        command = [Path(sys.executable).parent / "leidraad", "index", "--index", folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        print(f"second run, nothing changed: {time.perf_counter() - began:.2f} s (bar 2)")

        assistant.warm()
        steps: dict[str, list[float]] = {}
        for question in load_questions():
            for name, milliseconds in assistant.ask(question.question).timings_ms.items():
                steps.setdefault(name, []).append(milliseconds)
        for name, values in steps.items():
            bar = " (bar 250)" if name == "total" else ""
            half, most = statistics.median(values), percentile(values, 0.95)
            print(f"  ask, {name:<13} p50 {half:6.1f} ms   p95 {most:6.1f} ms{bar}")
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"memory of this process at its most: {memory:.0f} MB")
        assistant.index().close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
