"""The door: who is at the screen. Once sign-in is on, nothing is drawn for who has not signed in.

Sign-in is on where Streamlit's secrets hold an `[auth]` section, or where the settings say that it must be; if they say
so and the section is missing, nobody gets in.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import NoReturn

import streamlit as st

from assistant.audit import Event, settings_in_force
from assistant.errors import RecordsError
from assistant.logs import to_json_lines
from assistant.pages.shared import SIGNED_IN, note, person, plain, records, sign_in_configured, t
from assistant.people import People
from assistant.retention import Retention
from assistant.roles import Person
from assistant.settings import load_settings
from assistant.signin import NotAdmitted, Refusal, admit
from indexer.errors import LeidraadError

logger = logging.getLogger(__name__)

_DAY = 24 * 60 * 60
REFUSALS = {
    Refusal.EXPIRED: "entry.expired",
    Refusal.NO_ROLE: "entry.no_role",
    Refusal.NO_IDENTITY: "entry.no_identity",
}


def enter() -> Person:
    """The person at the screen. Draws the sign-in page and ends the run when there is none who may enter."""
    started()
    cleaned()
    settings = load_settings()
    if not sign_in_configured():
        if settings.sign_in or settings.sign_in_file:
            logger.error("sign-in is required, but no [auth] section was found in Streamlit's secrets")
            _closed(t("entry.not_configured"))
        return person()
    if not st.user.is_logged_in:
        st.session_state.clear()
        _sign_in_page()
    return _admitted()


def _admitted() -> Person:
    settings = load_settings()
    claims = st.user.to_dict()
    held: tuple[Person, datetime] | None = st.session_state.get(SIGNED_IN)
    try:
        admitted = admit(claims, settings, People(records()))
    except NotAdmitted as error:
        noted = st.session_state.get("refusal_noted")
        if not noted:
            note(Event.REFUSED, str(claims.get(settings.identity_claim) or ""), reason=str(error.refusal))
        # What this browser tab still held was made for somebody who may read it no more.
        st.session_state.clear()
        st.session_state["refusal_noted"] = True
        _sign_in_page(REFUSALS[error.refusal], leave=error.refusal is not Refusal.EXPIRED)
    except RecordsError as error:
        logger.error("%s", error)
        _closed(t("entry.cannot_tell"))
    if held is not None and held[0].id != admitted[0].id:
        st.session_state.clear()
        held = None
    if held is None:
        note(Event.SIGNED_IN, admitted[0].id, roles=" ".join(sorted(admitted[0].roles)))
    st.session_state[SIGNED_IN] = admitted
    return admitted[0]


def _sign_in_page(why: str = "", *, leave: bool = False) -> NoReturn:
    st.title("Leidraad")
    if why:
        st.warning(t(why))
    st.write(t("entry.sign_in_first"))
    if leave:
        st.button(t("entry.sign_out"), on_click=st.logout)
    else:
        st.button(t("entry.sign_in"), type="primary", on_click=st.login)
    st.stop()


def _closed(why: str) -> NoReturn:
    st.session_state.clear()
    st.title("Leidraad")
    st.error(why)
    st.stop()


def sign_out_button() -> None:
    """Who is signed in, with a button to leave; nothing where nobody signs in."""
    if not sign_in_configured():
        return
    here = person()
    with st.sidebar:
        st.caption(t("entry.signed_in", name=plain(here.name)))
        st.button(t("entry.sign_out"), on_click=_leave, args=(here,))


def _leave(who: Person) -> None:
    note(Event.SIGNED_OUT, who.id)
    st.logout()


@st.cache_resource(show_spinner=False)
def started() -> datetime:
    """Once a process: logs as the settings say, and notes that the app started and with which settings."""
    try:
        settings = load_settings()
        if settings.log_json:
            to_json_lines()
        note(Event.STARTED, "", **settings_in_force(settings))
    except LeidraadError as error:
        logger.error("%s", error)
    return datetime.now(UTC)


@st.cache_resource(ttl=_DAY, show_spinner=False)
def cleaned() -> int:
    """Deletes, at the start and once a day after that, the conversations that were kept long enough."""
    days = load_settings().retention_days
    try:
        return Retention(records()).delete_older(days)
    except LeidraadError as error:
        logger.error("old conversations could not be deleted: %s", error)
        return 0
