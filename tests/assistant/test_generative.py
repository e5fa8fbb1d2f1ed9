"""A model behind a real HTTP endpoint that does all that an endpoint can do wrong, and what the reader gets."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from assistant.answering.breaker import Breaker
from assistant.answering.client import ChatClient
from assistant.assistant import Assistant
from assistant.errors import ModelError, SettingsError
from assistant.events import Answered, ClaimSeen, ClaimState, FirstAnswer
from assistant.models import Answer, Mode, Status, Turn
from assistant.settings import Settings, load_settings
from assistant.spending import Spending
from indexer.embedding import BundledEmbedder
from indexer.tokens import count_tokens
from tests.model_server import Reply, ScriptedModel, as_json, as_lines, number_of, passages, serving

QUESTION = "Hoe lang duurt het spaargesprek?"
SAID = "Het spaargesprek duurt 45 minuten."
QUOTE = "Het spaargesprek duurt 45 minuten en de consulent voert het gesprek op het gemeentehuis."
TRUE = [(SAID, [(1, QUOTE)])]
Make = Callable[..., Assistant]


@pytest.fixture
def model() -> Iterator[ScriptedModel]:
    with serving() as made:
        yield made


@pytest.fixture
def make(index_folder: Path, embedder: BundledEmbedder, model: ScriptedModel) -> Make:
    """Makes an assistant with this model and quick patience."""

    def made(**given: object) -> Assistant:
        settings: dict[str, object] = {
            "index": index_folder,
            "mode": "generative",
            "chat_url": model.url,
            "chat_model": "scripted",
            "chat_stall_seconds": 3.0,
            "chat_total_seconds": 10.0,
            "chat_tries": 1,
            **given,
        }
        return Assistant(load_settings(**settings), embedder)

    return made


def truly(payload: dict[str, Any]) -> list[tuple[str, list[tuple[int, str]]]]:
    return [(SAID, [(number_of(payload, "duurt 45 minuten"), QUOTE)])]


def check_fallback(answer: Answer) -> None:
    assert answer.status is Status.ANSWERED and answer.mode is Mode.EXTRACTIVE
    assert answer.outcome == "model_failed" and "45 minuten" in answer.text
    assert answer.model == "scripted" and answer.usage is not None
    assert "taalmodel" in answer.text


@pytest.mark.parametrize("form", [as_json, as_lines])
def test_a_checked_sentence_is_said_with_its_citation(make: Make, model: ScriptedModel, form: Any) -> None:
    model.script = lambda payload: Reply(text=form(truly(payload)))
    answer = make(chat_structured=form is as_json, chat_price_in=1.0, chat_price_out=2.0).ask(QUESTION)
    assert (answer.status, answer.mode, answer.outcome) == (Status.ANSWERED, Mode.GENERATIVE, "answered")
    assert [claim.text for claim in answer.claims] == [SAID]
    assert answer.citations[0].quote == QUOTE
    assert answer.prompt_version and answer.model == "scripted"
    assert answer.usage is not None and answer.usage.calls == 1 and answer.usage.first_token_ms
    assert (answer.usage.tokens_in, answer.usage.tokens_out, answer.usage.estimated) == (700, 50, False)
    assert answer.usage.cost == pytest.approx((700 * 1 + 50 * 2) / 1e6)
    assert ("response_format" in model.requests[0]) is (form is as_json)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(text=""),
        Reply(text="x" * 4000),
        Reply(text="{]]}}{{claims:::"),
        Reply(text='{"answer": "45 minuten"}'),
        Reply(text='{"claims": "45 minuten"}'),
        Reply(
            text='{"claims": [1, null, {"text": 5}, {"text": "ja"}, {"text": "Het duurt 45 minuten", "quotes": "x"}]}'
        ),
        Reply(text="[" * 5000),
        Reply(text="Het spaargesprek duurt 45 minuten, geloof me maar."),
        Reply(text="CLAIM: Het spaargesprek duurt 45 minuten.\n[één] bron een"),
        Reply(raw=b"data: {not json\n\n"),
        Reply(raw=b"\xff\xfe\x00garbage"),
        Reply(raw=b""),
        Reply(raw=b"data: [DONE]\n\n"),
        Reply(raw=b'data: {"error": {"message": "boom"}}\n\n'),
        Reply(status=400),
        Reply(status=401),
        Reply(status=404),
        Reply(status=429),
        Reply(status=500),
        Reply(ending="reset"),
        Reply(ending="cut"),
        Reply(text='{"claims": [{"text": "Het sp', ending="reset"),
    ],
    ids=lambda reply: f"{reply.status}-{reply.ending}-{(reply.raw or reply.text.encode())[:18]!r}",
)
def test_whatever_the_endpoint_does_the_reader_gets_an_answer(make: Make, model: ScriptedModel, reply: Reply) -> None:
    model.reply(reply)
    check_fallback(make().ask(QUESTION))


def test_an_endpoint_that_is_not_there_costs_no_answer(make: Make, model: ScriptedModel) -> None:
    check_fallback(make(chat_url="http://127.0.0.1:9/v1").ask(QUESTION))


def test_silence_ends(make: Make, model: ScriptedModel) -> None:
    assistant = make(chat_stall_seconds=0.4)
    for reply in (Reply(text="x", before=20), Reply(text='{"claims": [', ending="hang")):
        model.reply(reply)
        began = time.monotonic()
        check_fallback(assistant.ask(QUESTION))
        assert time.monotonic() - began < 5


def test_a_model_that_drips_for_ever_ends(make: Make, model: ScriptedModel) -> None:
    model.reply(Reply(text="y" * 5000, piece=1, between=0.05))
    began = time.monotonic()
    check_fallback(make(chat_total_seconds=0.8).ask(QUESTION))
    assert time.monotonic() - began < 5


def test_what_was_checked_before_the_connection_tore_stands(make: Make, model: ScriptedModel) -> None:
    for ending in ("reset", "cut", "hang"):
        model.script = lambda payload, ending=ending: Reply(  # type: ignore[misc]
            text=as_lines([*truly(payload), ("Het spaargesprek duurt", [])]), ending=ending
        )
        answer = make(chat_structured=False, chat_stall_seconds=0.5).ask(QUESTION)
        assert answer.mode is Mode.GENERATIVE and [claim.text for claim in answer.claims] == [SAID]
        if ending != "cut":
            # A connection that is just closed looks to the protocol like an end.
            assert answer.completeness == "partial"
            assert any("brak zijn antwoord af" in note for note in answer.warnings)


def test_the_reader_stops_the_model(make: Make, model: ScriptedModel) -> None:
    model.script = lambda payload: Reply(text=as_lines(truly(payload) * 2) + "\n" * 4000, piece=30, between=0.05)
    assistant, stop = make(chat_structured=False), threading.Event()
    answer = assistant.ask(
        QUESTION, watch=lambda e: stop.set() if getattr(e, "state", "") == "verified" else None, stop=stop
    )
    assert answer.mode is Mode.GENERATIVE and [claim.text for claim in answer.claims] == [SAID]
    assert any("gestopt" in note for note in answer.warnings)
    assert model.gone.wait(5), "the endpoint is let go of"
    stop.set()
    early = assistant.ask(QUESTION, stop=stop)
    assert early.mode is Mode.EXTRACTIVE and early.outcome == "answered"
    assert any("gestopt" in note for note in early.warnings)


def test_closing_the_stream_of_events_stops_the_model(make: Make, model: ScriptedModel) -> None:
    model.reply(Reply(text="CLAIM: Het spaargesprek duurt heel erg lang\n" * 400, piece=30, between=0.05))
    events = make(chat_structured=False).ask_stream(QUESTION)
    next(event for event in events if isinstance(event, ClaimSeen))
    events.close()  # type: ignore[attr-defined]
    assert model.gone.wait(5)


def test_a_claim_is_seen_coming_and_then_verified(make: Make, model: ScriptedModel) -> None:
    model.script = lambda payload: Reply(text=as_json([*truly(payload), ("Het duurt 50 minuten.", [(1, QUOTE)])]))
    events = [event for event in make().ask_stream(QUESTION) if isinstance(event, ClaimSeen)]
    first = [event for event in events if event.position == 0]
    assert first[0].state is ClaimState.CHECKING and SAID.startswith(first[0].text.rstrip("."))
    assert first[-1].state is ClaimState.VERIFIED and first[-1].citations[0].quote == QUOTE
    assert [event.state for event in events if event.position == 1][-1] is ClaimState.DROPPED


def test_a_failed_claim_is_repaired_once_with_its_reason(make: Make, model: ScriptedModel) -> None:
    def script(payload: dict[str, Any]) -> Reply:
        wrong = [("Het spaargesprek duurt 50 minuten.", [(number_of(payload, "duurt 45 minuten"), QUOTE)])]
        return Reply(text=as_json(wrong if len(model.requests) == 1 else truly(payload)))

    model.script = script
    answer = make().ask(QUESTION)
    assert answer.mode is Mode.GENERATIVE and [claim.text for claim in answer.claims] == [SAID]
    assert answer.warnings == () and answer.usage is not None and answer.usage.calls == 2
    asked_again = model.requests[1]["messages"][1]["content"]
    assert "50 minuten" in asked_again and "(hoeveelheid): 50 minuut" in asked_again


@pytest.mark.parametrize(
    "wrap",
    ["<think>Zal ik liegen? CLAIM: nee</think>{}", "<THINK>\n{{}}\n</THINK>\n{}", "denk na … </think>\n{}"],
)
def test_thinking_is_never_shown(make: Make, model: ScriptedModel, wrap: str) -> None:
    model.script = lambda payload: Reply(
        text=wrap.format(as_json(truly(payload))), reasoning="Eerst denk ik na.", piece=5
    )
    events = list(make().ask_stream(QUESTION))
    answer = events[-1].answer if isinstance(events[-1], Answered) else None
    assert answer and answer.mode is Mode.GENERATIVE and [claim.text for claim in answer.claims] == [SAID]
    seen = " ".join(event.text for event in events if isinstance(event, ClaimSeen))
    assert not {"liegen", "denk", "Eerst"} & set(seen.replace("?", " ").split())


def test_thinking_that_never_ends_is_no_answer(make: Make, model: ScriptedModel) -> None:
    model.script = lambda payload: Reply(text="<think>" + as_json(truly(payload)))
    check_fallback(make().ask(QUESTION))


def test_an_endpoint_without_schemas_is_asked_in_lines_from_then_on(make: Make, model: ScriptedModel) -> None:
    model.script = lambda payload: (
        Reply(status=400) if "response_format" in payload else Reply(text=as_lines(truly(payload)))
    )
    assistant = make()
    for _ in range(2):
        assert assistant.ask(QUESTION).mode is Mode.GENERATIVE
    assert ["response_format" in request for request in model.requests] == [True, False, False]


def test_a_passing_fault_is_tried_again(make: Make, model: ScriptedModel) -> None:
    model.script = lambda payload: Reply(status=429) if len(model.requests) < 3 else Reply(text=as_json(truly(payload)))
    assert make(chat_tries=3).ask(QUESTION).mode is Mode.GENERATIVE
    assert len(model.requests) == 3


def test_an_endpoint_that_keeps_failing_is_left_alone(make: Make, model: ScriptedModel) -> None:
    model.reply(Reply(status=401))
    assistant = make()
    for _ in range(5):
        check_fallback(assistant.ask(QUESTION))
    assert len(model.requests) == 3


def test_after_a_rest_one_call_tries_the_endpoint() -> None:
    now = [0.0]
    breaker = Breaker(failures=2, rest_seconds=10, clock=lambda: now[0])
    breaker.note(True)
    breaker.check()
    breaker.note(True)
    with pytest.raises(ModelError):
        breaker.check()
    now[0] = 11
    breaker.check()
    with pytest.raises(ModelError):
        breaker.check()
    breaker.note(False)
    breaker.check()


def test_a_slow_model_leaves_time_to_read_the_sources(make: Make, model: ScriptedModel) -> None:
    model.script = lambda payload: Reply(text=as_json(truly(payload)), before=0.6)
    events = list(make(chat_slow_seconds=0.1).ask_stream(QUESTION))
    first = next(event for event in events if isinstance(event, FirstAnswer))
    assert first.answer.mode is Mode.EXTRACTIVE and "45 minuten" in first.answer.text and first.answer.citations
    assert events.index(first) < next(n for n, event in enumerate(events) if isinstance(event, ClaimSeen))
    assert isinstance(events[-1], Answered) and events[-1].answer.mode is Mode.GENERATIVE
    model.script = lambda payload: Reply(text=as_json(truly(payload)))
    assert not [event for event in make().ask_stream(QUESTION) if isinstance(event, FirstAnswer)]


def test_the_day_has_an_end_of_tokens(make: Make, model: ScriptedModel, tmp_path: Path) -> None:
    model.script = lambda payload: Reply(text=as_json(truly(payload)))
    records = f"sqlite:///{tmp_path / 'day.sqlite'}"
    assistant = make(records=records, chat_answer_tokens=2_000, chat_day_tokens=2_500)
    assert assistant.ask(QUESTION).mode is Mode.GENERATIVE
    spending = Spending(records)
    assert spending.tokens_on(datetime.now(UTC).date()) == 750
    spent = assistant.ask(QUESTION)
    assert (spent.mode, spent.outcome) == (Mode.EXTRACTIVE, "answered")
    assert any("grens" in note for note in spent.warnings) and len(model.requests) == 1
    # A second process reads the same table.
    assert make(records=records, chat_answer_tokens=2_000, chat_day_tokens=2_500).ask(QUESTION).mode is Mode.EXTRACTIVE
    spending.close()


def test_a_day_that_holds_no_answer_is_refused_as_a_setting() -> None:
    with pytest.raises(SettingsError, match=r"chat_day_tokens.*20000"):
        load_settings(chat_day_tokens=5_000)


def test_without_a_table_no_limit_can_be_kept(make: Make, model: ScriptedModel, tmp_path: Path) -> None:
    model.script = lambda payload: Reply(text=as_json(truly(payload)))
    (tmp_path / "taken").write_text("geen map")
    broken = f"sqlite:///{tmp_path / 'taken' / 'x.sqlite'}"
    assert make(records=broken).ask(QUESTION).mode is Mode.GENERATIVE
    assert make(records=broken, chat_day_tokens=100_000).ask(QUESTION).mode is Mode.EXTRACTIVE


def test_passages_are_packed_into_what_the_model_can_read(make: Make, model: ScriptedModel) -> None:
    model.script = lambda payload: Reply(text=as_json(truly(payload)))
    wide, narrow = make(), make(chat_context_tokens=1_800, chat_output_tokens=300)
    wide.ask(QUESTION)
    narrow.ask(QUESTION)
    many, few = (passages(request) for request in model.requests)
    assert 0 < len(few) < len(many)
    assert sum(count_tokens(m["content"]) for m in model.requests[1]["messages"]) + 300 <= 1_800
    assert "45 minuten" in few[1], "the best passage comes first"


def test_an_answer_takes_no_more_tokens_than_it_may(make: Make, model: ScriptedModel) -> None:
    model.script = lambda payload: Reply(text=as_json([("Het duurt 50 minuten.", [(1, QUOTE)])]))
    check_fallback(make(chat_answer_tokens=1_500).ask(QUESTION))
    assert len(model.requests) == 1, "there was no room to ask once more"


def test_a_model_that_does_not_stop_is_cut_off(make: Make, model: ScriptedModel) -> None:
    model.reply(Reply(text="bla " * 9_000, piece=40, between=0.01))
    answer = make(chat_output_tokens=64).ask(QUESTION)
    check_fallback(answer)
    assert model.gone.wait(5)


def test_personal_data_does_not_leave(make: Make, model: ScriptedModel, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="assistant")
    model.script = lambda payload: Reply(text=as_json(truly(payload)))
    question = "Mijn klant Amira Yusuf (BSN 111222333) vraagt hoe lang het spaargesprek duurt."
    before = [Turn(question="Mevrouw Amira Yusuf belt 06-12345678 over de spaarcoach?", answer="Amira")]
    answer = make(chat_key="geheim-123").ask(question, before)
    sent = json.dumps(model.requests, ensure_ascii=False)
    assert model.requests and "[naam]" in sent
    for secret in ("Amira", "Yusuf", "111222333", "06-12345678"):
        assert secret not in sent and secret not in answer.model_dump_json()


def test_the_key_is_sent_and_never_told(make: Make, model: ScriptedModel, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="assistant")
    assistant = make(chat_key="geheim-123")
    model.reply(Reply(status=401))
    answer = assistant.ask(QUESTION)
    assert model.headers[0]["authorization"] == "Bearer geheim-123"
    told = caplog.text + answer.model_dump_json() + repr(assistant.settings) + str(vars(assistant.model))
    assert "HTTP 401" in told and "geheim" not in told


def test_a_follow_up_is_made_to_stand_alone_by_the_model(make: Make, model: ScriptedModel) -> None:
    earlier = [Turn(question="Hoe hoog is de boete voor het overslaan van een spaargesprek?")]

    def script(payload: dict[str, Any]) -> Reply:
        if "response_format" in payload and len(model.requests) > 1:
            return Reply(text='{"claims": []}')
        return Reply(text="Hoe lang duurt een spaargesprek?")

    model.script = script
    answer = make().ask("En hoe lang duurt het?", earlier)
    assert answer.standalone_question == "Hoe lang duurt een spaargesprek?"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hoe bak ik een appeltaart voor twaalf personen?",
        "Hoe lang duurt het spaargesprek in artikel 99?",
        "Hoe lang duurt het <b>spaargesprek</b>?",
        "Het duurt 45 minuten.",
        "Zeker!\nHoe lang duurt een spaargesprek?",
        "Hoe lang duurt het spaargesprek? " * 20,
    ],
)
def test_a_rewritten_question_must_keep_to_the_conversation(make: Make, model: ScriptedModel, text: str) -> None:
    earlier = [Turn(question="Hoe hoog is de boete voor het overslaan van een spaargesprek?")]
    model.reply(Reply(text=text), Reply(text='{"claims": []}'))
    answer = make().ask("En hoe lang duurt het?", earlier)
    assert answer.standalone_question.startswith("Hoe hoog is de boete")
    assert answer.status is Status.ANSWERED


def test_search_words_of_the_model_are_tried_and_keep_the_bar(make: Make, model: ScriptedModel) -> None:
    question = "Krijgt mijn klant een kwartaalbijdrage inzake gespaard geld van het stadhuis?"

    def script(payload: dict[str, Any]) -> Reply:
        if "response_format" in payload:
            return Reply(text='{"claims": []}')
        return Reply(text="spaarsubsidie, gemeente, kwartaal")

    model.script = script
    assert make(chat_rewrite=False).ask(question).outcome == "no_evidence"
    assert model.requests == []
    assert "expansion" in make().ask(question).timings_ms
    assert "zoekwoorden" in model.requests[0]["messages"][0]["content"]
    # Search words never make an answer out of what is not about the question.
    model.reply(Reply(text="spaarsubsidie, spaargesprek, boete"))
    for other in ("Hoe bak ik een appeltaart?", "Wat gebeurt er als de cliënt zijn afspraak vergeet?"):
        assert make().ask(other).status is Status.REFUSED


def test_a_model_that_finds_nothing_leaves_the_sources_to_speak(make: Make, model: ScriptedModel) -> None:
    model.reply(Reply(text='{"claims": []}'))
    check_fallback(make().ask(QUESTION))


def test_what_the_sources_do_not_say_is_refused_without_asking_the_model(make: Make, model: ScriptedModel) -> None:
    answer = make().ask("Hoe bak ik een appeltaart?")
    assert answer.status is Status.REFUSED and model.requests == []


def test_without_an_endpoint_the_sources_answer_and_it_is_said(index_folder: Path, embedder: BundledEmbedder) -> None:
    answer = Assistant(load_settings(index=index_folder, mode="generative"), embedder).ask(QUESTION)
    assert answer.mode is Mode.EXTRACTIVE and answer.usage is None
    assert any("geen taalmodel" in note for note in answer.warnings)


def test_a_conversation_streams_and_tells_its_fault(model: ScriptedModel) -> None:
    settings = Settings(chat_url=model.url, chat_model="scripted", chat_tries=1, chat_key=SecretStr("k"))
    client = ChatClient(settings)
    model.reply(Reply(text="<think>rol</think>Goedemiddag, ik kom voor het gesprek.", piece=6))
    pieces = list(client.chat([("system", "Speel een klant."), ("user", "Welkom")]))
    assert "".join(pieces) == "Goedemiddag, ik kom voor het gesprek." and len(pieces) > 3
    model.reply(Reply(text="Goede", ending="reset"))
    with pytest.raises(ModelError):
        list(client.chat([("user", "Welkom")]))
    with pytest.raises(ModelError):
        ChatClient(Settings(chat_model="x"))
