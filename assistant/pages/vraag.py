"""Vraag: ask, read the answer, open the passage that it rests on."""

from __future__ import annotations

import logging
from datetime import date
from typing import Any

import streamlit as st

from assistant import privacy
from assistant.audit import Event
from assistant.errors import RecordsError
from assistant.logs import one_request
from assistant.models import Answer, Mode, Turn
from assistant.pages.parts.answer import show_answer
from assistant.pages.parts.browser import announce
from assistant.pages.parts.coming import show_coming
from assistant.pages.parts.conversations import new_conversation, show_conversations, state
from assistant.pages.parts.source import offer_source, show_source
from assistant.pages.shared import (
    assistant,
    escaped,
    keep,
    note,
    official_texts_missing,
    person,
    records,
    t,
)
from assistant.reviews import Review, Reviews, readable
from assistant.roles import Person
from assistant.upkeep import bring_official_texts
from indexer.errors import LeidraadError
from indexer.models import Regime

logger = logging.getLogger(__name__)

EXAMPLES = ("example_hours", "example_weeks", "example_fine", "example_who")
REGIMES: tuple[Regime | None, ...] = (None, Regime.WI2021, Regime.WI2013)
_TURNS = 10  # how many earlier turns a question is understood with; a bare string here would be shown on the page


def _choose_question(question: str) -> None:
    st.session_state.pending = question


def _ask(question: str, regime: Regime | None, day: date | None, place: Any) -> None:
    page = state()
    reader = person()
    with one_request(), place, st.chat_message("assistant", avatar=":material/explore:"):
        events = assistant().ask_stream(
            question,
            [Turn(question=a.question, answer=a.text) for a in page.answers[-_TURNS:]],
            as_of=day,
            regime=regime,
            collections=reader.collections,
        )
        page.originals[len(page.answers)] = privacy.originals(question)
        try:
            answer, first = show_coming(events, st.empty())
        except BaseException:
            # The reader pressed stop, and Streamlit ends this script: what is verified by now is the answer.
            _add(events.finish(), None, reader)
            raise
        _add(answer, first, reader)
    st.rerun()


def _add(answer: Answer, first: Answer | None, reader: Person) -> None:
    """Keeps an answer, and beside it the one from the sources that was shown before a slow model's."""
    page = state()
    if first is not None and answer.mode is Mode.GENERATIVE:
        page.firsts[len(page.answers)] = first
    logger.info(
        "answered",
        extra={
            "event": "answer",
            "outcome": answer.outcome,
            "mode": answer.mode.value,
            "ms": answer.timings_ms.get("total"),
        },
    )
    page.answers.append(answer)
    page.kept.append(keep(answer, page.conversation_id, reader.id))
    page.panel = None
    offer_source(answer.citations[0] if answer.citations else None, page.kept[-1])


def _start_screen() -> None:
    st.title(t("vraag.title"), anchor=False)
    st.write(t("vraag.intro"))
    for number, key in enumerate(EXAMPLES):
        example = t(f"vraag.{key}")
        st.button(example, key=f"example-{number}", on_click=_choose_question, args=(example,))
    _offer_official_texts()


def _offer_official_texts() -> None:
    """Says which laws are named but not indexed; who manages the sources fetches them at one click."""
    missing = official_texts_missing()
    for sentence in st.session_state.pop("brought", ()):
        st.info(sentence)
    if not missing:
        return
    st.info(t("vraag.missing", titles=", ".join(missing)), icon=":material/info:")
    if person().manages and st.button(t("vraag.bring"), icon=":material/download:"):
        note(Event.INDEX_CHANGED, person().id, asked="fetch")
        bar = st.progress(0.0, t("vraag.bringing"))
        st.session_state.brought = bring_official_texts(
            assistant().settings, assistant().embedder, lambda what, share: bar.progress(share, what)
        )
        st.rerun()


def _show_conversation() -> None:
    page = state()
    first = max(0, len(page.answers) - page.shown)
    if first:
        st.button(
            t("vraag.earlier", count=first),
            on_click=lambda: page.update(shown=page.shown + 20),
            icon=":material/expand_less:",
        )
    shown = range(first, len(page.answers))
    reviews = _reviews([page.kept[number] for number in shown if page.kept[number]])
    for number in shown:
        answer, kept = page.answers[number], page.kept[number]
        if _hidden(answer):
            with st.chat_message("user", avatar=":material/person:"):
                st.html(f'<div class="leidraad-claim">{escaped(answer.question)}</div>')
            st.warning(t("answer.hidden"))
            continue
        show_answer(number, answer, kept, reviews.get(kept or ""), _checked(number, answer))


def _hidden(answer: Answer) -> bool:
    """Whether an answer from the history rests on a source that this person may not read any more."""
    if not answer.citations:
        return False
    sources = assistant().index().sources
    known = [citation for citation in answer.citations if citation.source_id in sources]
    return not readable(known, person(), sources)


def _reviews(kept: list[str]) -> dict[str, Review]:
    try:
        return Reviews(records()).of_answers(kept)
    except RecordsError as error:
        logger.error("%s", error)
        return {}


def _checked(number: int, answer: Answer) -> Review | None:
    """An earlier, checked answer to the same question; looked for once in a session."""
    known: dict[int, Review | None] = state().checked
    if number not in known:
        try:
            known[number] = Reviews(records()).checked(answer, person(), assistant().index().sources)
        except LeidraadError:
            known[number] = None
    return known[number]


def main() -> None:
    """Draws the page."""
    page = state()
    with st.sidebar:
        st.button(t("vraag.new"), on_click=new_conversation, icon=":material/add:")
        show_conversations()
        with st.expander(t("vraag.options"), icon=":material/event:"):
            regime = st.selectbox(
                t("vraag.regime"),
                REGIMES,
                format_func=lambda r: t(f"vraag.{r.value}") if r else t("vraag.regime_any"),
                help=t("vraag.regime_help"),
            )
            other_day = st.date_input(t("vraag.day"), value=None, format="DD-MM-YYYY", help=t("vraag.day_help"))
    if told := page.pop("told", None):
        st.warning(told)
    left, right = st.columns([3, 2], gap="large") if page.opened else (st.container(), None)
    with left:
        history = st.container()
        place = st.container()
    with history:
        if not page.answers and not page.pending:
            _start_screen()
        _show_conversation()
    if page.opened and right:
        with right, st.container(key="source" if page.chosen else "source-offered"):
            show_source(page.opened)
    typed = st.chat_input(t("vraag.placeholder"), submit_mode="stop", max_chars=2000, key="question")
    question = typed or page.pending
    if question:
        page.pending = None
        with place, st.chat_message("user", avatar=":material/person:"):
            st.html(f'<div class="leidraad-claim">{escaped(str(question))}</div>')
        _ask(str(question), regime, other_day if isinstance(other_day, date) else None, place)
    if len(page.answers) > page.announced:
        page.announced = len(page.answers)
    if page.announced and page.answers:
        last = page.answers[-1]
        announce(t("vraag.announced", question=last.question, text=last.text), page.announced)


main()
