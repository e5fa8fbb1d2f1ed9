"""The opened source: the quote in its article, section or page, and the ways on from there."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from assistant.feedback import CITATION_REASONS, FeedbackBox, Feeling
from assistant.models import Citation
from assistant.page_picture import PagePicture, original, page_picture
from assistant.pages.shared import assistant, escaped, person, plain, readable_sources, records, t
from assistant.reading import (
    OpenedPassage,
    OpenReference,
    open_citation,
    open_reference,
    paragraphs,
    references,
)
from indexer.errors import LeidraadError


def open_source(citation: Citation, answer_id: str | None = None) -> None:
    """Opens a citation beside the answer it belongs to, because somebody chose it."""
    st.session_state.update(opened=citation, opened_of=answer_id, back=[], chosen=True)


def offer_source(citation: Citation | None, answer_id: str | None) -> None:
    """Lays the first source beside a new answer. On a phone it waits until it is chosen: it would hide the answer."""
    st.session_state.update(opened=citation, opened_of=answer_id, back=[], chosen=False)


def close_source() -> None:
    """Closes what is open."""
    st.session_state.update(opened=None, back=[])


def show_source(citation: Citation) -> None:
    """Draws the opened source, or says why it cannot be read."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.subheader(t("source.title"), anchor=False, width="content")
        st.button(t("source.close"), on_click=close_source, icon=":material/close:")
    try:
        readable = readable_sources()
        if citation.source_id not in readable:
            raise KeyError(citation.source_id)
        opened = open_citation(assistant().index(), citation, date.today())
    except (KeyError, LeidraadError):
        st.warning(t("source.gone"))
        return
    source = readable[citation.source_id]
    place = "" if opened.locator == opened.title else opened.locator
    binding = t(f"binding.{source.binding.value}")
    details = " · ".join(part for part in (place, binding, opened.version) if part)
    st.html(
        f'<div class="leidraad-label">{escaped(opened.title)}</div><div class="leidraad-meta">{escaped(details)}</div>'
    )
    if citation.page_index is not None and source.file.lower().endswith(".pdf") and _page_wanted(citation):
        _show_page(citation, source.sha256)
    else:
        body = passage_html(opened)
        st.html(f'<div class="leidraad-passage" id="bronpassage" lang="{escaped(source.language)}">{body}</div>')
        if not opened.complete:
            st.caption(t("source.part"))
    if opened.url:
        label = t("source.official") if citation.kind.value == "law" else t("source.open")
        st.link_button(label, opened.url, icon=":material/open_in_new:")
    _show_references(citation, opened, frozenset(readable))
    if st.session_state.back:
        st.button(t("source.back"), on_click=_go_back, icon=":material/arrow_back:")
    _show_report(citation)


def passage_html(opened: OpenedPassage) -> str:
    """The passage as harmless HTML: the quote marked, its own lid set apart."""
    before, after = opened.before, opened.after
    if opened.in_lid:
        # A lid's number stands before it on its line.
        line = before.rfind("\n", 0, len(before) - opened.lid_before) + 1
        own = _marked(before[line:], opened.quote, after[: opened.lid_after])
        rest = after[opened.lid_after :]
        return f'{_paragraphs(before[:line])}<div class="leidraad-lid">{own}</div>{_paragraphs(rest)}'
    line = before.rfind("\n") + 1
    ending, _, rest = after.partition("\n")
    return _paragraphs(before[:line]) + _marked(before[line:], opened.quote, ending) + _paragraphs(rest)


def _marked(before: str, quote: str, after: str) -> str:
    """Paragraphs around a quote, with the quote marked in each paragraph that it stands in."""
    marked = "\n".join(f"\x02{part}\x03" if part.strip() else part for part in quote.split("\n"))
    return _paragraphs(f"{before}{marked}{after}").replace("\x02", "<mark>").replace("\x03", "</mark>")


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escaped(part)}</p>" for part in paragraphs(text))


def _page_wanted(citation: Citation) -> bool:
    """The choice between the text and the page as it looks; the text unless somebody chose otherwise."""
    page = citation.page or (citation.page_index or 0) + 1
    names = {"text": t("source.as_text"), "page": t("source.as_page", page=page)}
    chosen = st.segmented_control(
        t("source.how"), list(names), default="text", required=True, format_func=names.__getitem__,
        label_visibility="collapsed", key="source-how",
    )  # fmt: skip
    return chosen == "page"


@st.cache_data(max_entries=32, show_spinner=False)
def _picture(source_id: str, sha256: str, page_index: int, quote: str) -> PagePicture | None:  # noqa: ARG001 — a key
    made = assistant()
    path = original(made.settings.corpus, made.index().sources[source_id])
    return page_picture(path, page_index, quote) if path else None


def _show_page(citation: Citation, sha256: str) -> None:
    picture = _picture(citation.source_id, sha256, citation.page_index or 0, citation.quote)
    if picture is None:
        st.caption(t("source.page_gone"))
        return
    page = citation.page or (citation.page_index or 0) + 1
    caption = t("source.page" if picture.marked else "source.page_plain", page=page)
    st.image(picture.png, caption=caption, width="stretch", alt=caption)


def _show_references(citation: Citation, opened: OpenedPassage, readable: frozenset[str]) -> None:
    found = references(assistant().index(), citation, opened.before + opened.quote + opened.after, readable)
    if not found:
        return
    st.html(f'<div class="leidraad-meta">{t("source.refers")}</div>')
    with st.container(horizontal=True, key="references"):
        for reference in found:
            st.button(
                plain(reference.label[0].upper() + reference.label[1:]),
                key=f"reference-{reference.source_id}-{reference.article}",
                on_click=_open_reference,
                args=(reference, citation),
            )


def _open_reference(reference: OpenReference, before: Citation) -> None:
    found = open_reference(assistant().index(), reference)
    if found is not None:
        st.session_state.back.append(before)
        st.session_state.opened = found


def _go_back() -> None:
    st.session_state.opened = st.session_state.back.pop()


def _show_report(citation: Citation) -> None:
    """A small form for an error in the citation; only for what an answer cited, not for where one wandered on."""
    state: Any = st.session_state
    if state.back or not state.get("opened_of") or citation.number < 1:
        return
    with st.expander(t("feedback.report"), icon=":material/flag:"), st.form("citation-report", border=False):
        reasons = st.multiselect(
            t("feedback.reasons"),
            CITATION_REASONS,
            format_func=lambda reason: t(f"feedback.{reason}"),
            placeholder=t("app.choose"),
            select_all=False,
        )
        remark = st.text_area(t("feedback.remark"), max_chars=1_000)
        if st.form_submit_button(t("feedback.send")):
            FeedbackBox(records()).give(
                state.opened_of, person().id, Feeling.CITATION, reasons, remark, citation.number
            )
            st.success(t("feedback.thanks"))
