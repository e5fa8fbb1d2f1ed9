"""Afwegen: the criteria with their questions and passages, the professional's own words, and a note to keep."""

from __future__ import annotations

from datetime import date

import streamlit as st

from assistant.errors import ContentError
from assistant.export import PaperSource
from assistant.pages.parts.keeping import remember, restore
from assistant.pages.parts.passages import PLAY_STYLE, cited, listed, offer_paper, opened, show_places
from assistant.pages.shared import assistant, escaped, t
from assistant.places import Place
from assistant.privacy import mask
from assistant.reading import dutch_date
from assistant.settings import load_settings
from assistant.weighing import (
    Consideration,
    Criterion,
    Note,
    draft,
    load_criteria,
    note_paper,
    read_draft,
)
from indexer.errors import LeidraadError

_FIELDS = ("text", "weighs_for", "weighs_against")
_LEARN = "learn-technische-aanbevelingen"


def _mask(key: str) -> None:
    """Masks personal data as soon as it is typed, so that this session holds none, and remembers what was masked."""
    masked = mask(str(st.session_state[key]))
    st.session_state[key] = masked.text
    if masked.kinds:
        st.session_state[f"masked {key}"] = masked.kinds
    else:
        st.session_state.pop(f"masked {key}", None)


def _area(label: str, key: str, *, height: int = 100) -> str:
    text = st.text_area(label, key=key, on_change=_mask, args=(key,), height=height, max_chars=4000)
    _say_masked(key)
    return text


def _line(label: str, key: str, *, most: int, hint: str) -> str:
    text = st.text_input(label, key=key, on_change=_mask, args=(key,), max_chars=most, help=hint)
    _say_masked(key)
    return text


def _say_masked(key: str) -> None:
    kinds = st.session_state.get(f"masked {key}")
    if kinds:
        st.info(t("weigh.masked", kinds=", ".join(kinds)), icon=":material/lock:")


def _consideration(criterion: Criterion) -> Consideration:
    key = f"weigh-{criterion.id}"
    with st.expander(criterion.title, icon=":material/balance:"):
        st.html(
            f'<div class="leidraad-text"><p>{escaped(criterion.about)}</p><strong>'
            f"{escaped(t('weigh.questions'))}</strong>"
            f"{listed(criterion.questions)}</div>"
        )
        show_places(criterion.based_on, heading=t("weigh.sources_say"))
        aside = st.checkbox(t("weigh.aside"), key=f"{key}-aside")
        texts = {name: _area(t(f"weigh.{name}"), f"{key}-{name}") for name in _FIELDS} if not aside else {}
        names = {place: _name(place) for place in criterion.based_on}
        used = st.multiselect(
            t("weigh.used"), list(names), format_func=lambda place: names[place],
            key=f"{key}-used", disabled=aside, placeholder=t("weigh.used_hint"), select_all=False,
        )  # fmt: skip
    return Consideration(criterion=criterion.id, not_relevant=aside, used=tuple(used), **texts)


def _name(place: Place) -> str:
    found = opened(place)
    return found.named if found else str(place)


def _cite(place: Place) -> PaperSource:
    if place.source == _LEARN and opened(place) is None:
        return PaperSource(text=f"LEARN, Technische aanbevelingen, p. {place.page}")
    return cited(place)


def _take_up(criteria: tuple[Criterion, ...]) -> None:
    """Puts a draft into the form."""
    state = st.session_state
    file = state.get("draft-file")
    if file is None:
        return
    try:
        note = read_draft(file.getvalue())
    except ContentError as error:
        state["draft-problem"] = str(error)
        return
    state.update({"weigh-subject": note.subject, "weigh-author": note.author, "weigh-conclusion": note.conclusion})
    known = {criterion.id: criterion for criterion in criteria}
    for consideration in note.considerations:
        if consideration.criterion not in known:
            continue
        key = f"weigh-{consideration.criterion}"
        state[f"{key}-aside"] = consideration.not_relevant
        state[f"{key}-used"] = [p for p in consideration.used if p in known[consideration.criterion].based_on]
        for name in _FIELDS:
            state[f"{key}-{name}"] = getattr(consideration, name)


def _generation() -> str:
    try:
        return assistant().index().name
    except LeidraadError:
        return ""


def _note(note: Note, criteria: tuple[Criterion, ...]) -> None:
    """The note as it will stand on paper, with the buttons to take it along."""
    quotes = {place: found.text for c in criteria for place in c.based_on if (found := opened(place))}
    paper = note_paper(note, criteria, dutch_date(date.today()), _cite, quotes, _generation())
    st.header(t("weigh.note"), anchor=False)
    with st.container(border=True, key="note"):
        st.subheader(paper.title, anchor=False)
        st.caption(" · ".join(paper.meta))
        for section in paper.sections:
            body = "".join(f"<p>{escaped(text)}</p>" for text in section.paragraphs)
            items = listed(section.items) if section.items else ""
            st.html(f'<div class="leidraad-text"><strong>{escaped(section.heading)}</strong>{body}{items}</div>')
        st.html(
            f'<div class="leidraad-text"><strong>{escaped(t("weigh.sources"))}</strong>'
            f"{listed(f'[{n}] {source.text}' for n, source in enumerate(paper.sources, start=1))}</div>"
        )
    offer_paper(paper, "note")


def main() -> None:
    """Draws the page."""
    st.html(PLAY_STYLE)
    restore("weigh-")
    shelf = load_criteria(load_settings())
    criteria = shelf.criteria
    st.title(t("app.afwegen"), anchor=False)
    st.write(t("weigh.intro"))
    for sentence in shelf.wrong:
        st.warning(sentence, icon=":material/error:")
    with st.expander(t("weigh.go_on"), icon=":material/upload_file:"):
        st.file_uploader(
            t("weigh.file"), type=["yaml"], key="draft-file", on_change=_take_up,
            args=(criteria,),
        )  # fmt: skip
    problem = st.session_state.pop("draft-problem", None)
    if problem:
        st.error(problem, icon=":material/error:")
    subject = _line(t("weigh.subject"), "weigh-subject", most=300, hint=t("weigh.subject_help"))  # fmt: skip
    author = _line(t("weigh.author"), "weigh-author", most=200, hint=t("weigh.author_help"))
    considerations = tuple(_consideration(criterion) for criterion in criteria)
    done = sum(consideration.filled for consideration in considerations)
    st.progress(done / len(criteria) if criteria else 0.0, t("weigh.done", done=done, total=len(criteria)))
    conclusion = _area(t("weigh.conclusion"), "weigh-conclusion", height=140)
    remember("weigh-")
    note = Note(subject=subject, author=author, considerations=considerations, conclusion=conclusion)
    with st.container(horizontal=True, key="note-buttons"):
        if st.button(t("weigh.make"), type="primary", icon=":material/description:", disabled=not done):
            st.session_state["note-shown"] = True
        st.download_button(
            t("weigh.keep"), draft(note), "afweging-concept.yaml", "application/yaml", on_click="ignore",
            icon=":material/save:", help=t("weigh.keep_help"),
        )  # fmt: skip
    if st.session_state.get("note-shown") and done:
        _note(note, criteria)


main()
