"""Scenario's: practise talks alone or with a group, and make new ones."""

from __future__ import annotations

import streamlit as st

from assistant.pages.parts.passages import PLAY_STYLE, listed
from assistant.pages.parts.play import show_play, start
from assistant.pages.parts.scenario_form import show_form
from assistant.pages.shared import escaped, person
from assistant.scenarios import CHECKLIST, THEMES, Scenario, Shelf, load_scenarios
from assistant.settings import load_settings

_ALL = "Alle"
_PLAY, _MAKE = "Kiezen en spelen", "Zelf maken"


def _card(scenario: Scenario, *, own: bool) -> None:
    with st.container(border=True, key=f"card-{scenario.id}"):
        label = f"{THEMES[scenario.theme]} · {scenario.minutes} minuten" + (" · van uw gemeente" if own else "")
        st.subheader(scenario.title, anchor=False)
        st.html(
            f'<div class="leidraad-meta">{escaped(label)}</div><div class="leidraad-text">{listed(scenario.aims)}</div>'
        )
        with st.container(horizontal=True, key=f"begin-{scenario.id}"):
            st.button("Alleen oefenen", key=f"alone-{scenario.id}", on_click=start, args=(scenario,),
                      kwargs={"group": False}, icon=":material/person:")  # fmt: skip
            st.button("Met een groep", key=f"group-{scenario.id}", on_click=start, args=(scenario,),
                      kwargs={"group": True}, icon=":material/groups:")  # fmt: skip
        with st.expander("Voor de trainer", icon=":material/school:"):
            checked = listed(CHECKLIST.values())
            st.html(
                f'<div class="leidraad-text"><strong>Begeleiding</strong>{listed(scenario.facilitator)}'
                f"<strong>Nabespreking</strong>{listed(scenario.debrief)}"
                f"<strong>De maker bevestigde</strong>{checked}</div>"
            )


def _list(shelf: Shelf) -> None:
    st.write(
        "Oefen lastige gesprekken, alleen of met een groep. Elke keuze heeft een gevolg, en feedback die op een bron "
        "rust. De personen zijn verzonnen."
    )
    for sentence in shelf.wrong:
        st.warning(sentence, icon=":material/error:")
    if not shelf.scenarios:
        st.info("Er zijn geen scenario's gevonden.")
        return
    chosen = st.segmented_control("Onderwerp", [_ALL, *THEMES.values()], default=_ALL, key="scenario-theme")
    shown = [s for s in shelf.scenarios if chosen in (None, _ALL, THEMES[s.theme])]
    for at in range(0, len(shown), 2):  # row by row, so that a phone and a screen reader keep the order
        for column, scenario in zip(st.columns(2), shown[at : at + 2], strict=False):
            with column:
                _card(scenario, own=scenario.id in shelf.own)


def main() -> None:
    """Draws the page."""
    st.html(PLAY_STYLE)
    st.session_state.setdefault("play", None)
    shelf = load_scenarios(load_settings())
    playing = shelf.get(st.session_state.play) if st.session_state.play else None
    if playing is not None:
        show_play(playing)
        return
    st.title("Scenario's", anchor=False)
    chosen: str | None = _PLAY
    if person().trains:
        chosen = st.segmented_control(
            "Wat wilt u doen?", [_PLAY, _MAKE], default=_PLAY, key="scenario-task", label_visibility="collapsed"
        )
    if chosen == _MAKE:
        show_form(shelf)
    else:
        _list(shelf)


main()
