"""A bounded queue and a rate for each key."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

import anyio
import httpx
import pytest

from assistant.assistant import Assistant
from assistant.service.limits import Gate, RateLimit, TooBusy


def test_a_minute_holds_so_many_and_fills_up_again() -> None:
    now = [0.0]
    limit = RateLimit(clock=lambda: now[0])
    assert [limit.take("a", 2), limit.take("a", 2)] == [0, 0]
    assert limit.take("a", 2) == pytest.approx(30)
    assert limit.take("b", 2) == 0
    now[0] = 29.0
    assert limit.take("a", 2) == pytest.approx(1)
    now[0] = 30.5
    assert limit.take("a", 2) == 0
    now[0] = 9_999.0
    assert [limit.take("a", 2) > 0 for _ in range(3)] == [False, False, True]


def test_who_does_not_fit_is_told_at_once_and_who_fits_is_served_in_turn() -> None:
    gate = Gate(workers=1, waiting=1)
    going, finish = threading.Event(), threading.Event()
    done: list[str] = []

    def slow() -> None:
        going.set()
        finish.wait(10)
        done.append("slow")

    async def run() -> None:
        async def enter(task: object) -> None:
            with gate.place():
                await gate.work(task)  # type: ignore[arg-type]

        async with anyio.create_task_group() as group:
            group.start_soon(enter, slow)
            await anyio.to_thread.run_sync(going.wait, 10)
            group.start_soon(enter, lambda: done.append("waited"))
            await anyio.wait_all_tasks_blocked()
            assert (gate.working, gate.waiting) == (1, 1)
            with pytest.raises(TooBusy), gate.place():
                pass
            finish.set()
        assert (gate.working, gate.waiting) == (0, 0)
        with gate.place():
            pass

    anyio.run(run)
    assert done == ["slow", "waited"]


def test_who_has_waited_too_long_is_told_and_lets_the_next_in() -> None:
    gate = Gate(workers=1, waiting=1, patience=0.05)
    finish = threading.Event()

    async def run() -> None:
        async def first() -> None:
            with gate.place():
                await gate.work(lambda: finish.wait(10))

        async with anyio.create_task_group() as group:
            group.start_soon(first)
            await anyio.wait_all_tasks_blocked()
            with pytest.raises(TooBusy), gate.place():
                await gate.work(lambda: None)
            assert (gate.working, gate.waiting) == (1, 0)
            finish.set()
        with gate.place():
            assert await gate.work(lambda: "next") == "next"

    anyio.run(run)


def test_readers_are_few_however_many_ask(address: str, key: Callable[..., dict[str, str]], served: Assistant) -> None:
    # Every thread that reads has the index open, with pages of its own in memory.
    headers = key()
    words = {"query": "spaargesprek", "limit": 10}
    hits = httpx.post(f"{address}/v1/search", json=words, headers=headers, timeout=60).json()["hits"]
    codes: list[int] = []

    def read(number: int) -> None:
        with httpx.Client(timeout=60) as client:
            for turn in range(5):
                identity = hits[(number + turn) % len(hits)]["passage_id"]
                codes.append(client.get(f"{address}/v1/passages/{identity}", headers=headers).status_code)

    def open_files() -> int:
        links = (os.path.realpath(entry.path) for entry in os.scandir("/proc/self/fd"))
        return sum(link.startswith(str(served.settings.index)) and link.endswith(".sqlite") for link in links)

    before = open_files()
    threads = [threading.Thread(target=read, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [200] * 200
    assert open_files() - before <= 8
