"""Inwerken: learning paths with sources read in place, questions, repetition of what was missed, and a summary."""

from __future__ import annotations

import logging
from datetime import date

import streamlit as st

from assistant.errors import RecordsError
from assistant.learning import (
    Module,
    Path,
    Question,
    Stand,
    after_answer,
    due_questions,
    load_paths,
    missing_facts,
    module_state,
    summary_paper,
)
from assistant.pages.parts.passages import PLAY_STYLE, listed, offer_paper, show_places
from assistant.pages.shared import escaped, person, records
from assistant.progress import Progress
from assistant.settings import load_settings

logger = logging.getLogger(__name__)


_SIGNS = {"klaar": ":material/check_circle:", "begonnen": ":material/pending:", "open": ":material/circle:"}


def _stands() -> dict[str, Stand]:
    """How the person stands; in this session alone where the database does not open."""
    state = st.session_state
    if "learn_stands" not in state:
        try:
            state.learn_stands = Progress(records()).of(person().id)
            state.learn_kept = True
        except RecordsError as error:
            logger.error("%s", error)
            state.learn_stands, state.learn_kept = {}, False
    stands: dict[str, Stand] = state.learn_stands
    return stands


def _note(question: Question, *, right: bool) -> None:
    stands = _stands()
    try:
        stand = Progress(records()).note(person().id, question.id, date.today(), right=right)
    except RecordsError as error:
        logger.error("%s", error)
        st.session_state.learn_kept = False
        stand = after_answer(stands.get(question.id), question.id, date.today(), right=right)
    st.session_state.learn_stands = {**stands, question.id: stand}


def _open(path: str | None, module: str | None = None) -> None:
    st.session_state.update(learn_path=path, learn_module=module)


def _ask(question: Question, where: str) -> None:
    """A question with its check; on a wrong answer the right one and the source it stands in."""
    key = f"{where}-{question.id}"
    with st.form(key, border=True):
        chosen: int | None = None
        typed = ""
        if question.options:
            chosen = st.radio(
                question.question, range(len(question.options)), index=None,
                format_func=lambda at: question.options[at].text, key=f"{key}-choice",
            )  # fmt: skip
        else:
            typed = st.text_input(question.question, key=f"{key}-typed", placeholder="Uw antwoord in een paar woorden")
        sent = st.form_submit_button("Controleer")
    if sent:
        if chosen is None and not typed.strip():
            st.session_state[f"{key}-result"] = None
            st.warning("Geef eerst een antwoord.")
            return
        missing = missing_facts(question, typed) if question.facts else ()
        right = not missing if question.facts else chosen == question.right_option
        _note(question, right=right)
        st.session_state[f"{key}-result"] = (right, missing)
    result = st.session_state.get(f"{key}-result")
    if result is None:
        return
    right, missing = result
    if right:
        st.success(f"Goed. {question.answer}", icon=":material/check:")
        return
    lack = f" In uw antwoord ontbreekt: {', '.join(missing)}." if missing and len(question.facts) > 1 else ""
    st.error(f"Nog niet goed.{lack} Het antwoord: {question.answer}", icon=":material/close:")
    show_places(question.based_on, heading="Lees het na in de bron. De vraag komt later terug.")


def _module(path: Path, module: Module) -> None:
    st.button("Terug naar het leerpad", on_click=_open, args=(path.id,), icon=":material/arrow_back:")
    st.title(module.title, anchor=False)
    st.html(f'<div class="leidraad-text">{escaped(module.aim)}</div>')
    st.header("Lezen", anchor=False)
    show_places(module.read, heading=f"Open en lees. Reken op {module.minutes} minuten, met de vragen erbij.")
    st.header("Vragen", anchor=False)
    for question in module.questions:
        _ask(question, "module")
    if module_state(module, _stands()) == "klaar":
        st.success("Deze module is klaar.", icon=":material/check_circle:")
        at = path.modules.index(module)
        if at + 1 < len(path.modules):
            following = path.modules[at + 1]
            st.button(f"Verder met: {following.title}", on_click=_open, args=(path.id, following.id), type="primary")


def _path(path: Path) -> None:
    st.button("Alle leerpaden", on_click=_open, args=(None,), icon=":material/arrow_back:")
    st.title(path.title, anchor=False)
    st.write(path.about)
    for module in path.modules:
        state = module_state(module, _stands())
        st.button(
            f"{module.title} ({module.minutes} minuten, {state})", key=f"module-{module.id}", icon=_SIGNS[state],
            on_click=_open, args=(path.id, module.id), width="stretch",
        )  # fmt: skip


def _paths(paths: tuple[Path, ...]) -> None:
    st.write("Leer het vak in volgorde: lees de bron, beantwoord de vragen, en herhaal wat u miste.")
    for path in paths:
        done = sum(module_state(module, _stands()) == "klaar" for module in path.modules)
        with st.container(border=True, key=f"path-{path.id}"):
            st.subheader(path.title, anchor=False)
            st.write(path.about)
            st.progress(done / len(path.modules), f"{done} van {len(path.modules)} modules klaar")
            st.button("Open dit leerpad", key=f"open-{path.id}", on_click=_open, args=(path.id,))


def _repeat(paths: tuple[Path, ...]) -> None:
    """What is due today, one round that stays while it is answered."""
    due = due_questions(paths, _stands(), date.today())
    round_ids = st.session_state.setdefault("learn_round", [])
    round_ids += [question.id for question in due if question.id not in round_ids]
    if not round_ids:
        later = sorted(s.due for s in _stands().values() if s.due is not None)
        when = f" De eerstvolgende herhaling is op {later[0]:%d-%m-%Y}." if later else ""
        st.info(f"Er is vandaag niets te herhalen.{when}")
        return
    st.write("Deze vragen miste u eerder. Ze komen terug met steeds meer dagen ertussen, tot u ze kent.")
    known = {question.id: question for path in paths for question in path.questions}
    for identity in round_ids:
        if identity in known:
            _ask(known[identity], "repeat")


def _summary(paths: tuple[Path, ...]) -> None:
    st.write("Een overzicht om te bespreken met uw leidinggevende. Wat u als antwoord typte, wordt niet bewaard.")
    name = st.text_input("Uw naam op het overzicht", max_chars=80, help="Alleen voor dit papier; wordt niet bewaard.")
    paper = summary_paper(paths, _stands(), name.strip(), date.today())
    for section in paper.sections:
        if section.heading:
            st.subheader(section.heading, anchor=False)
        body = "".join(f"<p>{escaped(text)}</p>" for text in section.paragraphs)
        st.html(f'<div class="leidraad-text">{body}{listed(section.items) if section.items else ""}</div>')
    offer_paper(paper, "summary")
    with st.expander("Mijn voortgang wissen"):
        sure = st.checkbox("Ja, wis alles wat over mijn oefenen is bewaard")
        if st.button("Wis mijn voortgang", disabled=not sure):
            try:
                Progress(records()).forget(person().id)
            except RecordsError as error:
                logger.error("%s", error)
                st.error("Wissen lukte niet: de database geeft geen antwoord. Probeer het later opnieuw.")
                return
            for key in ("learn_stands", "learn_round"):
                st.session_state.pop(key, None)
            st.rerun()


def main() -> None:
    """Draws the page."""
    st.html(PLAY_STYLE)
    state = st.session_state
    state.setdefault("learn_path", None)
    state.setdefault("learn_module", None)
    shelf = load_paths(load_settings())
    for sentence in shelf.wrong:
        st.warning(sentence, icon=":material/error:")
    stands = _stands()
    if not state.learn_kept:
        st.warning("De database geeft geen antwoord. U kunt oefenen, maar uw voortgang wordt niet bewaard.")
    path = shelf.get(state.learn_path) if state.learn_path else None
    if path is not None:
        module = next((module for module in path.modules if module.id == state.learn_module), None)
        if module is not None:
            _module(path, module)
        else:
            _path(path)
        return
    st.title("Inwerken", anchor=False)
    count = len(due_questions(shelf.paths, stands, date.today()))
    paths, repeat, summary = st.tabs(["Leerpaden", f"Herhalen ({count})" if count else "Herhalen", "Overzicht"])
    with paths:
        _paths(shelf.paths)
    with repeat:
        _repeat(shelf.paths)
    with summary:
        _summary(shelf.paths)


main()
