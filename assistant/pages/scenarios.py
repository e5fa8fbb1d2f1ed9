"""Scenario's: practise talks alone or with a group, and make new ones."""

from __future__ import annotations

import streamlit as st

from assistant.pages.parts.browser import land
from assistant.pages.parts.passages import PLAY_STYLE, listed
from assistant.pages.parts.play import show_play, start
from assistant.pages.parts.scenario_form import show_form
from assistant.pages.parts.talk import begin, possible, say_aloud, show_talk
from assistant.pages.shared import escaped, person, t
from assistant.scenarios import CHECKLIST, Scenario, Shelf, Theme, load_scenarios
from assistant.settings import load_settings

_ALL = "all"


def _card(scenario: Scenario, *, own: bool, talk: bool) -> None:
    with st.container(border=True, key=f"card-{scenario.id}"):
        label = f"{t(f'theme.{scenario.theme.value}')} · {t('play.takes', minutes=scenario.minutes)}"
        label += f" · {t('scenarios.own')}" if own else ""
        st.subheader(scenario.title, anchor=False)
        st.html(
            f'<div class="leidraad-meta">{escaped(label)}</div><div class="leidraad-text">{listed(scenario.aims)}</div>'
        )
        with st.container(horizontal=True, key=f"begin-{scenario.id}"):
            st.button(t("scenarios.alone"), key=f"alone-{scenario.id}", on_click=start, args=(scenario,),
                      kwargs={"group": False}, icon=":material/person:")  # fmt: skip
            st.button(t("scenarios.group"), key=f"group-{scenario.id}", on_click=start, args=(scenario,),
                      kwargs={"group": True}, icon=":material/groups:")  # fmt: skip
            if talk:
                st.button(t("scenarios.talk"), key=f"talk-{scenario.id}", on_click=begin, args=(scenario,),
                          icon=":material/forum:")  # fmt: skip
        with st.expander(t("scenarios.trainer"), icon=":material/school:"):
            checked = listed(t(f"checklist.{name}") for name in CHECKLIST)
            st.html(
                f'<div class="leidraad-text"><strong>{escaped(t("scenarios.guidance"))}</strong>'
                f"{listed(scenario.facilitator)}"
                f"<strong>{escaped(t('play.debrief'))}</strong>{listed(scenario.debrief)}"
                f"<strong>{escaped(t('scenarios.confirmed'))}</strong>{checked}</div>"
            )


def _list(shelf: Shelf) -> None:
    talk = possible()
    st.write(t("scenarios.intro"))
    if talk:
        st.write(t("scenarios.intro_talk"))
    for sentence in shelf.wrong:
        st.warning(sentence, icon=":material/error:")
    if not shelf.scenarios:
        st.info(t("scenarios.none"))
        return
    chosen = st.segmented_control(
        t("scenarios.theme"), [_ALL, *(theme.value for theme in Theme)], default=_ALL, key="scenario-theme",
        format_func=lambda name: t(f"theme.{name}"),
    )  # fmt: skip
    shown = [s for s in shelf.scenarios if chosen in (None, _ALL, s.theme.value)]
    for at in range(0, len(shown), 2):  # row by row, so that a phone and a screen reader keep the order
        for column, scenario in zip(st.columns(2), shown[at : at + 2], strict=False):
            with column:
                _card(scenario, own=scenario.id in shelf.own, talk=talk)


def _where(playing: Scenario | None) -> str:
    """Which view is shown: every choice and every step onward is another."""
    state = st.session_state
    if playing is None:
        return ""
    if state.get("play_talk"):
        return f"{playing.id} talk {state.talk_debrief is not None}"
    return f"{playing.id} {state.play_at} {state.play_chosen}"


def main() -> None:
    """Draws the page."""
    st.html(PLAY_STYLE)
    st.session_state.setdefault("play", None)
    shelf = load_scenarios(load_settings())
    playing = shelf.get(st.session_state.play) if st.session_state.play else None
    land(f"scenarios {_where(playing)}")
    if playing is not None and st.session_state.get("play_talk"):
        show_talk(playing)
        say_aloud()
        return
    if playing is not None:
        show_play(playing)
        return
    st.title(t("app.scenarios"), anchor=False)
    chosen: str | None = "play"
    if person().trains:
        chosen = st.segmented_control(
            t("scenarios.task"),
            ["play", "make"],
            default="play",
            key="scenario-task",
            label_visibility="collapsed",
            format_func=lambda name: t(f"scenarios.{name}"),
        )
    if chosen == "make":
        show_form(shelf)
    else:
        _list(shelf)


main()
