"""What every page needs: the assistant and the records, opened once for everybody."""

from __future__ import annotations

import html
import logging

import streamlit as st

from assistant.assistant import Assistant
from assistant.errors import RecordsError
from assistant.glossary import load_glossary
from assistant.models import Answer
from assistant.records import Records
from assistant.settings import load_settings
from assistant.status import missing_texts
from indexer.errors import IndexMissing, LeidraadError
from indexer.generation import read_manifest, serving_folder

logger = logging.getLogger(__name__)


@st.cache_resource(show_spinner="Leidraad wordt gestart …")
def assistant() -> Assistant:
    """The one assistant of this process, warm: the first person does not wait for the model to load."""
    made = Assistant(load_settings())
    made.warm()
    return made


@st.cache_resource(show_spinner=False)
def records() -> Records:
    """The one database of this process."""
    return Records(load_settings().records)


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


def keep(answer: Answer, conversation: str) -> None:
    """Keeps an answer; a line in the log when the database does not take it."""
    try:
        records().keep(answer, conversation)
    except RecordsError as error:
        logger.error("%s", error)


def escaped(text: str) -> str:
    """Text from a source or a person, harmless as HTML; line breaks stay."""
    return html.escape(text).replace("\n", "<br>")


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
