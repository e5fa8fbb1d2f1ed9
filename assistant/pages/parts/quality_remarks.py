"""What colleagues reported and what the sources did not answer, and what the policy team does with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import streamlit as st

from assistant.errors import RecordsError
from assistant.feedback import Feedback
from assistant.interface import catalogue
from assistant.known import add_known
from assistant.models import Evidence
from assistant.pages.shared import assistant, escaped, person, plain, records, t
from assistant.quality import Group, Mark, Marks, Refused, State, waiting_reviews
from assistant.settings import load_settings

ROLE = "beleidsteam"  # what is kept beside a mark; the interface's language does not change it


def show_remarks(groups: Sequence[Group[Feedback]], marks: dict[str, Mark]) -> None:
    waiting = waiting_reviews(records(), assistant().index().sources, person().collections)
    if waiting:
        with st.expander(t("quality.waiting", count=len(waiting))):
            for one in waiting:
                st.write(f"{one.since:%d-%m-%Y}: {_plain(one.question)}")
    if not groups:
        st.info(t("quality.no_remarks"), icon=":material/inbox:")
        return
    done = st.toggle(t("quality.also_done"), value=False, key="done")
    for group in groups:
        mark = marks.get(group.key, Mark(key=group.key))
        if mark.state is not State.OPEN and not done:
            continue
        with st.container(border=True, key=f"group-{group.key[:12]}"):
            st.markdown(f"**{_plain(group.question)}**")
            reasons = [_reason(reason) for item in group.items for reason in item.reasons]
            told = [
                t("quality.remarks", count=group.times) if group.times > 1 else t("quality.one_remark"),
                *dict.fromkeys(reasons),
            ]
            st.html(f'<div class="kw-meta">{escaped(" · ".join([*told, t(f"state.{mark.state.value}")]))}</div>')
            for item in group.items:
                if item.remark:
                    st.html(f'<div class="kw-passage">{escaped(item.remark)}</div>')
            if mark.reply:
                st.caption(t("quality.reply_of", role=plain(mark.role), reply=_plain(mark.reply)))
            _deal_with("inbox", group.key, group.question)


def _deal_with(tab: str, key: str, question: str) -> None:
    """The buttons of one group: close it, answer it, make it a known question."""
    own = f"{tab}-{key[:16]}"
    with st.container(horizontal=True):
        st.button(
            t("quality.make_known"),
            key=f"make-{own}",
            on_click=_begin,
            args=(own, question),
            icon=":material/add_task:",
        )
        st.button(t("quality.close"), key=f"close-{own}", on_click=_mark, args=(key, State.CLOSED))
        with st.popover(t("quality.answer_it")):
            reply = st.text_area(t("quality.your_answer"), key=f"reply-{own}", max_chars=2000)
            st.button(t("quality.keep_answer"), key=f"answer-{own}", on_click=_mark, args=(key, State.ANSWERED, reply))
    if st.session_state.get("making") == own:
        _make_known(own, key, question)


def _begin(own: str, question: str) -> None:
    st.session_state.making = own
    answer = assistant().ask(question, collections=person().collections)
    st.session_state.candidates = answer.evidence[:6]
    st.session_state.cited = {citation.passage_id for citation in answer.citations}


def _make_known(own: str, key: str, question: str) -> None:
    """Second click: which passages answer it. Third: keep it."""
    st.markdown(t("quality.where"))
    chosen: list[Evidence] = []
    sources = assistant().index().sources
    for number, evidence in enumerate(st.session_state.get("candidates", ())):
        passage = evidence.passage
        place = f"{sources[passage.source_id].title}, {passage.locator}".strip(", ")
        first = passage.id in st.session_state.cited
        if st.checkbox(_plain(place), value=first, key=f"gold-{own}-{number}", help=_plain(passage.text[:400])):
            chosen.append(evidence)
    facts = st.text_input(t("quality.facts"), key=f"facts-{own}")
    st.button(
        t("quality.keep_known"),
        key=f"keep-{own}",
        type="primary",
        on_click=_keep_known,
        args=(key, question, chosen, facts),
    )


def _keep_known(key: str, question: str, chosen: Sequence[Evidence], facts: str) -> None:
    folder = load_settings().own_questions
    must = [fact.strip() for fact in facts.split(";")]
    try:
        identity = add_known(folder, question, [e.passage for e in chosen], ROLE, date.today(), must)
        Marks(records()).set(key, State.TURNED, ROLE)
    except RecordsError:
        st.session_state.told = t("quality.not_kept_known")
        return
    st.session_state.making = None
    st.session_state.told = t("quality.kept_known", id=identity)


def _mark(key: str, state: State, reply: str = "") -> None:
    try:
        Marks(records()).set(key, state, ROLE, reply)
    except RecordsError:
        st.session_state.told = t("quality.not_kept")


def show_gaps(groups: Sequence[Group[Refused]]) -> None:
    st.write(t("quality.gaps_explained"))
    if not groups:
        st.info(t("quality.no_gaps"), icon=":material/check:")
    for group in groups[:50]:
        with st.expander(f"{group.times}× {_plain(group.question)}"):
            for item in group.items:
                st.write(
                    t("quality.gap", question=_plain(item.question), times=item.times, day=f"{item.last:%d-%m-%Y}")
                )
            _deal_with("gap", group.key, group.question)


def _reason(reason: str) -> str:
    """A reason in words; one of a newer version as it is."""
    key = f"feedback.{reason}"
    return t(key) if key in catalogue() else reason


def _plain(text: str) -> str:
    """Text that somebody typed, on one line, where Streamlit would read Markdown."""
    return " ".join(plain(text).split())
