"""The person's own conversations, in the sidebar: find, open, rename, delete."""

from __future__ import annotations

import uuid
from typing import Any

import streamlit as st

from assistant.errors import RecordsError
from assistant.history import History
from assistant.pages.shared import person, plain, records, t

_SHOWN = 15


def state() -> Any:
    """The page's state, complete."""
    found = st.session_state
    for key, value in _fresh().items():
        found.setdefault(key, value)
    return found


def new_conversation() -> None:
    """Begins anew; what was said stays in the list."""
    st.session_state.update(_fresh())


def _fresh() -> dict[str, Any]:
    return {
        "conversation_id": uuid.uuid4().hex,
        "answers": [],
        "kept": [],
        "checked": {},
        "firsts": {},
        "originals": {},
        "opened": None,
        "opened_of": None,
        "chosen": False,
        "back": [],
        "pending": None,
        "panel": None,
        "shown": 10,
        "announced": 0,
    }


def show_conversations() -> None:
    """Draws the list, and what can be done with the conversation that is open."""
    try:
        history = History(records(), person().id)
        with st.expander(t("history.title"), icon=":material/history:"):
            search = st.text_input(t("history.search"), key="history-search")
            found = history.conversations(search, _SHOWN)
            if not found:
                st.caption(t("history.none"))
            for conversation in found:
                st.button(
                    plain(conversation.title),
                    key=f"conversation-{conversation.id}",
                    type="tertiary",
                    on_click=_open,
                    args=(conversation.id,),
                    width="stretch",
                )
        if st.session_state.answers:
            _show_own(history)
    except RecordsError:
        st.warning(t("app.no_records"))


def _open(conversation: str) -> None:
    try:
        kept = History(records(), person().id).open(conversation)
    except RecordsError:
        st.session_state.told = t("app.failed")
        return
    new_conversation()
    st.session_state.update(conversation_id=conversation, answers=[k.answer for k in kept], kept=[k.id for k in kept])


def _show_own(history: History) -> None:
    identity = st.session_state.conversation_id
    with st.expander(t("history.manage"), icon=":material/edit:"):
        with st.form("rename", border=False, clear_on_submit=True):
            name = st.text_input(t("history.name"), max_chars=90)
            if st.form_submit_button(t("history.rename")) and name.strip():
                history.rename(identity, name)
                st.rerun()
        if st.toggle(t("history.delete"), key=f"delete-{identity}"):
            st.caption(t("history.sure"))
            st.button(t("history.delete_sure"), on_click=_delete, args=(identity,), type="primary")


def _delete(conversation: str) -> None:
    try:
        History(records(), person().id).delete(conversation)
    except RecordsError:
        st.session_state.told = t("app.failed")
        return
    new_conversation()
