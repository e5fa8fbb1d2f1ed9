"""Nakijken: a reviewer looks at a colleague's answer and confirms, corrects or refuses it."""

from __future__ import annotations

import streamlit as st

from assistant.answering.extractive import cite
from assistant.copy_text import cited_place
from assistant.errors import RecordsError
from assistant.models import Citation
from assistant.pages.parts.answer import claims_html
from assistant.pages.shared import assistant, escaped, language, person, plain, readable_sources, records, t
from assistant.reviews import Review, Reviews, ReviewState
from indexer.errors import LeidraadError

_VERDICTS = {
    "confirm": ReviewState.CONFIRMED,
    "correct": ReviewState.CORRECTED,
    "refuse": ReviewState.REFUSED,
}


def _candidates(review: Review) -> dict[str, Citation]:
    """What a correction may rest on: the answer's citations, then the other passages that were found for it."""
    index = assistant().index()
    readable = readable_sources()
    found = {citation.passage_id: citation for citation in review.answer.citations}
    for identity, passage in index.passages(list(review.evidence)).items():
        if passage.source_id in readable and identity not in found:
            found[identity] = cite(index, passage, passage.start, passage.end, 0)
    return found


def _show(review: Review) -> None:
    with st.container(border=True):
        st.html(f'<div class="leidraad-label">{escaped(review.answer.question)}</div>{claims_html(review.answer)}')
        for citation in review.answer.citations:
            place = escaped(f"[{citation.number}] {cited_place(citation, language())}")
            quote = " ".join(citation.quote.split())
            st.html(f'<div class="leidraad-meta">{place}<br>{t("review.quote")}: “{escaped(quote)}”</div>')
        found = _candidates(review)
        with st.form(f"review-{review.id}", border=False):
            verdict = st.radio(
                t("review.verdict"), list(_VERDICTS), format_func=lambda v: t(f"review.{v}"), horizontal=True
            )
            note = st.text_area(t("review.note"), max_chars=4_000)
            cited = st.multiselect(
                t("review.cite"),
                list(found),
                format_func=lambda key: plain(cited_place(found[key], language())),
                placeholder=t("app.choose"),
                select_all=False,
            )
            if st.form_submit_button(t("review.send")):
                _decide(review, verdict, note, [found[key] for key in cited])


def _decide(review: Review, verdict: str, note: str, cited: list[Citation]) -> None:
    state = _VERDICTS[verdict]
    lacking = (state is ReviewState.CORRECTED and not (note.strip() and cited)) or (
        state is ReviewState.REFUSED and not note.strip()
    )
    if lacking:
        st.warning(t("review.needs"))
        return
    numbered = [c.model_copy(update={"number": n}) for n, c in enumerate(cited, start=1)]
    try:
        Reviews(records()).decide(review.id, person(), state, assistant().index().sources, note, numbered)
    except RecordsError:
        st.error(t("app.failed"))
        return
    st.session_state.reviewed = True
    st.rerun()


def main() -> None:
    """Draws the page."""
    st.title(t("review.title"), anchor=False)
    if not person().reviews:
        st.warning(t("app.not_allowed"))
        return
    if st.session_state.pop("reviewed", False):
        st.success(t("review.done"))
    try:
        waiting = Reviews(records()).queue(person(), assistant().index().sources)
    except RecordsError:
        st.error(t("app.no_records"))
        return
    except LeidraadError:
        st.info(t("bronnen.no_index"))
        return
    if not waiting:
        st.info(t("review.empty"))
        return
    st.write(t("review.waiting", count=len(waiting)))
    for review in waiting[:10]:
        _show(review)


main()
