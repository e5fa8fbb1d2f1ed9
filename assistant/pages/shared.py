"""What every page needs: the assistant and the records, opened once for everybody; who is there; the words."""

from __future__ import annotations

import html
import logging

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from assistant.assistant import Assistant
from assistant.errors import RecordsError
from assistant.glossary import load_glossary
from assistant.interface import words
from assistant.models import Answer
from assistant.people import PUBLIC, People, Person, Role
from assistant.records import Records
from assistant.settings import load_settings
from assistant.status import missing_texts
from assistant.tables import LOCAL
from indexer.errors import IndexMissing, LeidraadError
from indexer.generation import read_manifest, serving_folder
from indexer.models import Source

logger = logging.getLogger(__name__)


@st.cache_resource(show_spinner=words("app.starting"))
def assistant() -> Assistant:
    """The one assistant of this process, warm: the first person does not wait for the model to load."""
    made = Assistant(load_settings())
    made.warm()
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
    """Who is at the screen, as the door let them in. Where people must sign in and nobody did, the run ends."""
    entered = st.session_state.get("person")
    if entered is not None:
        return Person.model_validate(entered)
    if sign_in_configured() or load_settings().sign_in:
        st.stop()
    return local_person()


def local_person() -> Person:
    """The one person where nobody signs in. Where the database does not open, one who reads only what is public."""
    settings = load_settings()
    roles = frozenset(settings.local_roles)
    try:
        return People(records()).person(settings.local_person, settings.local_name, roles)
    except RecordsError as error:
        # Questions are still answered; what may be read besides the public sources cannot be told now.
        logger.error("%s", error)
        readable = None if Role.MANAGER in roles else frozenset({PUBLIC})
        return Person(id=settings.local_person, name=settings.local_name, roles=roles, collections=readable)


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
