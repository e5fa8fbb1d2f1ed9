"""Leaves an endpoint alone that keeps failing, so that nobody waits for it in vain."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from assistant.errors import ModelError


class Breaker:
    """Opens after so many failures in a row; after a rest one call may try again. Safe from several threads."""

    def __init__(
        self, failures: int = 3, rest_seconds: float = 30.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = failures
        self._rest = rest_seconds
        self._clock = clock
        self._failed = 0
        self._until = 0.0
        self._lock = threading.Lock()

    def check(self) -> None:
        """Raises `ModelError` while the endpoint rests. The first after the rest tries, the others wait for it."""
        with self._lock:
            if self._failed < self._most:
                return
            now = self._clock()
            if now < self._until:
                raise ModelError("The language model failed several times; it is left alone for a moment.")
            self._until = now + self._rest

    def note(self, failed: bool) -> None:
        """Notes how a call ended."""
        with self._lock:
            self._failed = self._failed + 1 if failed else 0
            if self._failed >= self._most:
                self._until = self._clock() + self._rest
