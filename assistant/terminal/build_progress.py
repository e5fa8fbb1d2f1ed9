"""How far a build is: documents, then passages a second and the time left; a bar for people, lines for a log."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn
from rich.progress import Progress as RichProgress

from indexer.progress import KEPT, Progress

_LABELS = {"read": "Reading documents", "embed": "Embedding passages", "write": "Writing and checking"}
_EVERY = 10.0
"""Seconds between two lines in a log."""


class Pace:
    """How fast a stage goes. What was kept from an earlier build is done at once and says nothing about the rest."""

    def __init__(self, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.total, self.done = total, 0
        self._clock = clock
        self._worked = 0
        self._began: float | None = None

    def advance(self, done: int, *, kept: bool) -> None:
        """`done` more of the total; the clock runs from the first call on, when the engine is about to begin."""
        if self._began is None:
            self._began = self._clock()
        self.done += done
        self._worked += 0 if kept else done

    def __str__(self) -> str:
        """As "16 a second, 43 min left"; empty while nothing is known."""
        passed = 0.0 if self._began is None else self._clock() - self._began
        if not self._worked or passed <= 0:
            return ""
        rate = self._worked / passed
        return f"{rate:.0f} a second, {_duration((self.total - self.done) / rate)} left"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * 60 else f"{seconds / 3600:.1f} h"


class Bar:
    """A bar on a screen."""

    def __init__(self, progress: RichProgress) -> None:
        self._progress = progress
        self._task = TaskID(0)
        self._name = ""
        self._pace = Pace(0)

    def stage(self, name: str, total: int) -> None:
        """A new stage begins."""
        self._name, self._pace = name, Pace(total)
        self._task = self._progress.add_task(_LABELS[name], total=total, pace="")

    def advance(self, done: int, label: str = "") -> None:
        """`done` more of the stage's total."""
        self._pace.advance(done, kept=label == KEPT)
        self._progress.update(self._task, advance=done, pace=str(self._pace) if self._name == "embed" else "")


class Lines:
    """A line every ten seconds, where nobody watches a screen."""

    def __init__(self, write: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._write = write
        self._clock = clock
        self._name = ""
        self._pace = Pace(0, clock)
        self._said = clock()

    def stage(self, name: str, total: int) -> None:
        """A new stage begins."""
        self._name, self._pace = name, Pace(total, self._clock)

    def advance(self, done: int, label: str = "") -> None:
        """`done` more of the stage's total."""
        self._pace.advance(done, kept=label == KEPT)
        if self._clock() - self._said >= _EVERY:
            self._said = self._clock()
            pace = str(self._pace) if self._name == "embed" else ""
            told = f"{_LABELS[self._name]}: {self._pace.done:,} of {self._pace.total:,}"
            self._write(", ".join(part for part in (told, pace) if part))


@contextmanager
def shown(console: Console) -> Iterator[Progress]:
    """The progress of a build, shown as fits where it is read."""
    if not console.is_terminal:
        yield Lines(lambda line: console.print(line, markup=False, highlight=False, soft_wrap=True))
        return
    columns = (
        TextColumn("{task.description:<22}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[pace]}"),
    )
    with RichProgress(*columns, console=console) as progress:
        yield Bar(progress)
