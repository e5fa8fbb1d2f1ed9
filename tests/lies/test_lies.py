"""A model that lies in every known way behind a real HTTP endpoint: no lie reaches the reader as verified."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from assistant.answering.client import ChatClient
from assistant.assistant import Assistant
from assistant.events import Answered, ClaimSeen, ClaimState, Event
from assistant.models import Answer, Mode, Status
from assistant.settings import load_settings
from assistant.verification import normalise
from indexer.embedding import BundledEmbedder
from indexer.generation import build
from tests.lies import corpus
from tests.model_server import Reply, ScriptedModel, as_json, as_lines, number_of, serving

HERE = Path(__file__).parent
LIES = yaml.safe_load((HERE / "lies.yaml").read_text(encoding="utf-8"))
TRUTHS = yaml.safe_load((HERE / "truths.yaml").read_text(encoding="utf-8"))
WAYS = {
    "wrong number",
    "wrong unit",
    "wrong date",
    "wrong article",
    "misattributed quote",
    "stitched quote",
    "changed quote",
    "negation dropped",
    "old regime as new",
    "passage not given",
    "no citation",
    "wrong actor",
    "invention",
    "opposite word",
}


@pytest.fixture(scope="module")
def model() -> Iterator[ScriptedModel]:
    with serving() as made:
        yield made


@pytest.fixture(scope="module")
def assistant(
    tmp_path_factory: pytest.TempPathFactory, embedder: BundledEmbedder, model: ScriptedModel
) -> Iterator[Assistant]:
    folder = tmp_path_factory.mktemp("lies")
    build(corpus.write(folder / "corpus"), folder / "index", embedder)
    settings = load_settings(
        index=folder / "index",
        mode="generative",
        chat_url=model.url,
        chat_model="scripted",
        records=f"sqlite:///{folder / 'records.sqlite'}",
    )
    made = Assistant(settings, embedder)
    yield made
    made.index().close()


def tell(assistant: Assistant, model: ScriptedModel, entry: dict[str, Any], form: str) -> tuple[Answer, list[Event]]:
    """Asks the entry's question of a model that gives the entry's claim, and gives it again when it may repair."""

    def script(payload: dict[str, Any]) -> Reply:
        quotes = []
        for quote in entry["quotes"]:
            number = quote.get("number")
            if number is None:
                number = number_of(payload, quote.get("in", quote["q"]))
                assert number, f"no passage given holds {quote}"
            quotes.append((number, quote["q"] if form == "json" else normalise(quote["q"])))
        return Reply(text=(as_json if form == "json" else as_lines)([(entry["claim"], quotes)]))

    model.requests.clear()
    model.script = script
    # Each has its own endpoint state: one that refused a schema once is not asked again.
    assert assistant.model is not None
    assistant.model.client = ChatClient(assistant.settings.model_copy(update={"chat_structured": form == "json"}))
    events = list(assistant.ask_stream(corpus.QUESTIONS[entry["ask"]]))
    assert isinstance(events[-1], Answered)
    return events[-1].answer, events


def form_of(number: int) -> str:
    return "json" if number % 2 else "lines"


def test_there_are_sixty_lies_in_every_known_way() -> None:
    assert len(LIES) >= 60 and len(TRUTHS) >= 60
    assert set(Counter(lie["way"] for lie in LIES)) == WAYS
    assert len({entry["id"] for entry in (*LIES, *TRUTHS)}) == len(LIES) + len(TRUTHS)


@pytest.mark.parametrize(("number", "lie"), list(enumerate(LIES)), ids=[lie["id"] for lie in LIES])
def test_a_lie_never_reaches_the_reader_as_verified(
    assistant: Assistant, model: ScriptedModel, number: int, lie: dict[str, Any]
) -> None:
    answer, events = tell(assistant, model, lie, form_of(number))
    assert len(model.requests) == 2, "a failed claim is asked for once more, and only once"
    seen = [event for event in events if isinstance(event, ClaimSeen)]
    assert all(event.state is not ClaimState.VERIFIED for event in seen)
    assert seen[-1].state is ClaimState.DROPPED
    assert answer.status is Status.ANSWERED and answer.mode is Mode.EXTRACTIVE
    assert answer.outcome == "model_failed" and answer.claims and answer.citations
    assert any("weggelaten" in note or "left out" in note for note in answer.warnings)


def test_truthful_answers_pass(
    assistant: Assistant, model: ScriptedModel, record_property: Callable[[str, object], None]
) -> None:
    failed = []
    for number, truth in enumerate(TRUTHS):
        answer, _ = tell(assistant, model, truth, form_of(number))
        if answer.mode is Mode.GENERATIVE and truth["claim"] in [claim.text for claim in answer.claims]:
            assert answer.model == "scripted" and answer.prompt_version and answer.usage
            assert {c.text: c for c in answer.claims}[truth["claim"]].citations
        else:
            failed.append(truth["id"])
    record_property("passed", f"{len(TRUTHS) - len(failed)} of {len(TRUTHS)}")
    assert len(failed) <= 0.05 * len(TRUTHS), failed


def test_what_the_old_law_says_stands_under_its_label(assistant: Assistant, model: ScriptedModel) -> None:
    old = next(truth for truth in TRUTHS if truth["id"] == "t48")
    answer, _ = tell(assistant, model, old, "json")
    by_text = {claim.text: claim.label for claim in answer.claims}
    assert by_text[old["claim"]].startswith("Oude wet")
    # The new law answers too, though the model said nothing of it.
    assert any(label.startswith("Wet inburgering 2021") for label in by_text.values())
