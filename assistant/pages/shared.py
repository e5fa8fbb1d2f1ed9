"""What every page needs: the assistant and the records, opened once for everybody; who is there; the words."""

from __future__ import annotations

import html
import logging
from datetime import UTC, datetime

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from assistant.assistant import Assistant
from assistant.audit import Audit, Event
from assistant.errors import RecordsError
from assistant.glossary import load_glossary
from assistant.interface import words
from assistant.models import Answer
from assistant.people import People
from assistant.records import Records
from assistant.roles import LOCAL, Person, Role
from assistant.settings import load_settings
from assistant.status import missing_texts
from indexer.errors import IndexMissing, LeidraadError
from indexer.generation import read_manifest, serving_folder
from indexer.models import Source

logger = logging.getLogger(__name__)

SIGNED_IN = "signed_in"
"""Under this name a browser session holds who signed in and until when that counts."""


@st.cache_resource(show_spinner=words("app.starting"))
def assistant() -> Assistant:
    """The one assistant of this process, warm: the first person does not wait for the model to load."""
    made = Assistant(load_settings())
    try:
        made.warm()
    except LeidraadError as error:
        logger.error("%s", error)  # each page says it where it needs the index
    return made


@st.cache_resource(show_spinner=False)
def records() -> Records:
    """The one database of this process. Raises `RecordsError`."""
    return Records(load_settings().records)


def sign_in_configured() -> bool:
    """Whether Streamlit knows a sign-in provider."""
    try:
        return "auth" in st.secrets
    except StreamlitSecretNotFoundError:
        return False


def person() -> Person:
    """Who is at the screen; ends the run where somebody must sign in and has not, or no longer counts as signed in.

    Without sign-in it is the local person; where the database does not open, somebody who reads only what is public.
    """
    settings = load_settings()
    if settings.sign_in or settings.sign_in_file or sign_in_configured():
        held: tuple[Person, datetime] | None = st.session_state.get(SIGNED_IN)
        if held is None or datetime.now(UTC) >= held[1]:
            st.stop()
        return held[0]
    try:
        return People(records()).person(settings.local_person, settings.local_name, settings.local_roles)
    except RecordsError as error:
        logger.error("%s", error)
        roles = frozenset(settings.local_roles)
        collections = None if Role.MANAGER in roles else frozenset({"public"})
        return Person(id=settings.local_person, name=settings.local_name, roles=roles, collections=collections)


def note(event: Event, actor: str = "", **details: str | int | bool) -> None:
    """Writes to the audit log; a log that does not take it is told, and stops nobody."""
    try:
        Audit(records()).note(event, actor=actor, **details)
    except RecordsError as error:
        logger.error("the audit log could not be written: %s", error)


def readable_sources() -> dict[str, Source]:
    """The sources of the serving index that the person at the screen may read. Raises `LeidraadError`."""
    reader = person()
    sources = assistant().index().sources
    return {identity: source for identity, source in sources.items() if reader.may_read(source.collection)}


def language() -> str:
    """The interface's language, 'nl' or 'en'."""
    return str(st.session_state.get("language") or "nl")


def t(key: str, **values: object) -> str:
    """The interface's words for a key of `interface.toml`, in the language that was chosen."""
    return words(key, language(), **values)


def official_texts_missing() -> tuple[str, ...]:
    """The titles of official texts that the corpus names and the index lacks; none where that cannot be told."""
    try:
        settings = load_settings()
        return tuple(text.title for text in missing_texts(settings, read_manifest(serving_folder(settings.index))))
    except IndexMissing:
        return ()
    except LeidraadError as error:
        logger.error("%s", error)
        return ()


def keep(answer: Answer, conversation: str, owner: str = LOCAL) -> str | None:
    """Keeps an answer and gives its id; None and a line in the log when the database does not take it."""
    try:
        return records().keep(answer, conversation, owner)
    except RecordsError as error:
        logger.error("%s", error)
        return None


def escaped(text: str) -> str:
    """Text from a source or a person, harmless as HTML; line breaks stay."""
    return html.escape(text).replace("\n", "<br>")


def plain(text: str) -> str:
    """Text for a label, where Streamlit would read Markdown."""
    for sign in "\\`*_{}[]()#+-!$:~<>|":
        text = text.replace(sign, f"\\{sign}")
    return text


def with_tooltips(text: str, done: set[str]) -> str:
    """Text as harmless HTML in which the field's terms explain themselves, on hovering and to a screen reader.

    A term is explained once an answer: `done` keeps which were.
    """
    pieces: list[str] = []
    at = 0
    for start, end, explanation in load_glossary(load_settings().corpus).explained(text):
        if explanation in done:
            continue
        done.add(explanation)
        title = html.escape(explanation, quote=True)
        pieces += [escaped(text[at:start]), f'<abbr tabindex="0" title="{title}">{escaped(text[start:end])}</abbr>']
        at = end
    return "".join((*pieces, escaped(text[at:])))
