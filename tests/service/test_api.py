"""The HTTP API: answers with quotes that stand, problems a program can act on, and nothing that a key may not read."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from assistant.assistant import Assistant
from assistant.outcomes import outcomes
from assistant.records import Records
from assistant.service.api import create_app
from assistant.service.front import LARGEST_REQUEST
from assistant.service.problems import kinds
from assistant.settings import load_settings
from indexer.embedding import BundledEmbedder
from tests.service.conftest import HIDDEN, HIDDEN_QUESTION, QUESTION

Key = Callable[..., dict[str, str]]


def test_an_answer_comes_with_quotes_that_can_be_opened(client: TestClient, key: Key) -> None:
    headers = key()
    reply = client.post("/v1/ask", json={"question": QUESTION, "evidence": 2}, headers=headers).json()
    answer = reply["answer"]
    assert (answer["status"], len(answer["evidence"])) == ("answered", 2)
    assert "45 minuten" in answer["text"] and answer["citations"]
    for citation in answer["citations"]:
        opened = client.get(f"/v1/passages/{citation['passage_id']}", headers=headers).json()
        assert citation["quote"] in opened["passage"]["text"]
        assert citation["quote"] in opened["opened"]["before"] + opened["opened"]["quote"] + opened["opened"]["after"]
        assert opened["holds_today"] is True


def test_a_conversation_goes_on_for_its_own_key_only(client: TestClient, key: Key, records: Records) -> None:
    own, other = key(), key()
    first = client.post("/v1/ask", json={"question": "Hoe hoog is de boete?"}, headers=own).json()
    more = {"question": "En de tweede keer?", "conversation_id": first["conversation_id"]}
    second = client.post("/v1/ask", json=more, headers=own).json()
    assert second["conversation_id"] == first["conversation_id"]
    assert "boete" in second["answer"]["standalone_question"]
    alien = client.post("/v1/ask", json=more, headers=other)
    assert (alien.status_code, alien.json()["outcome"]) == (404, "not_found")
    assert records.count() == 2


def test_feedback_goes_with_an_answer_of_ones_own(client: TestClient, key: Key, records: Records) -> None:
    from assistant.feedback import FeedbackBox

    own, other = key(), key()
    identity = client.post("/v1/ask", json={"question": QUESTION}, headers=own).json()["id"]
    given = {"answer_id": identity, "feeling": "down", "reasons": ["incomplete"], "remark": "Bel 06-12345678"}
    assert client.post("/v1/feedback", json=given, headers=other).status_code == 404
    assert client.post("/v1/feedback", json=given, headers=own).status_code == 204
    wrong = {"answer_id": identity, "feeling": "citation"}
    assert client.post("/v1/feedback", json=wrong, headers=own).status_code == 422
    (kept,) = FeedbackBox(records).inbox()
    assert (kept.answer_id, kept.remark) == (identity, "Bel [telefoonnummer]")


def test_nothing_of_a_hidden_collection_shows(client: TestClient, key: Key) -> None:
    public, team = key(), key("besloten")
    found = client.post("/v1/search", json={"query": HIDDEN_QUESTION}, headers=team).json()["hits"]
    passage_id = next(hit["passage_id"] for hit in found if hit["source_id"] == "werkafspraak-kluis")
    said = client.post("/v1/ask", json={"question": HIDDEN_QUESTION, "evidence": 20}, headers=team).json()
    assert HIDDEN in said["answer"]["text"]
    assert client.get(f"/v1/passages/{passage_id}", headers=team).status_code == 200
    seen = [
        client.post("/v1/search", json={"query": HIDDEN_QUESTION, "limit": 50}, headers=public).text,
        client.post("/v1/ask", json={"question": HIDDEN_QUESTION, "evidence": 20}, headers=public).text.replace(
            HIDDEN_QUESTION, ""
        ),
        client.get("/v1/sources", headers=public).text,
        client.get("/metrics", headers=public).text,
    ]
    for text in seen:
        assert "kluis" not in text and "koperen" not in text and "besloten" not in text
    assert "werkafspraak-kluis" in client.get("/v1/sources", headers=team).text
    # Hidden and absent are told alike.
    hidden = client.get(f"/v1/passages/{passage_id}", headers=public)
    absent = client.get("/v1/passages/bestaat/niet", headers=public)
    assert hidden.status_code == absent.status_code == 404
    told = [{k: v for k, v in r.json().items() if k not in ("request_id", "instance")} for r in (hidden, absent)]
    assert told[0] == told[1]


def test_search_takes_the_day_into_account_and_masks(client: TestClient, key: Key) -> None:
    headers = key()
    query = {"query": "Binnen welke termijn spaart mevrouw Jansen?", "as_of": "2023-01-01"}
    then = client.post("/v1/search", json=query, headers=headers).json()
    assert then["masked"] == ["naam"]
    versions = {hit["valid_from"] for hit in then["hits"] if hit["kind"] == "law"}
    assert "2022-01-01" in versions and "2024-06-01" not in versions


@pytest.mark.parametrize("route", ["/v1/sources", "/v1/passages/x", "/metrics"])
@pytest.mark.parametrize("authorization", [None, "Bearer leidraad_x_y", "Basic eDp5", "Bearer"])
def test_without_a_good_key_there_is_nothing(client: TestClient, route: str, authorization: str | None) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    response = client.get(route, headers=headers)
    assert (response.status_code, response.json()["outcome"]) == (401, "unauthorised")
    assert response.headers["www-authenticate"] == "Bearer"


def test_every_route_under_v1_asks_for_a_key(app: FastAPI) -> None:
    described = app.openapi()["paths"]
    routes = {path: list(methods.values()) for path, methods in described.items() if path.startswith("/v1")}
    assert len(routes) == 5
    assert all("security" in operation for operations in routes.values() for operation in operations)


def test_a_key_that_asks_too_often_is_told_when_to_come_back(client: TestClient, key: Key) -> None:
    headers, other = key(per_minute=2), key(per_minute=2)
    codes = [client.get("/v1/sources", headers=headers).status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    turned = client.get("/v1/sources", headers=headers)
    assert 1 <= int(turned.headers["retry-after"]) <= 30
    assert (turned.json()["outcome"], turned.json()["retryable"]) == ("rate_limited", True)
    assert client.get("/v1/sources", headers=other).status_code == 200


def test_problems_are_problem_details_and_repeat_nothing_that_was_sent(client: TestClient, key: Key) -> None:
    sent = {"question": {"naam": "Fatima Geheim"}, "as_of": "Geheim"}
    response = client.post("/v1/ask", json=sent, headers=key() | {"Accept-Language": "en-GB,nl;q=0.5"})
    assert (response.status_code, response.headers["content-type"]) == (422, "application/problem+json")
    told = response.json()
    assert told["detail"] == kinds()["invalid_request"].en
    assert {error["field"] for error in told["errors"]} == {"question", "as_of"}
    assert "Geheim" not in response.text
    assert client.get(told["type"]).json()["key"] == "invalid_request"
    assert told["request_id"] == response.headers["x-request-id"]


@pytest.mark.parametrize(
    ("method", "path", "content", "status", "outcome"),
    [
        ("GET", "/nergens", b"", 404, "not_found"),
        ("DELETE", "/v1/ask", b"", 405, "method_not_allowed"),
        ("POST", "/v1/ask", b"{kapot", 422, "invalid_request"),
        ("POST", "/v1/ask", b'{"question": "a", "extra": 1}', 422, "invalid_request"),
        ("POST", "/v1/ask", b'"' + b"x" * (LARGEST_REQUEST + 1) + b'"', 413, "too_large"),
        ("GET", "/problems/nergens", b"", 404, "not_found"),
    ],
)
def test_bad_requests_get_their_own_problem(
    client: TestClient, key: Key, method: str, path: str, content: bytes, status: int, outcome: str
) -> None:
    headers = key() | {"Content-Type": "application/json"}
    response = client.request(method, path, content=content, headers=headers)
    assert (response.status_code, response.json()["outcome"]) == (status, outcome)
    assert response.headers["content-type"] == "application/problem+json"


def test_a_body_of_untold_length_is_bounded_too(client: TestClient, key: Key) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(40):
            yield b" " * 10_000

    response = client.post("/v1/ask", content=pieces(), headers=key() | {"Content-Type": "application/json"})
    assert (response.status_code, response.json()["outcome"]) == (413, "too_large")


def test_more_than_fits_is_told_that_it_is_too_busy(
    client: TestClient, key: Key, app: FastAPI, served: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    release, inside = threading.Event(), threading.Semaphore(0)
    real = served.ask

    def slow(*given: object, **named: object) -> object:
        inside.release()
        release.wait(20)
        return real(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(served, "ask", slow)
    headers = key()
    codes: list[int] = []

    def ask() -> None:
        codes.append(client.post("/v1/ask", json={"question": QUESTION}, headers=headers).status_code)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(2):
        assert inside.acquire(timeout=20)
    gate = app.state.desk.gate
    for _ in range(400):
        if gate.waiting == 2:
            break
        threading.Event().wait(0.02)
    assert (gate.working, gate.waiting) == (2, 2)
    for accept in ("application/json", "text/event-stream"):
        turned = client.post("/v1/ask", json={"question": QUESTION}, headers=headers | {"Accept": accept})
        assert (turned.status_code, turned.json()["outcome"]) == (503, "too_busy")
        assert "te druk" in turned.json()["detail"] and int(turned.headers["retry-after"]) > 0
    assert client.get("/v1/sources", headers=headers).status_code == 200
    assert "leidraad_questions_waiting 2.0" in client.get("/metrics", headers=headers).text
    release.set()
    for thread in threads:
        thread.join(30)
    assert codes == [200] * 4
    assert 'turned_away_total{reason="too_busy"} 2.0' in client.get("/metrics", headers=headers).text
    assert client.post("/v1/ask", json={"question": QUESTION}, headers=headers).status_code == 200


def test_without_an_index_it_lives_but_is_not_ready(embedder: BundledEmbedder, records: Records, key: Key) -> None:
    with TestClient(create_app(Assistant(load_settings(), embedder), records)) as client:
        assert client.get("/health").json() == {"status": "ok"}
        ready = client.get("/ready")
        assert (ready.status_code, ready.json()["outcome"]) == (503, "empty_index")
        asked = client.post("/v1/ask", json={"question": QUESTION}, headers=key())
        assert (asked.status_code, asked.json()["detail"]) == (503, outcomes()["empty_index"].sentence_nl)
    assert records.count() == 1


def test_an_answer_that_cannot_be_kept_says_so(
    client: TestClient, key: Key, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy import text

    headers = key()
    with records.session() as session:
        session.execute(text("ALTER TABLE answers RENAME TO weg"))
    reply = client.post("/v1/ask", json={"question": QUESTION}, headers=headers).json()
    assert reply["id"] is None and "45 minuten" in reply["answer"]["text"]
    assert any("niet worden bewaard" in warning for warning in reply["answer"]["warnings"])
    assert client.get("/ready").json()["outcome"] == "not_kept"
    assert "leidraad_answers_not_kept_total 1.0" in client.get("/metrics", headers=headers).text


def test_the_manual_loads_nothing_from_elsewhere(client: TestClient) -> None:
    page = client.get("/docs")
    assert "POST /v1/ask" in page.text and "AskReply" in page.text
    assert "<script" not in page.text and "src=" not in page.text and "http://" not in page.text
    assert "https://" not in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    described = client.get("/openapi.json").json()
    assert "text/event-stream" in described["paths"]["/v1/ask"]["post"]["responses"]["200"]["content"]


def test_figures_count_answers_by_outcome_and_step(client: TestClient, key: Key) -> None:
    headers = key()
    for question in (QUESTION, "Hoe bak ik een appeltaart met kaneel?"):
        client.post("/v1/ask", json={"question": question}, headers=headers)
    text = client.get("/metrics", headers=headers).text
    assert 'leidraad_answers_total{door="api",outcome="answered",status="answered"} 1.0' in text
    assert 'status="refused"} 1.0' in text
    assert 'leidraad_step_seconds_count{step="retrieval"} 2.0' in text
    assert 'leidraad_request_seconds_count{route="/v1/ask",status="200"} 2.0' in text
    assert 'leidraad_answers_by_mode_total{mode="extractive",model=""} 2.0' in text
    assert "process_resident_memory_bytes" in text


def test_a_request_id_is_taken_over_when_it_is_plain(client: TestClient) -> None:
    assert client.get("/health", headers={"X-Request-ID": "zaak-12345"}).headers["x-request-id"] == "zaak-12345"
    odd = client.get("/health", headers={"X-Request-ID": 'x" mijn klant'}).headers["x-request-id"]
    assert json.dumps(odd).strip('"').isalnum() and len(odd) == 32
    assert client.get("/health").headers["x-content-type-options"] == "nosniff"
