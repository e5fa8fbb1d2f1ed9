"""The page Vraag with a language model behind it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from assistant.events import ClaimSeen, ClaimState, Stream
from assistant.models import Answer
from assistant.pages.parts.coming import show_coming
from indexer.embedding import BundledEmbedder
from tests.app.conftest import ROOT, html
from tests.app.test_vraag import QUESTION
from tests.model_server import Reply, ScriptedModel, as_json, number_of, serving

SAID = "Het spaargesprek met [naam] duurt 45 minuten."
QUOTE = "Het spaargesprek duurt 45 minuten en de consulent voert het gesprek op het gemeentehuis."


@pytest.fixture
def model() -> Iterator[ScriptedModel]:
    with serving() as made:
        yield made


@pytest.fixture
def page(
    index_folder: Path,
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    embedder: BundledEmbedder,
    model: ScriptedModel,
) -> Iterator[AppTest]:
    for name, value in (
        ("INDEX", str(index_folder)),
        ("CACHE", str(cache)),
        ("MODE", "generative"),
        ("CHAT_URL", model.url),
        ("CHAT_MODEL", "scripted"),
        ("CHAT_SLOW_SECONDS", "0.1"),
    ):
        monkeypatch.setenv(f"LEIDRAAD_{name}", value)
    st.cache_resource.clear()
    yield AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    st.cache_resource.clear()


def test_a_slow_models_answer_can_be_changed_for_the_sources(page: AppTest, model: ScriptedModel) -> None:
    def script(payload: dict[str, Any]) -> Reply:
        return Reply(text=as_json([(SAID, [(number_of(payload, "duurt 45 minuten"), QUOTE)])]), before=0.8)

    model.script = script
    page.run()
    page.chat_input[0].set_value("Mijn klant Amira Yusuf vraagt: hoe lang duurt het spaargesprek?").run()
    assert not page.exception
    assert "taalmodel, citaten gecontroleerd" in html(page)
    assert "Amira Yusuf" in html(page), "who typed it sees it"
    assert "Amira" not in str(model.requests)
    swap = next(button for button in page.button if button.key == "swap-0")
    assert swap.label == "Toon het antwoord van alleen de bronnen"
    swap.click().run()
    assert "zinnen uit de bronnen zelf" in html(page)
    assert next(b for b in page.button if b.key == "swap-0").label == "Toon het antwoord van het taalmodel"


def test_a_model_that_fails_leaves_an_answer_on_the_page(page: AppTest, model: ScriptedModel) -> None:
    model.reply(Reply(text="<script>alert(1)</script>"))
    page.run()
    page.chat_input[0].set_value(QUESTION).run()
    assert not page.exception
    assert "zinnen uit de bronnen zelf" in html(page) and "alert(1)" not in html(page)
    assert any("taalmodel gaf geen bruikbaar antwoord" in info.value for info in page.info)


class Place:
    """Remembers what was drawn last."""

    def __init__(self) -> None:
        self.drawn: list[str] = []

    def html(self, body: str) -> None:
        self.drawn.append(body)

    def caption(self, text: str) -> None:
        self.drawn.append(text)

    def empty(self) -> None:
        self.drawn.append("")


def test_what_is_not_checked_is_greyed_and_harmless(assistant: Any) -> None:
    answer: Answer = assistant.ask(QUESTION)

    def ask(watch: Any, stop: Any) -> Answer:
        for text, state in (
            ("<b>Half", ClaimState.CHECKING),
            ("<b>Half af", ClaimState.VERIFIED),
        ):
            watch(ClaimSeen(position=0, state=state, text=text, citations=answer.citations[:1]))
        watch(ClaimSeen(position=1, state=ClaimState.CHECKING, text="weg"))
        watch(ClaimSeen(position=1, state=ClaimState.DROPPED, text="weg"))
        return answer

    place = Place()
    assert show_coming(Stream(ask), place) == (answer, None)
    greyed, checked, _, dropped, end = place.drawn
    assert "leidraad-checking" in greyed and "wordt gecontroleerd" in greyed
    assert "&lt;b&gt;Half af <sup>[1]</sup>" in checked and "wordt gecontroleerd" not in checked
    assert "weg" not in dropped and end == ""


def test_a_stream_that_is_finished_early_still_gives_its_answer(assistant: Any) -> None:
    answer: Answer = assistant.ask(QUESTION)
    stopped: list[bool] = []

    def ask(watch: Any, stop: Any) -> Answer:
        stopped.append(stop.wait(10))
        return answer

    stream = Stream(ask)
    assert stream.finish() is answer and stopped == [True]
    assert list(stream) == []


def test_a_fault_is_raised_where_the_events_are_read() -> None:
    def ask(watch: Any, stop: Any) -> Answer:
        raise ValueError("stuk")

    with pytest.raises(ValueError, match="stuk"):
        list(Stream(ask))
