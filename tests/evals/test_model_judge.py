"""A model as a second judge, behind a real endpoint on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from assistant.models import Status
from assistant.runs import Case, RunError, Shown, SystemRun
from assistant.settings import load_settings
from evals.model_judge import NAME, PROMPT, agreement, judged


class Endpoint:
    """A chat endpoint that says JA to what mentions '45', NEE to 'fout', and something else to the rest."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.status = 200
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                endpoint.asked.append(request)
                text = request["messages"][1]["content"]
                said = "JA." if "45" in text else "<think>hm</think> Nee" if "fout" in text else "Misschien."
                body = json.dumps(
                    {
                        "id": "1",
                        "object": "chat.completion",
                        "created": 1,
                        "model": "rechter",
                        "choices": [
                            {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": said}}
                        ],
                    }
                ).encode()
                self.send_response(endpoint.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    made = Endpoint()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


def case(name: str, text: str, facts: float) -> Case:
    return Case(
        id=name, set="dev", question="Hoe lang?", expected=Status.ANSWERED, status=Status.ANSWERED, text=text,
        values={"states_facts": facts}, gold=(Shown(place="Gids", text="De tijd staat hier.", right=True),),
    )  # fmt: skip


def test_the_model_judges_apart_and_its_agreement_is_told(endpoint: Endpoint) -> None:
    settings = load_settings(judge_url=endpoint.url, judge_model="rechter")
    hidden = case("hidden", "", 1.0)
    cases = (
        case("a", "45 minuten", 1.0),
        case("b", "fout", 0.0),
        case("c", "45 uur", 0.0),
        case("d", "?", 1.0),
        hidden,
    )
    run = judged(SystemRun(name="leidraad-extractive", label="x", cases=cases), settings)
    assert [c.values.get(NAME) for c in run.cases] == [1.0, 0.0, 1.0, None, None]
    assert len(endpoint.asked) == 4
    assert endpoint.asked[0]["messages"][0]["content"] == PROMPT and endpoint.asked[0]["temperature"] == 0
    (line,) = agreement(run.cases)
    assert "finds 0.667 right where the facts find 0.333; agree on 0.667, kappa 0.40, n=3" in line


def test_without_a_model_or_with_one_that_fails_it_is_one_sentence(endpoint: Endpoint) -> None:
    run = SystemRun(name="leidraad-extractive", label="x", cases=(case("a", "45 minuten", 1.0),))
    with pytest.raises(RunError, match="LEIDRAAD_JUDGE_URL"):
        judged(run, load_settings())
    endpoint.status = 400
    with pytest.raises(RunError, match="does not answer"):
        judged(run, load_settings(judge_url=endpoint.url, judge_model="rechter"))
