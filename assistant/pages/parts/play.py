"""Playing a scenario: alone by choosing, or with a group by voting; then the debrief."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import streamlit as st

from assistant.pages.parts.passages import listed, name_of, offer_paper, show_places
from assistant.pages.shared import escaped, plain, t
from assistant.reading import dutch_date
from assistant.scenarios import END, Decision, Option, Scenario, Taken, most_votes, session_paper

_LETTERS = "ABCDE"


def start(scenario: Scenario, *, group: bool) -> None:
    """Begins a scenario."""
    st.session_state.update(
        play=scenario.id, play_talk=False, play_group=group, play_at=scenario.decisions[0].id, play_taken=[],
        play_chosen=None, play_votes=None, play_ends=None,
    )  # fmt: skip


def stop() -> None:
    """Back to the list."""
    st.session_state.play = None


def _choose(option: int) -> None:
    st.session_state.play_chosen = option


def _show_votes(decision: Decision) -> None:
    st.session_state.play_votes = tuple(
        int(st.session_state.get(f"votes-{decision.id}-{at}", 0)) for at in range(len(decision.options))
    )


def _go_on(scenario: Scenario) -> None:
    state = st.session_state
    state.play_taken = [
        *state.play_taken,
        Taken(decision=state.play_at, option=state.play_chosen, votes=state.play_votes or ()),
    ]
    state.play_at = scenario.after(state.play_at, state.play_chosen)
    state.update(play_chosen=None, play_votes=None, play_ends=None)


def show_play(scenario: Scenario) -> None:
    """The scenario where it is now."""
    state = st.session_state
    group = bool(state.play_group)
    st.button(t("play.back"), on_click=stop, icon=":material/arrow_back:")
    st.title(scenario.title, anchor=False)
    if state.play_at == END:
        _debrief(scenario, group=group)
        return
    with st.expander(t("play.situation"), expanded=not state.play_taken, icon=":material/groups:"):
        roles = listed(f"{role.name}: {role.about}" for role in scenario.roles)
        big = " leidraad-big" if group else ""
        st.html(f'<div class="leidraad-text{big}">{escaped(scenario.situation)}{roles}</div>')
    decision = scenario.decision(state.play_at)
    number = len(state.play_taken) + 1
    st.html(
        f'<div class="{"leidraad-big" if group else "leidraad-text"}"><div class="leidraad-meta">'
        f"{escaped(t('play.moment', number=number))}</div><p>{escaped(decision.moment)}</p>"
        f'<p class="leidraad-question">{escaped(decision.question)}</p></div>'
    )
    if state.play_chosen is not None:
        _show_choice(scenario, decision)
    elif group:
        _vote(decision)
    else:
        for at, option in enumerate(decision.options):
            st.button(
                f"{_LETTERS[at]}. {plain(option.text)}", key=f"option-{decision.id}-{at}", width="stretch",
                on_click=_choose, args=(at,),
            )  # fmt: skip


def _vote(decision: Decision) -> None:
    """The choices large, a number of votes for each, and everybody's choices when they are in."""
    _timer()
    state = st.session_state
    votes: tuple[int, ...] | None = state.play_votes
    if votes is None:
        with st.form(f"votes-{decision.id}", border=False):
            for at, option in enumerate(decision.options):
                st.html(f'<div class="leidraad-big">{_LETTERS[at]}. {escaped(option.text)}</div>')
                st.number_input(
                    t("play.votes_for", letter=_LETTERS[at]), min_value=0, max_value=500, step=1, width=200,
                    key=f"votes-{decision.id}-{at}",
                )  # fmt: skip
            st.form_submit_button(t("play.show_votes"), type="primary", on_click=_show_votes, args=(decision,))
        return
    total = sum(votes)
    bars = []
    for at, (option, count) in enumerate(zip(decision.options, votes, strict=True)):
        share = round(100 * count / total) if total else 0
        bars.append(
            f'<div class="leidraad-big">{_LETTERS[at]}. {escaped(option.text)} '
            f"({escaped(t('play.count_of', count=count, total=total))})</div>"
            f'<div class="leidraad-bar"><span style="width: {share}%"></span></div>'
        )
    st.html("".join(bars))
    first = most_votes(votes)
    if first is None:
        st.info(t("play.tied"))
    chosen = st.radio(
        t("play.which"),
        range(len(decision.options)),
        index=first,
        format_func=lambda at: f"{_LETTERS[at]}. {decision.options[at].text}",
        key=f"path-{decision.id}",
    )
    if st.button(t("play.play_this"), type="primary", disabled=chosen is None):
        state.play_chosen = chosen
        st.rerun()


def _timer() -> None:
    """Minutes to choose, counted down on the screen."""
    state = st.session_state
    with st.container(horizontal=True, vertical_alignment="bottom", key="timer"):
        minutes = st.number_input(t("play.minutes"), min_value=1, max_value=30, value=3, step=1, width=200)
        if st.button(t("play.start_clock"), icon=":material/timer:"):
            state.play_ends = time.time() + 60 * minutes
        if state.play_ends is not None and st.button(t("play.stop_clock"), icon=":material/timer_off:"):
            state.play_ends = None
            st.rerun()
    if state.play_ends is not None:
        _clock()


@st.fragment(run_every=1.0)
def _clock() -> None:
    ends: Any = st.session_state.get("play_ends")
    if ends is None:
        return
    left = max(0, round(ends - time.time()))
    words = f"{left // 60}:{left % 60:02d}" if left else t("play.time_up")
    st.html(f'<div class="leidraad-clock" role="timer" aria-label="{escaped(t("play.time_left"))}">{words}</div>')


def _show_choice(scenario: Scenario, decision: Decision) -> None:
    option = decision.options[st.session_state.play_chosen]
    _outcome(option, big=bool(st.session_state.play_group))
    show_places(option.based_on)
    last = scenario.after(decision.id, st.session_state.play_chosen) == END
    with st.container(horizontal=True, key="after-choice"):
        label = t("play.to_debrief") if last else t("play.on")
        st.button(label, type="primary", on_click=_go_on, args=(scenario,))
        st.button(t("play.otherwise"), on_click=_choose, args=(None,))


def _outcome(option: Option, *, big: bool = False) -> None:
    st.html(
        f'<div class="leidraad-text{" leidraad-big" if big else ""}" role="status">'
        f"<p><strong>{escaped(t('play.choice'))}</strong> {escaped(option.text)}</p>"
        f"<p><strong>{escaped(t('play.happens'))}</strong> {escaped(option.consequence)}</p>"
        f'<p><span class="leidraad-worth leidraad-{option.worth.value}">'
        f"{escaped(t(f'worth.{option.worth.value}'))}</span></p>"
        f"<p><strong>{escaped(t('play.feedback'))}</strong> {escaped(option.feedback)}</p></div>"
    )


def _debrief(scenario: Scenario, *, group: bool) -> None:
    """The way that was gone, what weighs, the questions, and all of it on paper."""
    taken: list[Taken] = st.session_state.play_taken
    st.header(t("play.debrief"), anchor=False)
    st.html(
        f'<div class="{"leidraad-big" if group else "leidraad-text"}"><p>'
        f"<strong>{escaped(t('play.questions'))}</strong></p>"
        f"{listed(scenario.debrief)}<p><strong>{escaped(t('play.weighs'))}</strong></p>"
        f"{listed(scenario.weighs)}</div>"
    )
    st.subheader(t("play.way"), anchor=False)
    for number, step in enumerate(taken, start=1):
        decision = scenario.decision(step.decision)
        with st.expander(f"{number}. {decision.question}"):
            _outcome(decision.options[step.option])
            if step.votes:
                st.html(
                    listed(
                        t("play.voted", text=o.text, count=n) for o, n in zip(decision.options, step.votes, strict=True)
                    )
                )
            show_places(decision.options[step.option].based_on)
            others = [o for at, o in enumerate(decision.options) if at != step.option]
            st.html(f'<div class="leidraad-meta">{escaped(t("play.others"))}</div>')
            for other in others:
                _outcome(other)
    names = {place: name_of(place) for place in scenario.places}
    offer_paper(session_paper(scenario, taken, names, dutch_date(date.today())), "session")
    st.button(t("play.again"), on_click=lambda: start(scenario, group=group), icon=":material/replay:")
