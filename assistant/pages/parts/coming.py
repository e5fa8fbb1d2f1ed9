"""An answer while it comes: the step that is going on, the sentences of a model that are verified, a first answer."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from assistant.events import Answered, ClaimSeen, ClaimState, Event, FirstAnswer, StepBegan
from assistant.models import Answer
from assistant.pages.parts.answer import claims_html
from assistant.pages.shared import escaped, t

_STEPS = ("privacy", "retrieval", "evidence", "expansion", "answering", "verification")


def show_coming(events: Iterator[Event]) -> Answer:
    """Draws what happens and gives the answer at the end. A sentence is only shown once its quotes are verified."""
    step, first, written = st.empty(), st.empty(), st.empty()
    sentences: dict[int, str] = {}
    checking = 0
    for event in events:
        if isinstance(event, StepBegan):
            if event.name in _STEPS:
                step.caption(t(f"step.{event.name}"))
        elif isinstance(event, FirstAnswer):
            with first.container():
                st.info(t("coming.first"), icon=":material/schedule:")
                st.html(claims_html(event.answer))
        elif isinstance(event, ClaimSeen):
            checking = event.position if event.state is ClaimState.CHECKING else checking
            if event.state is ClaimState.VERIFIED:
                sentences[event.position] = event.text
            elif event.state is ClaimState.DROPPED:
                sentences.pop(event.position, None)
            step.caption(t("coming.checking", number=checking + 1))
            lines = "".join(f'<div class="leidraad-claim">{escaped(sentences[n])}</div>' for n in sorted(sentences))
            written.html(lines or "<div></div>")
        elif isinstance(event, Answered):
            for place in (step, first, written):
                place.empty()
            return event.answer
    raise RuntimeError("the events of a question ended without an answer")
