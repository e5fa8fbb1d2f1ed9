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
from assistant.pages.parts.browser import land
from assistant.pages.parts.passages import PLAY_STYLE, listed, offer_paper, show_places
from assistant.pages.shared import escaped, person, plain, records, t
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
            typed = st.text_input(question.question, key=f"{key}-typed", placeholder=t("learn.typed_hint"))
        sent = st.form_submit_button(t("learn.check"))
    if sent:
        if chosen is None and not typed.strip():
            st.session_state[f"{key}-result"] = None
            st.warning(t("learn.answer_first"))
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
        st.success(t("learn.right", answer=plain(question.answer)), icon=":material/check:")
        return
    lack = t("learn.lacks", facts=", ".join(missing)) if missing and len(question.facts) > 1 else ""
    st.error(t("learn.wrong", lack=plain(lack), answer=plain(question.answer)), icon=":material/close:")
    show_places(question.based_on, heading=t("learn.read_back"))


def _module(path: Path, module: Module) -> None:
    st.button(t("learn.back"), on_click=_open, args=(path.id,), icon=":material/arrow_back:")
    st.title(module.title, anchor=False)
    st.html(f'<div class="leidraad-text">{escaped(module.aim)}</div>')
    st.header(t("learn.read"), anchor=False)
    show_places(module.read, heading=t("learn.read_this", minutes=module.minutes))
    st.header(t("learn.questions"), anchor=False)
    for question in module.questions:
        _ask(question, "module")
    if module_state(module, _stands()) == "klaar":
        st.success(t("learn.module_done"), icon=":material/check_circle:")
        at = path.modules.index(module)
        if at + 1 < len(path.modules):
            following = path.modules[at + 1]
            st.button(
                t("learn.on", title=plain(following.title)),
                on_click=_open,
                args=(path.id, following.id),
                type="primary",
            )


def _path(path: Path) -> None:
    st.button(t("learn.all"), on_click=_open, args=(None,), icon=":material/arrow_back:")
    st.title(path.title, anchor=False)
    st.write(path.about)
    for module in path.modules:
        state = module_state(module, _stands())
        told = f"{t('play.takes', minutes=module.minutes)}, {t(f'learn.{state}')}"
        st.button(
            f"{plain(module.title)} ({told})", key=f"module-{module.id}", icon=_SIGNS[state],
            on_click=_open, args=(path.id, module.id), width="stretch",
        )  # fmt: skip


def _paths(paths: tuple[Path, ...]) -> None:
    st.write(t("learn.intro"))
    for path in paths:
        done = sum(module_state(module, _stands()) == "klaar" for module in path.modules)
        with st.container(border=True, key=f"path-{path.id}"):
            st.subheader(path.title, anchor=False)
            st.write(path.about)
            st.progress(done / len(path.modules), t("learn.modules_done", done=done, total=len(path.modules)))
            st.button(t("learn.open_path"), key=f"open-{path.id}", on_click=_open, args=(path.id,))


def _repeat(paths: tuple[Path, ...]) -> None:
    """What is due today, one round that stays while it is answered."""
    due = due_questions(paths, _stands(), date.today())
    round_ids = st.session_state.setdefault("learn_round", [])
    round_ids += [question.id for question in due if question.id not in round_ids]
    if not round_ids:
        later = sorted(s.due for s in _stands().values() if s.due is not None)
        when = t("learn.next_day", day=f"{later[0]:%d-%m-%Y}") if later else ""
        st.info(f"{t('learn.nothing_due')} {when}")
        return
    st.write(t("learn.due"))
    known = {question.id: question for path in paths for question in path.questions}
    for identity in round_ids:
        if identity in known:
            _ask(known[identity], "repeat")


def _summary(paths: tuple[Path, ...]) -> None:
    st.write(t("learn.summary"))
    name = st.text_input(t("learn.name"), max_chars=80, help=t("learn.name_help"))
    paper = summary_paper(paths, _stands(), name.strip(), date.today())
    for section in paper.sections:
        if section.heading:
            st.subheader(section.heading, anchor=False)
        body = "".join(f"<p>{escaped(text)}</p>" for text in section.paragraphs)
        st.html(f'<div class="leidraad-text">{body}{listed(section.items) if section.items else ""}</div>')
    offer_paper(paper, "summary")
    with st.expander(t("learn.forget")):
        sure = st.checkbox(t("learn.forget_sure"))
        if st.button(t("learn.forget_do"), disabled=not sure):
            try:
                Progress(records()).forget(person().id)
            except RecordsError as error:
                logger.error("%s", error)
                st.error(t("learn.not_forgotten"))
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
        st.warning(t("learn.not_kept"))
    path = shelf.get(state.learn_path) if state.learn_path else None
    land(f"inwerken {state.learn_path or ''} {state.learn_module or ''}")
    if path is not None:
        module = next((module for module in path.modules if module.id == state.learn_module), None)
        if module is not None:
            _module(path, module)
        else:
            _path(path)
        return
    st.title(t("app.inwerken"), anchor=False)
    count = len(due_questions(shelf.paths, stands, date.today()))
    paths, repeat, summary = st.tabs(
        [t("learn.paths"), t("learn.repeat") + (f" ({count})" if count else ""), t("learn.overview")]
    )
    with paths:
        _paths(shelf.paths)
    with repeat:
        _repeat(shelf.paths)
    with summary:
        _summary(shelf.paths)


main()
