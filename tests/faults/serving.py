"""Real server processes that are started, asked by several programs at once, and killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

LEIDRAAD = Path(sys.executable).parent / "leidraad"
QUESTION = "Hoe lang duurt het spaargesprek?"


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Server:
    """`leidraad serve` with its own settings; `api` False: the app."""

    def __init__(self, log: Path, settings: dict[str, str], *, api: bool = True, port: int = 0) -> None:
        self.port = port or free_port()
        self.address = f"http://localhost:{self.port}"
        self._log = log
        self._options = ["--api"] if api else ["--headless"]
        self._ready = f"{self.address}/ready" if api else f"{self.address}/_stcore/health"
        self._environment = {**os.environ, **settings}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it and waits until it can answer."""
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [LEIDRAAD, "serve", *self._options, "--port", str(self.port)],
                env=self._environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        until = time.monotonic() + 90
        while time.monotonic() < until and self.process.poll() is None:
            try:
                if httpx.get(self._ready, timeout=5).status_code == 200:
                    return
            except httpx.HTTPError:
                time.sleep(0.1)
        raise AssertionError(self._log.read_text(encoding="utf-8")[-2_000:])

    def kill(self) -> None:
        """kill -9."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=20)

    def stop(self) -> None:
        """Ends it, if it is there still."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=40)
            except subprocess.TimeoutExpired:
                self.kill()


@contextmanager
def servers(*given: Server) -> Iterator[None]:
    """Runs these until the end of the block."""
    try:
        for server in given:
            server.start()
        yield
    finally:
        for server in given:
            server.stop()


@dataclass
class Seen:
    """What the programs that ask were told: (moment, reply) of each answer, and what went wrong."""

    replies: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)


class Programs:
    """Programs that go on asking until they are told to stop, each with one address of several."""

    def __init__(self, addresses: list[str], key: str, count: int) -> None:
        self.seen = Seen()
        self._key = key
        self._enough = threading.Event()
        turns = (addresses[number % len(addresses)] for number in range(count))
        self._threads = [threading.Thread(target=self._ask, args=(address,)) for address in turns]
        for thread in self._threads:
            thread.start()

    def _ask(self, address: str) -> None:
        with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {self._key}"}, timeout=30) as client:
            while not self._enough.is_set():
                began = time.monotonic()
                try:
                    response = client.post("/v1/ask", json={"question": QUESTION, "evidence": 0})
                except httpx.HTTPError as error:
                    self.seen.troubles.append(type(error).__name__)
                    self._enough.wait(0.1)
                    continue
                if response.status_code == 200:
                    self.seen.replies.append((began, response.json()))
                else:
                    self.seen.troubles.append(f"{response.status_code} {response.json().get('outcome')}")

    def wait_for(self, answers: int, since: float = 0.0) -> None:
        """Waits until so many answers came to what was asked since a moment."""
        until = time.monotonic() + 120
        while sum(began >= since for began, _ in list(self.seen.replies)) < answers:
            assert time.monotonic() < until, self.seen.troubles[-3:]
            time.sleep(0.02)

    def stop(self) -> Seen:
        """Ends them and gives what they saw."""
        self._enough.set()
        for thread in self._threads:
            thread.join(40)
        return self.seen
