"""Logs: one JSON object a line, with the request's id, without tracebacks and without what anybody typed."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from assistant.assistant import Assistant

Key = Callable[..., dict[str, str]]


def test_a_question_leaves_its_outcome_and_not_its_words(
    client: TestClient, key: Key, log_lines: Callable[[], list[dict[str, object]]]
) -> None:
    headers = key() | {"X-Request-ID": "zaak-4711"}
    question = "Mijn klant Fatima Geheim (BSN 123456782): hoe lang duurt het spaargesprek?"
    assert client.post("/v1/ask", json={"question": question}, headers=headers).status_code == 200
    client.get("/v1/passages/Fatima-Geheim", headers=headers)
    own = [line for line in log_lines() if line.get("request_id") == "zaak-4711"]
    answer, asked, opened = own
    assert (answer["event"], answer["outcome"]) == ("answer", "answered")
    assert (asked["route"], asked["status"], asked["method"]) == ("/v1/ask", 200, "POST")
    assert asked["key"] == answer["key"] == headers["Authorization"].split("_")[1]
    assert (opened["route"], opened["status"]) == ("/v1/passages/{passage_id:path}", 404)


def test_a_fault_leaves_its_kind_and_place_and_no_traceback(
    client: TestClient,
    key: Key,
    served: Assistant,
    log_lines: Callable[[], list[dict[str, object]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*given: object, **named: object) -> None:
        raise RuntimeError("Fatima Geheim 06-12345678")

    monkeypatch.setattr(served, "ask", broken)
    assert client.post("/v1/ask", json={"question": "Hoe?"}, headers=key()).status_code == 503
    (fault,) = [line for line in log_lines() if line["level"] == "error"]
    assert fault["error"] == "RuntimeError" and str(fault["at"]).startswith("test_logs.py:")


def test_what_another_part_logs_is_masked(log_lines: Callable[[], list[dict[str, object]]]) -> None:
    logging.getLogger("iets").warning("mevrouw %s belde met %s", "Fatima", "06-12345678")
    assert log_lines()[0]["message"] == "mevrouw [naam] belde met [telefoonnummer]"
