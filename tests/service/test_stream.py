"""An answer as server-sent events, over a real socket."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from assistant.assistant import Assistant
from assistant.records import Records
from tests.service.conftest import QUESTION, events

Key = Callable[..., dict[str, str]]


def test_steps_claims_and_the_answer_come_in_order(address: str, key: Key) -> None:
    headers = key() | {"Accept": "text/event-stream"}
    with httpx.stream("POST", f"{address}/v1/ask", json={"question": QUESTION}, headers=headers, timeout=30) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        found = events(stream)
    names = [name for name, _ in found]
    assert names == sorted(names, key=["step", "claim", "answer"].index)
    assert [data for name, data in found if name == "step"][-1] == "verification"
    reply: Any = found[-1][1]
    claims: list[Any] = [data for name, data in found if name == "claim"]
    assert [claim["claim"] for claim in claims] == reply["answer"]["claims"]
    assert all(claim["citations"][0]["quote"] for claim in claims)
    plain = httpx.post(f"{address}/v1/ask", json={"question": QUESTION}, headers=key(), timeout=30).json()
    assert plain["answer"]["text"] == reply["answer"]["text"]


def test_who_leaves_early_is_still_answered_and_kept(address: str, key: Key, records: Records) -> None:
    headers = key() | {"Accept": "text/event-stream"}
    with httpx.stream("POST", f"{address}/v1/ask", json={"question": QUESTION}, headers=headers, timeout=30) as stream:
        next(stream.iter_lines())
    for _ in range(300):
        if records.count() == 1:
            break
        httpx.get(f"{address}/health")
    assert records.count() == 1


def test_a_fault_on_the_way_is_an_event(
    address: str, key: Key, served: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*given: object, **named: object) -> None:
        raise RuntimeError("mijn klant Fatima Geheim")

    monkeypatch.setattr(served, "ask", broken)
    headers = key() | {"Accept": "text/event-stream"}
    with httpx.stream("POST", f"{address}/v1/ask", json={"question": QUESTION}, headers=headers, timeout=30) as stream:
        ((name, told),) = events(stream)
    assert name == "problem" and isinstance(told, dict)
    assert told["outcome"] == "failed" and "Geheim" not in str(told)
    after = httpx.post(f"{address}/v1/ask", json={"question": QUESTION}, headers=key(), timeout=30)
    assert (after.status_code, after.json()["outcome"]) == (503, "failed")
