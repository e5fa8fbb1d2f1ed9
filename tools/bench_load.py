"""Many people at once asking real questions through the API: make bench-load.

    python -m tools.bench_load [--people 50] [--seconds 600] [--pause 10] [--index DIR]

Starts `leidraad serve --api` on loopback with a database of its own and gives each person a key. A person asks a known
question (development questions and those about the guides, never test questions), goes on in the same conversation
where the known question has one, reads for `--pause` seconds on average (spread as waiting times are, exponentially)
and asks the next. `--pause 0` asks without a breath: that is what the queue is for.

Questions are typed as people do, with a greeting or another ending, so that most are new to the server.

The client checks every answer: that it is for the question asked, in the conversation it was asked in, and the same as
whoever asked the same before got; and every quote, in the passage it names, opened through the API with the person's
own key. Prints times, what was turned away, what was wrong, the server's processor time for an answer (which tells what
it can carry, however busy the machine is with other things), and the growth of its memory after the first fifth.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from assistant.records import Records
from assistant.service.keys import Keys
from assistant.settings import load_settings
from evals.metrics import percentile
from evals.questions import KnownQuestion, load_questions

BARS = {"p95": 2.0, "memory": 0.05}
_PARTS = 5
ROOT = Path(__file__).resolve().parent.parent
_TYPOGRAPHY = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'"})


@dataclass
class Tally:
    """What the people saw."""

    seconds: list[float] = field(default_factory=list)
    outcomes: dict[str, int] = field(default_factory=dict)
    quotes: int = 0
    turned_away: int = 0
    errors: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)
    processor: float = 0.0

    def count(self, outcome: str) -> None:
        """One more of an outcome."""
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1


class Person:
    """Somebody who asks, with a key of their own."""

    def __init__(
        self, client: httpx.AsyncClient, key: str, tally: Tally, expected: dict[tuple[str, ...], str], seed: int | None
    ) -> None:
        self._client = client
        self._random = random.Random(seed)
        self._vary = seed is not None
        self._headers = {"Authorization": f"Bearer {key}"}
        self._tally = tally
        self._expected = expected
        self._passages: dict[str, str] = {}

    async def ask(self, known: KnownQuestion) -> None:
        """A whole conversation: what was asked before, then the question; each answer is checked."""
        conversation: str | None = None
        asked: tuple[str, ...] = ()
        for text in (*(turn.question for turn in known.conversation), known.question):
            sent = _typed(text, self._random, opening=not asked) if self._vary else text
            asked = (*asked, sent)
            reply = await self._post(known, sent, conversation)
            if reply is None:
                return
            if conversation is not None and reply["conversation_id"] != conversation:
                self._tally.wrong.append(f"another conversation: {text}")
            conversation = reply["conversation_id"]
            if reply["answer"]["question"] != sent and not reply["answer"]["masked"]:
                self._tally.wrong.append(f"the answer to another question: {text}")
            await self._check(asked, str(known.as_of or ""), reply["answer"])

    async def _post(self, known: KnownQuestion, text: str, conversation: str | None) -> dict[str, Any] | None:
        body = {"question": text, "conversation_id": conversation, "evidence": 0}
        body["as_of"] = known.as_of.isoformat() if known.as_of else None
        began = time.perf_counter()
        try:
            response = await self._client.post("/v1/ask", json=body, headers=self._headers)
        except httpx.HTTPError as error:
            self._tally.errors.append(type(error).__name__)
            return None
        if response.status_code == 503 and response.json().get("outcome") == "too_busy":
            self._tally.turned_away += 1
            await asyncio.sleep(float(response.headers["retry-after"]) * random.uniform(1, 2))
            return None
        if response.status_code != 200:
            self._tally.errors.append(f"{response.status_code} {response.json().get('outcome')}")
            return None
        self._tally.seconds.append(time.perf_counter() - began)
        reply: dict[str, Any] = response.json()
        self._tally.count(reply["answer"]["outcome"])
        if reply["id"] is None:
            self._tally.errors.append("not kept")
        return reply

    async def _check(self, asked: tuple[str, ...], as_of: str, answer: dict[str, Any]) -> None:
        """Records what is not as it should be."""
        if self._expected.setdefault((as_of, *asked), answer["text"]) != answer["text"]:
            self._tally.wrong.append(f"another answer than before: {asked[-1]}")
        for citation in answer["citations"]:
            self._tally.quotes += 1
            passage = await self._passage(citation["passage_id"])
            if passage is None or _plain(citation["quote"]) not in _plain(passage):
                self._tally.wrong.append(f"a quote that does not stand there: {citation['passage_id']}")

    async def _passage(self, identity: str) -> str | None:
        if identity not in self._passages:
            response = await self._client.get(f"/v1/passages/{identity}", headers=self._headers)
            if response.status_code != 200:
                self._tally.errors.append(f"passage {response.status_code}")
                return None
            self._passages[identity] = response.json()["passage"]["text"]
        return self._passages[identity]


_OPENINGS = ("", "", "Hallo, ", "Vraag: ", "Weet jij: ", "Graag wil ik weten: ")
_ENDINGS = ("?", "?", " ?", "??", "?!", ".", "", ", weet u dat?", "? Alvast bedankt.")


def _typed(text: str, own: random.Random, *, opening: bool) -> str:
    """The question as somebody in a hurry types it."""
    greeting = own.choice(_OPENINGS) if opening else ""
    return (greeting + text.rstrip("?. ") + own.choice(_ENDINGS)).strip()


def _plain(text: str) -> str:
    return " ".join(text.translate(_TYPOGRAPHY).split())


def resident(pid: int) -> float:
    """Megabytes of memory that a process holds now."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def processor_seconds(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def load(address: str, keys: list[str], questions: list[KnownQuestion], given: Any, pid: int) -> Tally:
    """Lets the people ask for so long and returns what they saw."""
    tally, expected = Tally(), dict[tuple[str, ...], str]()
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(base_url=address, timeout=60, limits=limits) as client:
        before = Tally()
        alone = Person(client, keys[0], before, expected, None)
        for known in questions:
            await alone.ask(known)
        print(
            f"one person, each question once: {len(before.seconds)} answers, "
            f"p50 {statistics.median(before.seconds):.2f} s, p95 {percentile(before.seconds, 0.95):.2f} s, "
            f"{before.quotes} quotes checked",
            flush=True,
        )
        tally.errors += before.errors
        tally.wrong += before.wrong
        began, used = time.monotonic(), processor_seconds(pid)

        async def person(number: int) -> None:
            own = random.Random(f"pace {number}")
            await asyncio.sleep(own.uniform(0, max(given.pause, 1)))
            someone = Person(client, keys[number], tally, expected, number)
            while time.monotonic() - began < given.seconds:
                await someone.ask(own.choice(questions))
                if given.pause:
                    left = given.seconds - (time.monotonic() - began)
                    await asyncio.sleep(max(0.0, min(left, own.expovariate(1 / given.pause))))

        async def watch() -> None:
            while True:
                tally.memory.append((time.monotonic() - began, resident(pid)))
                await asyncio.sleep(2)

        watcher = asyncio.create_task(watch())
        await asyncio.gather(*(person(number) for number in range(given.people)))
        watcher.cancel()
        tally.processor = processor_seconds(pid) - used
        health = await client.get("/health")
        if health.status_code != 200:
            tally.errors.append("the server is not healthy afterwards")
    return tally


def report(tally: Tally, given: Any) -> bool:
    """Prints the figures beside their bars; True when nothing was wrong."""
    total = len(tally.seconds)
    busy = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    print(f"{given.people} people, {given.seconds} s, a pause of {given.pause} s on average:")
    print(f"  load of this machine over 1, 5 and 15 minutes: {busy}, on {os.cpu_count()} cores")
    if total:
        half, most = statistics.median(tally.seconds), percentile(tally.seconds, 0.95)
        print(f"  {total} answers, {total / given.seconds:.1f} a second")
        print(f"  p50 {half:.2f} s   p95 {most:.2f} s (bar {BARS['p95']})   longest {max(tally.seconds):.2f} s")
        each, cores = tally.processor / total, os.cpu_count() or 1
        print(
            f"  the server's processor time: {each * 1000:.0f} ms an answer, checks included; "
            f"{cores} cores carry {cores / each:.0f} a second"
        )
    print(f"  turned away with a clear 'te druk': {tally.turned_away}")
    print(f"  errors: {len(tally.errors)} (bar 0) {sorted(set(tally.errors))[:5]}")
    print(f"  checked by the client: {total} answers, {tally.quotes} quotes")
    print(f"  wrong (quote, question, conversation or text of an answer): {len(tally.wrong)} (bar 0) {tally.wrong[:3]}")
    _report_memory(tally.memory, given.seconds)
    print(f"  outcomes: {dict(sorted(tally.outcomes.items(), key=lambda entry: -entry[1]))}")
    return not tally.errors and not tally.wrong


def _report_memory(samples: list[tuple[float, float]], seconds: float) -> None:
    """Memory over each fifth of the time; the first is the warm-up, growth is from the second to the last."""
    fifths = [
        [mb for at, mb in samples if seconds * part / _PARTS <= at < seconds * (part + 1) / _PARTS]
        for part in range(_PARTS)
    ]
    if not all(fifths):
        print("  memory: too short to tell")
        return
    means = [statistics.mean(part) for part in fifths]
    each = ", ".join(f"{mean:.0f}" for mean in means)
    print(f"  memory by fifths of the time: {each} MB; most {max(map(max, fifths)):.0f} MB")
    print(f"  warm-up: from {samples[0][1]:.0f} MB to {fifths[0][-1]:.0f} MB in the first fifth")
    print(f"  growth after warm-up: {means[-1] / fifths[0][-1] - 1:+.1%} (bar +{BARS['memory']:.0%})")


def main() -> int:
    """Starts the server, lets people ask, prints."""
    parser = argparse.ArgumentParser(description="Many people at once asking through the API.")
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--pause", type=float, default=10.0, help="seconds between an answer and the next question")
    parser.add_argument("--questions", type=int, default=60, help="how many different questions are asked")
    parser.add_argument("--index", type=Path, help="folder of the index; default that of the settings")
    given = parser.parse_args()
    settings = load_settings(index=given.index)
    known = [q for q in load_questions() if q.set == "dev" and q.over == "corpus"]
    if len(known) > given.questions:
        known = random.Random(1).sample(known, given.questions)
    home = ROOT / "data"
    home.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-load-", dir=home) as folder:
        url = f"sqlite:///{Path(folder) / 'records.sqlite'}"
        records = Records(url)
        keys = [Keys(records).add(f"person {number}", per_minute=100_000) for number in range(given.people)]
        records.close()
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        command = [str(Path(sys.executable).parent / "leidraad"), "serve", "--api", "--port", str(port)]
        command += ["--index", str(settings.index)]
        log = Path(folder) / "log"
        with log.open("w") as errors:
            server = subprocess.Popen(
                command, stderr=errors, env={**os.environ, "LEIDRAAD_RECORDS": url, "TMPDIR": folder}
            )
        try:
            address = f"http://127.0.0.1:{port}"
            if not _ready(address):
                print(log.read_text(encoding="utf-8")[-2_000:], file=sys.stderr)
                return 1
            print(f"{len(known)} questions, server of process {server.pid}", flush=True)
            tally = asyncio.run(load(address, keys, known, given, server.pid))
            good = report(tally, given)
        finally:
            server.terminate()
            server.wait(30)
    return 0 if good else 1


def _ready(address: str, patience: float = 60) -> bool:
    until = time.monotonic() + patience
    while time.monotonic() < until:
        try:
            if httpx.get(f"{address}/ready").status_code == 200:
                return True
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    return False


if __name__ == "__main__":
    sys.exit(main())
