"""How far a build is: passages a second and the time left, within ten seconds, whatever was embedded before."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from assistant.terminal.build_progress import Lines, Pace, shown
from indexer.generation import build
from tests.indexer.test_generation import HashEmbedder

EACH = 0.05


class Clock:
    """A clock that only work moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class TimedEmbedder(HashEmbedder):
    """Takes a twentieth of a second for a passage."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def embed_passages(self, texts: Sequence[str], on_progress: Callable[[int], None] | None = None) -> np.ndarray:
        for _ in texts:
            self._clock.now += EACH
            if on_progress:
                on_progress(1)
        return super().embed_passages(texts)


def write(corpus: Path, number: int, count: int = 10) -> None:
    parts = "\n\n".join(f"## Deel {n}\n\nAppel {number} van deel {n} is rood." for n in range(count))
    (corpus / f"{number}.md").write_text(f"# Appels {number}\n\n{parts}\n", encoding="utf-8")


def test_a_log_tells_passages_a_second_and_the_time_left_within_ten_seconds(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number in range(60):
        write(corpus, number)
    clock, lines = Clock(), list[tuple[float, str]]()
    began = clock.now
    progress = Lines(lambda line: lines.append((clock.now - began, line)), clock)
    report = build(corpus, tmp_path / "x", TimedEmbedder(clock), progress=progress)
    assert report.embedded == 600
    first, told = lines[0]
    assert first <= 10 + EACH and len(lines) == 2
    found = re.fullmatch(r"Embedding passages: (\d+) of 600, (\d+) a second, (\d+) s left", told)
    assert found, told
    done, rate, left = map(int, found.groups())
    assert rate == pytest.approx(1 / EACH, rel=0.05)
    assert left == pytest.approx((600 - done) * EACH, abs=1.5)


def test_one_changed_law_embeds_and_times_only_what_changed(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number in range(60):
        write(corpus, number)
    build(corpus, tmp_path / "x", HashEmbedder())
    write(corpus, 7, count=250)
    clock, lines, embedder = Clock(), list[str](), HashEmbedder()
    timed = TimedEmbedder(clock)
    report = build(corpus, tmp_path / "x", timed, progress=Lines(lines.append, clock))
    # Ten of its passages are as they were.
    assert (report.embedded, report.reused, timed.embedded, embedder.embedded) == (240, 600, 240, 0)
    found = re.fullmatch(r"Embedding passages: (\d+) of 840, (\d+) a second, (\d+) s left", lines[0])
    assert found, lines
    done, rate, left = map(int, found.groups())
    assert done > 600 and rate == pytest.approx(1 / EACH, rel=0.05)
    assert left <= 240 * EACH


@pytest.mark.parametrize(("left", "said"), [(600, "60 s left"), (30_000, "50 min left"), (200_000, "5.6 h left")])
def test_the_time_left_is_said_as_people_say_it(left: int, said: str) -> None:
    clock = Clock()
    pace = Pace(100 + left, clock)
    pace.advance(0, kept=True)
    assert str(pace) == ""
    clock.now += 10
    pace.advance(100, kept=False)
    assert str(pace) == f"10 a second, {said}"


def test_on_a_screen_there_is_a_bar(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    write(tmp_path / "corpus", 1)
    screen = io.StringIO()
    with shown(Console(file=screen, force_terminal=True, width=120)) as progress:
        build(tmp_path / "corpus", tmp_path / "x", TimedEmbedder(Clock()), progress=progress)
    assert "Embedding passages" in screen.getvalue() and "10/10" in screen.getvalue()
    assert " a second, " in screen.getvalue()
