"""One answer as a person reads it: its sentences with their citations, what goes with it, what can be done with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial as bound

import streamlit as st

from assistant import privacy
from assistant.copy_text import as_paper, as_text, cited_place
from assistant.export import DOCX_TYPE, PDF_TYPE, file_name, to_docx, to_pdf
from assistant.feedback import REASONS, FeedbackBox, Feeling
from assistant.models import Answer, Mode, Status
from assistant.outcomes import outcome
from assistant.pages.parts.conversations import state
from assistant.pages.parts.source import open_source
from assistant.pages.shared import (
    assistant,
    escaped,
    language,
    person,
    plain,
    records,
    t,
    with_tooltips,
)
from assistant.reading import dutch_date
from assistant.reviews import Review, Reviews, ReviewState
from assistant.terms_dates import find_terms, term_end
from indexer.models import Kind


def show_answer(number: int, answer: Answer, kept: str | None, review: Review | None, checked: Review | None) -> None:
    """Draws a question and its answer. `kept` is the id the answer is kept under, `review` what a colleague says of it,
    `checked` an earlier answer to the same question that a colleague checked."""
    with st.chat_message("user", avatar=":material/person:"):
        st.html(f'<div class="leidraad-claim">{escaped(_own(number, answer.question))}</div>')
    with st.chat_message("assistant", avatar=":material/explore:"):
        if checked is not None and (review is None or checked.id != review.id):
            _show_checked(number, checked)
            st.html(f'<div class="leidraad-label">{t("review.fresh")}</div>')
        _show_body(number, answer, kept)
        if number in state().firsts:
            key = "coming.other_model" if answer.mode is Mode.EXTRACTIVE else "coming.other_sources"
            st.button(t(key), key=f"swap-{number}", on_click=_swap, args=(number,))
        _show_review(number, review)
        _show_actions(number, answer, kept, review)


def _show_body(number: int, answer: Answer, kept: str | None) -> None:
    if answer.standalone_question not in (answer.question, ""):
        understood = t("answer.understood", question=answer.standalone_question)
        st.html(f'<div class="leidraad-meta">{escaped(understood)}</div>')
    if answer.status is Status.ANSWERED:
        st.html(claims_html(answer, state().originals.get(number)))
        sentence = outcome(answer.outcome).sentence(answer.language)
        if sentence:
            st.info(sentence, icon=":material/info:")
        _show_citations(number, answer, kept)
    else:
        st.html(f'<div class="leidraad-claim">{escaped(answer.text)}</div>')
        _show_choices(number, answer)
        _show_near_misses(answer)
    _show_meta(answer)


def _own(number: int, text: str) -> str:
    """Text with what this person typed in the place of the marks; seen here, never kept."""
    return privacy.restored(text, state().originals.get(number, {}))


def _swap(number: int) -> None:
    """Puts the other answer, of the model or of the sources, in the place of the one that is shown."""
    page = state()
    page.answers[number], page.firsts[number] = page.firsts[number], page.answers[number]


def claims_html(answer: Answer, behind: Mapping[str, str] | None = None) -> str:
    """The sentences under their labels, with citation numbers and the field's terms explained, as harmless HTML.

    `behind` tells what stood where something is masked, for who typed it.
    """
    label = ""
    pieces = []
    explained: set[str] = set()
    for claim in answer.claims:
        if claim.label != label:
            label = claim.label
            pieces.append(f'<div class="leidraad-label">{escaped(label)}</div>')
        marks = "".join(f"<sup>[{n}]</sup>" for n in claim.citations)
        said = with_tooltips(privacy.restored(claim.text, behind or {}), explained)
        pieces.append(f'<div class="leidraad-claim">{said} {marks}</div>')
    return "".join(pieces)


def _show_citations(number: int | str, answer: Answer, kept: str | None) -> None:
    with st.container(horizontal=True, key=f"citations-{number}"):
        for citation in answer.citations:
            place = citation.locator if citation.locator.startswith(("artikel", "p. ")) else ""
            short = f"{citation.title}, {place}" if place else citation.title
            short += f" · {t(f'binding.{citation.binding.value}')}"
            st.button(
                f"[{citation.number}] {plain(short)}",
                key=f"cite-{number}-{citation.number}",
                on_click=open_source,
                args=(citation, kept),
                help=t("answer.open"),
            )


def _show_choices(number: int, answer: Answer) -> None:
    """A button for each choice of a question back; pressing one asks the completed question."""
    if not answer.choices:
        return
    with st.container(horizontal=True, key=f"choices-{number}"):
        for place, choice in enumerate(answer.choices):
            key = f"choice-{number}-{place}"
            st.button(plain(choice.label), key=key, on_click=_choose, args=(choice.question,), help=choice.question)


def _choose(question: str) -> None:
    st.session_state.pending = question


def _show_near_misses(answer: Answer) -> None:
    if answer.status is not Status.REFUSED or not answer.evidence:
        return
    lines = []
    for evidence in answer.evidence[:3]:
        place = evidence.passage.context.splitlines()[0] if evidence.passage.context else evidence.passage.locator
        lines.append(f"<li>{escaped(place)}</li>")
    st.html(f'<div class="leidraad-meta">{t("answer.maybe")}<ul>{"".join(lines)}</ul></div>')


def _show_meta(answer: Answer) -> None:
    parts = []
    if answer.status is Status.ANSWERED:
        parts.append(t("answer.made", mode=t(f"answer.{answer.mode.value}")))
        if answer.regime:
            parts.append(t("answer.holds_for", regime=t(f"vraag.{answer.regime.value}")))
        parts.append(t("answer.as_of", day=dutch_date(answer.as_of)))
        if any(c.binding.value == "guidance" for c in answer.citations):
            parts.append(t("answer.guidance"))
    if answer.masked:
        parts.append(t("answer.masked", kinds=", ".join(answer.masked)))
    for warning in answer.warnings if answer.status is Status.ANSWERED else ():
        st.html(f'<div class="leidraad-meta">{escaped(warning)}</div>')
    if parts:
        st.html(f'<div class="leidraad-meta">{escaped(" · ".join(parts))}</div>')


def _show_checked(number: int, review: Review) -> None:
    """An earlier answer that a colleague checked, offered before the new one."""
    st.info(t("review.again"), icon=":material/verified:")
    if review.state is ReviewState.CONFIRMED:
        st.html(claims_html(review.answer))
    _show_review(f"checked-{number}", review)
    if review.state is ReviewState.CONFIRMED:
        _show_citations(f"checked-{number}", review.answer, review.answer_id)


def _show_review(number: int | str, review: Review | None) -> None:
    """What a colleague says of an answer; a correction with the sources it rests on."""
    if review is None:
        return
    if review.state is ReviewState.OPEN or review.decided is None:
        st.warning(t("review.open"), icon=":material/hourglass_empty:")
        return
    role = t(f"role.{review.role.value}") if review.role else ""
    said = t(f"review.{review.state.value}", day=dutch_date(review.decided.date()), role=role)
    if review.state is ReviewState.CONFIRMED:
        st.success(said, icon=":material/verified:")
        return
    st.html(f'<div class="leidraad-label">{said}</div><div class="leidraad-claim">{escaped(review.note)}</div>')
    if review.citations:
        shown = review.answer.model_copy(update={"citations": review.citations})
        _show_citations(f"review-{number}", shown, None)


def _show_actions(number: int, answer: Answer, kept: str | None, review: Review | None) -> None:
    """The buttons under an answer; the one that was pressed opens its panel."""
    names = ["copy"]
    if answer.status is Status.ANSWERED:
        if any(find_terms(citation.quote) for citation in answer.citations):
            names.append("term")
        if kept and review is None:
            names.append("review")
    if kept:
        names.append("feedback")
    with st.container(horizontal=True, key=f"actions-{number}"):
        for name in names:
            st.button(
                t(f"answer.{name}"), key=f"{name}-{number}", type="tertiary", on_click=_toggle, args=(number, name)
            )
    panel = st.session_state.get("panel")
    if panel and panel[0] == number and panel[1] in names:
        with st.container(border=True, key=f"panel-{number}"):
            _PANELS[panel[1]](answer, kept)


def _toggle(number: int, name: str) -> None:
    panel = (number, name)
    st.session_state.panel = None if st.session_state.get("panel") == panel else panel


def _copy_panel(answer: Answer, kept: str | None) -> None:  # noqa: ARG001 — every panel takes the same
    st.caption(t("answer.copy_long"))
    st.code(as_text(answer, date.today(), language()), language=None, wrap_lines=True)
    paper = as_paper(answer, date.today(), language())
    with st.container(horizontal=True):
        for label, make, ending, kind in (("word", to_docx, "docx", DOCX_TYPE), ("pdf", to_pdf, "pdf", PDF_TYPE)):
            name = file_name(answer.question, ending)
            st.download_button(
                t(f"answer.{label}"), bound(make, paper), name, kind, icon=":material/download:", on_click="ignore"
            )


def _term_panel(answer: Answer, kept: str | None) -> None:  # noqa: ARG001
    # The article itself goes before explanation of it.
    cited = sorted(answer.citations, key=lambda citation: citation.kind is not Kind.LAW)
    choices = [(citation, term) for citation in cited for term in find_terms(citation.quote)]
    citation, term = st.selectbox(
        t("term.rests"), choices, format_func=lambda choice: f"{choice[1].words} [{choice[0].number}]"
    )
    start = st.date_input(t("term.start"), value=date.today(), format="DD-MM-YYYY", min_value=date(2000, 1, 1))
    if not isinstance(start, date):
        return
    try:
        end = term_end(start, term)
    except OverflowError:
        st.warning(t("term.too_far"))
        return
    said = [t("term.end", words=term.words, start=dutch_date(start), end=dutch_date(end.counted))]
    if end.moved:
        said.append(t("term.moved", end=dutch_date(end.last)))
    st.html("".join(f'<div class="leidraad-claim">{escaped(line)}</div>' for line in said))
    st.caption(t("term.from", place=plain(cited_place(citation, language()))))


def _feedback_panel(answer: Answer, kept: str | None) -> None:  # noqa: ARG001
    if kept is None:
        return
    box = FeedbackBox(records())
    given = box.given(kept, person().id)
    with st.form(f"feedback-{kept}", border=False):
        feelings = [Feeling.UP, Feeling.DOWN]
        feeling = st.radio(
            t("answer.feedback"),
            feelings,
            index=feelings.index(given) if given else 0,
            format_func=lambda f: t(f"feedback.{f.value}"),
            horizontal=True,
        )
        reasons = st.multiselect(
            t("feedback.reasons"),
            REASONS,
            format_func=lambda reason: t(f"feedback.{reason}"),
            placeholder=t("app.choose"),
            select_all=False,
        )
        remark = st.text_area(t("feedback.remark"), max_chars=1_000)
        if st.form_submit_button(t("feedback.send")):
            box.give(kept, person().id, feeling, reasons, remark)
            st.success(t("feedback.thanks"))


def _review_panel(answer: Answer, kept: str | None) -> None:
    st.caption(t("review.explain"))
    if st.button(t("review.ask"), icon=":material/group:") and kept:
        Reviews(records()).ask(kept, answer, person(), assistant().index().sources)
        st.session_state.panel = None
        st.rerun()


_PANELS = {"copy": _copy_panel, "term": _term_panel, "feedback": _feedback_panel, "review": _review_panel}
