"""Places in sources, named and opened where they are spoken of; and a paper to take along."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import streamlit as st

from assistant.export import DOCX_TYPE, PDF_TYPE, Paper, PaperSource, file_name, to_docx, to_pdf
from assistant.pages.shared import assistant, escaped, person, plain, t
from assistant.places import OpenPlace, Place, open_place
from assistant.reading import paragraphs
from indexer.errors import LeidraadError
from indexer.index import Index

PLAY_STYLE = """<style>
.leidraad-text {line-height: 1.6; margin: .3rem 0}
.leidraad-text ul {margin: .2rem 0 .6rem 1.2rem}
.leidraad-text .leidraad-question {font-weight: 600; font-size: 1.15rem}
.leidraad-big {font-size: 1.5rem; line-height: 1.5}
.leidraad-big .leidraad-question {font-size: 1.9rem; font-weight: 600; line-height: 1.3}
.leidraad-worth {display: inline-block; padding: .1rem .6rem; border-radius: .8rem; font-weight: 600; color: #1b1b1b}
.leidraad-strong {background: #d8f0dc} .leidraad-mixed {background: #fff0c2} .leidraad-weak {background: #fbdcdc}
.leidraad-bar {background: rgba(128, 128, 128, .22); border-radius: .3rem; margin: .15rem 0 .7rem}
.leidraad-bar span {display: block; background: var(--leidraad-ink, #154273); height: 1rem; border-radius: .3rem;
  min-width: 2px}
.leidraad-clock {font-size: 2rem; font-variant-numeric: tabular-nums; font-weight: 600}
.leidraad-meta {color: var(--leidraad-soft, #535353); font-size: .9rem}
@media print {[data-testid="stSidebar"], [data-testid="stHeader"], button {display: none !important}}
</style>"""
"""The look of practising and weighing; used by each of those pages."""


def readable(index: Index) -> frozenset[str]:
    """The sources that hold today and that the person at the screen may read."""
    return index.allowed(date.today(), person().collections)


def opened(place: Place) -> OpenPlace | None:
    """What stands at a place, for the person at the screen; None where it is not (yet) in the index."""
    try:
        index = assistant().index()
        return open_place(index, place, readable(index))
    except LeidraadError:
        return None


def name_of(place: Place) -> str:
    """A place as a person cites it."""
    found = opened(place)
    return found.named if found else str(place)


def show_places(places: Iterable[Place], *, heading: str = "") -> None:
    """Each place as a line that opens in place, under a heading; by itself it says that this is what it rests on."""
    st.html(f'<div class="leidraad-meta">{escaped(heading or t("places.rests"))}</div>')
    for place in places:
        found = opened(place)
        if found is None:
            st.caption(t("places.missing", place=plain(str(place))))
            continue
        with st.expander(found.named, icon=":material/menu_book:"):
            details = " · ".join(part for part in (found.binding, found.version) if part)
            body = "".join(f"<p>{escaped(line)}</p>" for line in paragraphs(found.text))
            st.html(f'<div class="leidraad-meta">{escaped(details)}</div><div class="leidraad-text">{body}</div>')
            if found.url:
                st.link_button(t("source.open"), found.url, icon=":material/open_in_new:")


def cited(place: Place) -> PaperSource:
    """A place as a source on paper, with its version and address."""
    found = opened(place)
    if found is None:
        return PaperSource(text=str(place))
    details = ", ".join(part for part in (found.binding, found.version) if part)
    return PaperSource(text=f"{found.named} ({details})", url=found.url)


def offer_paper(paper: Paper, key: str) -> None:
    """Two buttons: the paper as DOCX and as PDF."""
    with st.container(horizontal=True, key=f"paper-{key}"):
        st.download_button(
            t("paper.word"), to_docx(paper), file_name(paper.title, "docx"), DOCX_TYPE,
            icon=":material/description:", key=f"{key}-docx", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            t("paper.pdf"), to_pdf(paper), file_name(paper.title, "pdf"), PDF_TYPE,
            icon=":material/picture_as_pdf:", key=f"{key}-pdf", on_click="ignore",
        )  # fmt: skip


def listed(lines: Iterable[str]) -> str:
    """Lines as a harmless HTML list."""
    return "<ul>" + "".join(f"<li>{escaped(line)}</li>" for line in lines) + "</ul>"
