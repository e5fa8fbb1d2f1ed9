"""How much is done at once and how often somebody may ask: never more than fits, and a clear word to who has to wait.

Both live in one process; several processes behind a proxy each have their own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import anyio
import anyio.to_thread

Result = TypeVar("Result")


class TooBusy(Exception):
    """Everybody who fits is inside already, or the wait took too long."""


class Gate:
    """Lets `workers` questions be worked on at once and `waiting` more wait; the next is told at once.

    Used from one event loop. Who has waited `patience` seconds is told too: on a machine that is busy with other things
    even a short queue is slow.
    """

    def __init__(self, workers: int, waiting: int, patience: float = 10.0) -> None:
        self._room = workers + waiting
        self._patience = patience
        self._free = anyio.Semaphore(workers)
        self._workers = anyio.CapacityLimiter(workers)
        self._inside = 0

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place inside, held while the block runs. Raises `TooBusy`."""
        if self._inside >= self._room:
            raise TooBusy
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1

    async def work(self, task: Callable[[], Result]) -> Result:
        """Runs a task in a thread of its own as soon as a worker is free. Call it from a `place`. Raises `TooBusy`."""
        with anyio.move_on_after(self._patience) as waited:
            await self._free.acquire()
        if waited.cancelled_caught:
            raise TooBusy
        try:
            return await anyio.to_thread.run_sync(task, limiter=self._workers)
        finally:
            self._free.release()

    @property
    def working(self) -> int:
        """How many are worked on."""
        return self._workers.borrowed_tokens

    @property
    def waiting(self) -> int:
        """How many wait for a worker."""
        return max(0, self._inside - self.working)


class RateLimit:
    """So many requests a minute for each key: a token bucket that holds one minute's worth (at most)."""

    _MOST = 10_000

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, key: str, per_minute: int) -> float:
        """0 when this request may go on, else the seconds until the next one may. Used from one event loop."""
        now = self._clock()
        tokens, since = self._buckets.get(key, (float(per_minute), now))
        tokens = min(float(per_minute), tokens + (now - since) * per_minute / 60)
        allowed = tokens >= 1
        self._buckets[key] = (tokens - allowed, now)
        if len(self._buckets) > self._MOST:  # keys come from our own table, so this is a bound and not a policy
            self._buckets.pop(next(iter(self._buckets)))
        return 0.0 if allowed else (1 - tokens) * 60 / per_minute
