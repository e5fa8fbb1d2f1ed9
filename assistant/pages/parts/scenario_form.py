"""The form in which a trainer makes a scenario, sees it as others will, and keeps it."""

from __future__ import annotations

from typing import Any

import streamlit as st
from pydantic import ValidationError

from assistant.content import as_yaml, mistake
from assistant.errors import ContentError
from assistant.export import file_name
from assistant.pages.parts.keeping import remember, restore
from assistant.pages.parts.passages import listed, readable
from assistant.pages.shared import assistant, escaped, plain, t
from assistant.places import Place, places_of
from assistant.privacy import mask
from assistant.scenarios import CHECKLIST, END, Scenario, Shelf, Theme, Worth, save_scenario
from assistant.settings import load_settings
from indexer.errors import LeidraadError
from indexer.models import Kind, Source

_NAMED = (
    "id", "title", "aims", "situation", "roles", "name", "about", "decisions", "options", "text", "based_on",
    "consequence", "question", "weighs", "debrief", "facilitator",
)  # fmt: skip


def _names() -> dict[str, str]:
    """What the form calls the fields of a scenario."""
    return {name: t(f"field.{name}") for name in _NAMED}


@st.cache_data(show_spinner=False)
def _headings(generation: str, guides: tuple[str, ...]) -> dict[str, list[str]]:  # noqa: ARG001 — when to look again
    """The places in each of these guides that can be named."""
    index = assistant().index()
    return {guide: [str(place) for place in places_of(index, guide)] for guide in guides}


def _guides() -> tuple[dict[str, str], dict[str, list[str]]]:
    """The titles of the guides that may be read, and their places; none where there is no index."""
    try:
        index = assistant().index()
    except LeidraadError:
        return {}, {}
    allowed = readable(index)
    guides = sorted((s for s in index.sources.values() if s.id in allowed and s.kind is not Kind.LAW), key=_by_title)
    return {s.id: s.title for s in guides}, _headings(index.name, tuple(s.id for s in guides))


def _by_title(source: Source) -> str:
    return source.title.casefold()


def _fill(scenario: Scenario) -> None:
    """Puts a scenario into the form."""
    state = st.session_state
    state.update(
        new_title=scenario.title, new_theme=scenario.theme, new_minutes=scenario.minutes,
        new_situation=scenario.situation, new_persona=scenario.persona, new_decisions=len(scenario.decisions),
        new_guides=list(dict.fromkeys(place.source for place in scenario.places)),
        new_roles="\n".join(f"{role.name}: {role.about}" for role in scenario.roles),
    )  # fmt: skip
    for name in ("aims", "weighs", "debrief", "facilitator"):
        state[f"new_{name}"] = "\n".join(getattr(scenario, name))
    for d, decision in enumerate(scenario.decisions):
        state.update({f"new_d{d}_moment": decision.moment, f"new_d{d}_question": decision.question})
        state[f"new_d{d}_options"] = len(decision.options)
        for o, option in enumerate(decision.options):
            key = f"new_d{d}_o{o}"
            state.update(
                {f"{key}_{name}": getattr(option, name) for name in ("text", "worth", "consequence", "feedback")}
            )
            state[f"{key}_places"] = [str(place) for place in option.based_on]
            later = [at for at, other in enumerate(scenario.decisions) if other.id == option.leads_to]
            state[f"{key}_leads"] = str(later[0] + 1) if later else (END if option.leads_to else "")


def _begin(shelf: Shelf) -> None:
    chosen = shelf.get(st.session_state.new_from)
    for key in [str(key) for key in st.session_state if str(key).startswith("new_") and key != "new_from"]:
        del st.session_state[key]
    if chosen is not None:
        _fill(chosen)


def _lines(name: str) -> list[str]:
    return [line.strip() for line in str(st.session_state.get(f"new_{name}", "")).splitlines() if line.strip()]


def _role(line: str) -> dict[str, str]:
    name, _, about = line.partition(":")
    return {"name": name.strip(), "about": about.strip()}


def _option_fields(decision: int, number: int, places: list[str]) -> dict[str, Any]:
    key = f"new_d{decision}_o{number}"
    st.markdown(f"**{t('form.option', number=number + 1)}**")
    text = st.text_input(t("form.text"), key=f"{key}_text")
    worth = st.selectbox(t("form.worth"), list(Worth), format_func=lambda w: t(f"worth.{w.value}"), key=f"{key}_worth")
    consequence = st.text_area(t("form.consequence"), key=f"{key}_consequence", height=80)
    feedback = st.text_area(t("form.feedback"), key=f"{key}_feedback", height=80)
    known = st.session_state.get(f"{key}_places", [])
    choices = [*places, *(place for place in known if place not in places)]
    based_on = st.multiselect(
        t("form.based_on"), choices, key=f"{key}_places", accept_new_options=True,
        placeholder=t("form.based_on_hint"),
        help=t("form.based_on_help"),
        select_all=False,
    )  # fmt: skip
    leads = st.text_input(
        t("form.leads"),
        key=f"{key}_leads",
        help=t("form.leads_help"),
    )
    goal = leads.strip()
    if goal.isdigit():
        goal = f"moment-{goal}"
    elif goal.casefold() in ("end", "einde"):
        goal = END
    return {
        "text": text, "worth": worth, "consequence": consequence, "feedback": feedback,
        "based_on": based_on, "leads_to": goal,
    }  # fmt: skip


def _decision_fields(number: int, places: list[str]) -> dict[str, Any]:
    with st.expander(t("play.moment", number=number + 1), expanded=number == 0):
        moment = st.text_area(t("form.moment"), key=f"new_d{number}_moment", height=80)
        question = st.text_input(t("form.question"), key=f"new_d{number}_question")
        count = st.number_input(t("form.options"), min_value=2, max_value=5, value=3, key=f"new_d{number}_options")
        options = [_option_fields(number, at, places) for at in range(int(count))]
    return {"id": f"moment-{number + 1}", "moment": moment, "question": question, "options": options}


def _fields(titles: dict[str, str], headings: dict[str, list[str]]) -> dict[str, Any]:
    """The form; gives what was filled in as the file would have it."""
    title = st.text_input(t("form.title"), key="new_title", max_chars=120)
    theme = st.selectbox(
        t("scenarios.theme"), list(Theme), format_func=lambda theme: t(f"theme.{theme.value}"), key="new_theme"
    )
    minutes = st.number_input(t("form.minutes"), min_value=5, max_value=60, value=45, key="new_minutes")
    st.text_area(t("form.aims"), key="new_aims")
    situation = st.text_area(t("form.situation"), key="new_situation", height=140)
    st.text_area(t("form.roles"), key="new_roles")
    persona = st.text_area(t("form.persona"), key="new_persona")
    known = [guide for guide in st.session_state.get("new_guides", []) if guide in titles]
    st.session_state["new_guides"] = known  # a guide that is gone is not offered
    guides = st.multiselect(
        t("form.guides"), list(titles), format_func=lambda guide: titles[guide], key="new_guides",
        placeholder=t("form.guides_hint"),
        select_all=False,
    )  # fmt: skip
    places = [place for guide in guides for place in headings[guide]]
    count = st.number_input(t("form.decisions"), min_value=3, max_value=8, value=3, key="new_decisions")
    decisions = [_decision_fields(at, places) for at in range(int(count))]
    st.text_area(t("form.weighs"), key="new_weighs")
    st.text_area(t("form.debrief"), key="new_debrief")
    st.text_area(t("form.facilitator"), key="new_facilitator")
    st.markdown(t("form.checklist"))
    checklist = {name: st.checkbox(t(f"checklist.{name}"), key=f"new_check_{name}") for name in CHECKLIST}
    return {
        "id": file_name(title, "")[:-1] if title.strip() else "", "title": title.strip(), "theme": theme,
        "minutes": int(minutes), "aims": _lines("aims"), "situation": situation.strip(),
        "roles": [_role(line) for line in _lines("roles")], "decisions": decisions, "weighs": _lines("weighs"),
        "debrief": _lines("debrief"), "facilitator": _lines("facilitator"), "persona": persona.strip(),
        "checklist": checklist,
    }  # fmt: skip


def _preview(scenario: Scenario) -> None:
    with st.container(border=True, key="preview"):
        st.subheader(scenario.title, anchor=False)
        pieces = [f"<p>{escaped(scenario.situation)}</p>", listed(f"{r.name}: {r.about}" for r in scenario.roles)]
        for number, decision in enumerate(scenario.decisions, start=1):
            pieces.append(f"<p><strong>{number}. {escaped(decision.question)}</strong></p>")
            pieces.append(
                listed(
                    f"{o.text} → {t(f'worth.{o.worth.value}')}: {o.consequence} {o.feedback}" for o in decision.options
                )
            )
        pieces.append(f"<p><strong>{escaped(t('play.debrief'))}</strong></p>{listed(scenario.debrief)}")
        st.html(f'<div class="leidraad-text">{"".join(pieces)}</div>')


def _unknown(scenario: Scenario, headings: dict[str, list[str]]) -> list[Place]:
    """Places in guides that the index does not have; laws cannot be told where they were not fetched."""
    return [p for p in scenario.places if p.heading and headings and str(p) not in headings.get(p.source, [])]


def show_form(shelf: Shelf) -> None:
    """Draws the form, its check and its preview."""
    restore("new_")
    st.header(t("form.heading"), anchor=False)
    st.write(t("form.intro"))
    saved = st.session_state.pop("new_saved", None)
    if saved:
        st.success(saved, icon=":material/check:")
    titles = {scenario.id: scenario.title for scenario in shelf.scenarios}
    st.selectbox(
        t("form.begin"), ["", *titles], key="new_from", on_change=_begin, args=(shelf,),
        format_func=lambda name: titles.get(name, t("form.empty")),
    )  # fmt: skip
    titles_of_guides, headings = _guides()
    data = _fields(titles_of_guides, headings)
    remember("new_")
    with st.container(horizontal=True, key="form-buttons"):
        look = st.button(t("form.check"), icon=":material/visibility:")
        keep = st.button(t("form.keep"), type="primary", icon=":material/save:")
    if not look and not keep:
        return
    try:
        scenario = Scenario.model_validate(data)
    except ValidationError as error:
        st.error(t("form.not_ready", mistake=plain(mistake(error, _names()))), icon=":material/error:")
        return
    unknown = _unknown(scenario, headings)
    if unknown:
        st.error(t("form.unknown", place=plain(str(unknown[0]))), icon=":material/error:")
        return
    found = [kind for kind in mask(as_yaml(scenario)).kinds if kind != "naam"]
    if found:
        st.error(t("form.personal", kinds=", ".join(found)), icon=":material/error:")
        return
    _preview(scenario)
    if keep:
        try:
            path = save_scenario(load_settings(), scenario)
        except ContentError as error:
            st.error(str(error), icon=":material/error:")
            return
        st.session_state.new_saved = t("form.kept", file=path.name)
        st.rerun()
