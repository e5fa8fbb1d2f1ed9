"""Free role-play: the learner talks with a person of the scenario, and looks back point by point."""

from __future__ import annotations

import logging
from datetime import date

import streamlit as st

from assistant.errors import ModelError
from assistant.pages.parts.browser import announce
from assistant.pages.parts.passages import listed, offer_paper, readable
from assistant.pages.parts.play import start, stop
from assistant.pages.shared import assistant, escaped, language, plain, t
from assistant.reading import dutch_date
from assistant.role_play import LONGEST_LINE, MOST_LINES, Line, Talk, masked, role_of
from assistant.role_play_feedback import Debrief, LookBack, Point
from assistant.role_play_paper import talk_paper
from assistant.scenarios import Scenario
from indexer.errors import LeidraadError

logger = logging.getLogger(__name__)

_PERSON = ":material/person:"
_PLAYED = ":material/theater_comedy:"


def possible() -> bool:
    """Whether a language model is connected that can play somebody."""
    return assistant().model is not None


def begin(scenario: Scenario) -> None:
    """Begins a conversation."""
    st.session_state.update(
        play=scenario.id, play_talk=True, talk_lines=[], talk_notes=[], talk_debrief=None, talk_ending=False
    )


def show_talk(scenario: Scenario) -> None:
    """The conversation as far as it is, or what was thought of it."""
    state = st.session_state
    st.button(t("play.back"), on_click=stop, icon=":material/arrow_back:")
    st.title(scenario.title, anchor=False)
    if state.talk_debrief is not None:
        _show_debrief(scenario, state.talk_debrief)
        return
    name = role_of(scenario).name
    with st.expander(t("play.situation"), expanded=not state.talk_lines, icon=":material/groups:"):
        roles = listed(f"{role.name}: {role.about}" for role in scenario.roles)
        st.html(f'<div class="leidraad-text">{escaped(scenario.situation)}{roles}</div>')
    st.info(t("talk.explained", name=name), icon=":material/info:")
    history = st.container()
    with history:
        for line in state.talk_lines:
            _show_line(line, name)
    coming = st.container()
    for note in state.talk_notes:
        st.warning(note, icon=":material/info:")
    if state.talk_ending:
        _look_back(scenario)
        return
    full = len(state.talk_lines) >= MOST_LINES
    if full:
        st.info(t("talk.full"))
    with st.container(horizontal=True, key="talk-buttons"):
        st.button(t("talk.end"), type="primary", on_click=_end, disabled=not state.talk_lines,
                  icon=":material/rate_review:")  # fmt: skip
        _branching(scenario)
    said = st.chat_input(
        t("talk.placeholder", name=name), submit_mode="stop", max_chars=LONGEST_LINE, key="talk", disabled=full
    )
    if said and str(said).strip():
        with coming:
            _say(scenario, str(said))


def _branching(scenario: Scenario) -> None:
    st.button(t("talk.choices"), on_click=_to_choices, args=(scenario,), icon=":material/alt_route:")


def _to_choices(scenario: Scenario) -> None:
    start(scenario, group=False)


def _end() -> None:
    st.session_state.talk_ending = True


def _show_line(line: Line, name: str) -> None:
    with st.chat_message("user" if line.learner else "assistant", avatar=_PERSON if line.learner else _PLAYED):
        speaker = t("talk.you") if line.learner else name
        st.html(
            f'<div class="leidraad-meta">{escaped(speaker)}</div><div class="leidraad-claim">{escaped(line.text)}</div>'
        )


def _say(scenario: Scenario, typed: str) -> None:
    """One line of the learner, and what the person says to it while it comes."""
    state = st.session_state
    name = role_of(scenario).name
    text, kinds = masked(typed, scenario)
    line = Line(learner=True, text=text)
    state.talk_notes = [t("talk.masked", kinds=", ".join(kinds))] if kinds else []
    lines = [*state.talk_lines, line]
    _show_line(line, name)
    model = assistant().model
    if model is None:
        _away(lines)
        st.rerun()
        return
    reply = Talk(model, scenario, language()).reply(lines)
    with st.chat_message("assistant", avatar=_PLAYED):
        place = st.empty()
        try:
            for text in reply:
                place.html(f'<div class="leidraad-claim">{escaped(text) or "…"}</div>')
        except ModelError as error:
            logger.warning("%s", error)
            _away(lines)
            st.rerun()
        except BaseException:
            # The learner pressed stop, and Streamlit ends this script: what was said by now stands.
            said = reply.finish()
            state.talk_lines = [*lines, Line(learner=False, text=said)] if said else lines
            raise
    if reply.withheld:
        state.talk_notes = [*state.talk_notes, t("talk.withheld")]
    elif reply.cut_short:
        state.talk_notes = [*state.talk_notes, t("talk.cut")]
    state.talk_lines = [*lines, Line(learner=False, text=reply.text)] if reply.text else lines
    st.rerun()


def _away(lines: list[Line]) -> None:
    """The model gives nothing: what was said stays, and choosing is still there."""
    st.session_state.talk_lines = lines
    st.session_state.talk_notes = [t("talk.away")]


def _look_back(scenario: Scenario) -> None:
    """Asks for feedback and shows each point as it is checked."""
    state = st.session_state
    state.talk_ending = False
    own = assistant()
    place = st.empty()
    place.caption(t("talk.looking"))
    try:
        if own.model is None:
            raise ModelError("No language model is set.")
        index = own.index()
        back = LookBack(own.model, scenario, index, readable(index), own.alike, language())
        try:
            for debrief in back.run(state.talk_lines):
                place.html("".join(_point_html(point) for point in debrief.points))
                state.talk_debrief = debrief
        except BaseException:
            back.stop.set()
            raise
    except LeidraadError as error:
        logger.warning("%s", error)
        state.talk_debrief = state.talk_debrief or Debrief(points=())
    st.rerun()


def _point_html(point: Point) -> str:
    """One point as harmless HTML: the model's judgement, and its advice with its source or marked as an opinion."""
    told = []
    if point.seen:
        moment = f": “{point.moment}”" if point.moment else ""
        told.append(f"<p>{escaped(t(f'talk.seen_{point.seen.value}'))}{escaped(moment)}</p>")
    if point.citations:
        marks = "".join(f"<sup>[{citation.number}]</sup>" for citation in point.citations)
        told.append(f"<p><strong>{escaped(t('talk.advice'))}</strong> {escaped(point.advice)} {marks}</p>")
    elif point.advice:
        told.append(f'<p class="leidraad-meta">{escaped(t("talk.opinion"))} {escaped(point.advice)}</p>')
    if not told:
        told.append(f'<p class="leidraad-meta">{escaped(t("talk.nothing"))}</p>')
    return f'<div class="leidraad-text"><strong>{escaped(point.rubric)}</strong>{"".join(told)}</div>'


def _show_debrief(scenario: Scenario, debrief: Debrief) -> None:
    lines: list[Line] = st.session_state.talk_lines
    st.header(t("play.debrief"), anchor=False)
    if not debrief.points:
        st.warning(t("talk.no_feedback"), icon=":material/info:")
        st.html(
            f'<div class="leidraad-text"><strong>{escaped(t("play.weighs"))}</strong>{listed(scenario.weighs)}</div>'
        )
    else:
        st.caption(t("talk.judged", model=plain(debrief.model)))
        st.html(f'<div role="status">{"".join(_point_html(point) for point in debrief.points)}</div>')
        if debrief.dropped:
            st.caption(t("talk.dropped", count=debrief.dropped))
        if debrief.cut_short:
            st.caption(t("talk.cut"))
        _show_sources(debrief)
    st.html(
        f'<div class="leidraad-text"><strong>{escaped(t("play.questions"))}</strong>{listed(scenario.debrief)}</div>'
    )
    name = role_of(scenario).name
    with st.expander(t("talk.said"), icon=":material/forum:"):
        for line in lines:
            _show_line(line, name)
    day = dutch_date(date.today()) if language() == "nl" else f"{date.today():%d-%m-%Y}"
    offer_paper(talk_paper(scenario, lines, debrief, day, language()), "talk")
    with st.container(horizontal=True, key="talk-after"):
        st.button(t("play.again"), on_click=begin, args=(scenario,), icon=":material/replay:")
        _branching(scenario)


def _show_sources(debrief: Debrief) -> None:
    if debrief.citations:
        st.html(f'<div class="leidraad-meta">{escaped(t("places.rests"))}</div>')
    for citation in debrief.citations:
        with st.expander(
            f"[{citation.number}] {plain(citation.title)} · {plain(citation.locator)}", icon=":material/menu_book:"
        ):
            st.html(f'<div class="leidraad-text"><mark>{escaped(citation.quote)}</mark></div>')
            if citation.url:
                st.link_button(t("source.open"), citation.url, icon=":material/open_in_new:")


def say_aloud() -> None:
    """Has a screen reader say the person's last line; called at the end of the page."""
    lines: list[Line] = st.session_state.talk_lines
    if lines and not lines[-1].learner and st.session_state.talk_debrief is None:
        announce(lines[-1].text, len(lines))
