"""Vraag: ask, read the answer, open the passage that it rests on."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

import streamlit as st

from assistant import privacy
from assistant.models import Answer, Citation, Mode, Status, Turn
from assistant.outcomes import outcome
from assistant.pages.shared import assistant, escaped, keep, official_texts_missing, with_tooltips
from assistant.pages.streaming import follow
from assistant.reading import (
    BINDING_WORDS,
    OpenReference,
    dutch_date,
    open_citation,
    open_reference,
    paragraphs,
    references,
)
from assistant.upkeep import bring_official_texts
from indexer.errors import LeidraadError
from indexer.models import Regime

EXAMPLES = (
    "Hoeveel uur hoort bij de Z-route?",
    "Binnen hoeveel weken moet het PIP klaar zijn?",
    "Wat is de boete als mijn klant niet naar de brede intake komt?",
    "Wie beslist over een ontheffing om medische redenen?",
)
REGIME_CHOICES: dict[str, Regime | None] = {
    "Volgt uit de vraag": None,
    "Wet inburgering 2021": Regime.WI2021,
    "Oude wet (Wi2013)": Regime.WI2013,
}
REGIME_NAMES = {Regime.WI2021: "Wet inburgering 2021", Regime.WI2013: "oude wet (Wi2013)"}
MODE_NAMES = {
    Mode.EXTRACTIVE: "zinnen uit de bronnen zelf",
    Mode.GENERATIVE: "taalmodel, citaten gecontroleerd",
}
STYLE = """<style>
.leidraad-label {font-weight: 600; margin: .6rem 0 .2rem}
.leidraad-claim {margin: .25rem 0; line-height: 1.55}
.leidraad-claim sup {color: #154273; font-weight: 600}
.leidraad-claim abbr {text-decoration: underline dotted; cursor: help}
.leidraad-meta {color: #535353; font-size: .875rem}
.leidraad-passage p {line-height: 1.6; margin: .4rem 0}
@media (min-width: 641px) {
  div[data-testid="stColumn"]:has(.leidraad-passage) {position: sticky; top: 4rem; align-self: flex-start;
    max-height: calc(100vh - 12rem); overflow-y: auto}
}
.leidraad-passage mark {background: #ffe99a; color: #1b1b1b; padding: .05rem 0}
</style>"""


def _state() -> Any:
    state = st.session_state
    state.setdefault("conversation_id", uuid.uuid4().hex)
    state.setdefault("answers", [])
    state.setdefault("opened", None)
    state.setdefault("back", [])
    state.setdefault("pending", None)
    state.setdefault("firsts", {})
    state.setdefault("originals", {})
    return state


def _open(citation: Citation) -> None:
    st.session_state.update(opened=citation, back=[])


def _open_reference(reference: OpenReference, before: Citation) -> None:
    found = open_reference(assistant().index(), reference)
    if found is not None:
        st.session_state.back.append(before)
        st.session_state.opened = found


def _go_back() -> None:
    st.session_state.opened = st.session_state.back.pop()


def _new_conversation() -> None:
    st.session_state.update(conversation_id=uuid.uuid4().hex, answers=[], opened=None, back=[], pending=None)
    st.session_state.update(firsts={}, originals={})


def _choose_example(question: str) -> None:
    st.session_state.pending = question


def _show_answer(number: int, answer: Answer) -> None:
    with st.chat_message("user", avatar=":material/person:"):
        st.html(f'<div class="leidraad-claim">{escaped(_own(number, answer.question))}</div>')
    with st.chat_message("assistant", avatar=":material/explore:"):
        _show_body(number, answer)
        if number in _state().firsts:
            other = "het taalmodel" if answer.mode is Mode.EXTRACTIVE else "alleen de bronnen"
            st.button(f"Toon het antwoord van {other}", key=f"swap-{number}", on_click=_swap, args=(number,))


def _own(number: int, text: str) -> str:
    """Text with what this person typed in the place of the marks; seen here, never kept."""
    return privacy.restored(text, _state().originals.get(number, {}))


def _show_body(number: int, answer: Answer) -> None:
    if answer.standalone_question not in (answer.question, ""):
        st.html(f'<div class="leidraad-meta">Begrepen als: {escaped(answer.standalone_question)}</div>')
    if answer.status is Status.ANSWERED:
        label = ""
        pieces = []
        explained: set[str] = set()
        for claim in answer.claims:
            if claim.label != label:
                label = claim.label
                pieces.append(f'<div class="leidraad-label">{escaped(label)}</div>')
            marks = "".join(f"<sup>[{n}]</sup>" for n in claim.citations)
            pieces.append(
                f'<div class="leidraad-claim">{with_tooltips(_own(number, claim.text), explained)} {marks}</div>'
            )
        st.html("".join(pieces))
        sentence = outcome(answer.outcome).sentence(answer.language)
        if sentence:
            st.info(sentence, icon=":material/info:")
        _show_citations(number, answer)
    else:
        st.html(f'<div class="leidraad-claim">{escaped(answer.text)}</div>')
        _show_near_misses(answer)
    _show_meta(answer)


def _show_citations(number: int, answer: Answer) -> None:
    with st.container(horizontal=True, key=f"citations-{number}"):
        for citation in answer.citations:
            place = citation.locator if citation.locator.startswith(("artikel", "p. ")) else ""
            short = f"{citation.title}, {place}" if place else citation.title
            short += f" · {BINDING_WORDS[citation.binding]}"
            st.button(
                f"[{citation.number}] {_plain(short)}",
                key=f"cite-{number}-{citation.number}",
                on_click=_open,
                args=(citation,),
                help="Open de bron",
            )


def _plain(text: str) -> str:
    """Text for a label, where Streamlit would read Markdown."""
    for sign in "\\`*_{}[]()#+-!$:~<>|":
        text = text.replace(sign, f"\\{sign}")
    return text


def _show_near_misses(answer: Answer) -> None:
    if answer.status is not Status.REFUSED or not answer.evidence:
        return
    lines = []
    for evidence in answer.evidence[:3]:
        place = evidence.passage.context.splitlines()[0] if evidence.passage.context else evidence.passage.locator
        lines.append(f"<li>{escaped(place)}</li>")
    st.html(f'<div class="leidraad-meta">Misschien bedoelt u:<ul>{"".join(lines)}</ul></div>')


def _show_meta(answer: Answer) -> None:
    parts = []
    if answer.status is Status.ANSWERED:
        parts.append(f"Antwoord: {MODE_NAMES[answer.mode]}")
        if answer.regime:
            parts.append(f"geldt voor: {REGIME_NAMES[answer.regime]}")
        parts.append(f"peildatum {dutch_date(answer.as_of)}")
        if any(c.binding.value == "guidance" for c in answer.citations):
            parts.append("uitleg is geen wet: kijk bij twijfel in het artikel")
    if answer.masked:
        parts.append(f"verborgen: {', '.join(answer.masked)}")
    for warning in answer.warnings if answer.status is Status.ANSWERED else ():
        st.html(f'<div class="leidraad-meta">{escaped(warning)}</div>')
    if parts:
        st.html(f'<div class="leidraad-meta">{escaped(" · ".join(parts))}</div>')


def _show_source(citation: Citation) -> None:
    st.subheader("Bron", anchor=False)
    try:
        opened = open_citation(assistant().index(), citation, date.today())
    except (KeyError, LeidraadError):
        st.warning("Deze bron staat niet meer in de index. Stel uw vraag opnieuw.")
        return
    details = " · ".join(part for part in (opened.locator, opened.binding, opened.version) if part)
    body = "".join(f"<p>{escaped(part)}</p>" for part in paragraphs(opened.before))
    quote = "<br>".join(f"<mark>{escaped(part)}</mark>" for part in paragraphs(opened.quote))
    after = "".join(f"<p>{escaped(part)}</p>" for part in paragraphs(opened.after))
    st.html(
        f'<div class="leidraad-label">{escaped(opened.title)}</div>'
        f'<div class="leidraad-meta">{escaped(details)}</div>'
        f'<div class="leidraad-passage" id="bronpassage">{body}<p>{quote}</p>{after}</div>'
    )
    if not opened.complete:
        st.caption("U ziet een deel van de bron.")
    if opened.url:
        label = "Lees de officiële tekst" if citation.kind.value == "law" else "Open de bron"
        st.link_button(label, opened.url, icon=":material/open_in_new:")
    found = references(assistant().index(), citation, opened.before + opened.quote + opened.after)
    if found:
        st.html('<div class="leidraad-meta">Deze tekst verwijst naar:</div>')
        with st.container(horizontal=True, key="references"):
            for reference in found:
                st.button(
                    reference.label[0].upper() + reference.label[1:],
                    key=f"reference-{reference.source_id}-{reference.article}",
                    on_click=_open_reference,
                    args=(reference, citation),
                )
    if st.session_state.back:
        st.button("Terug naar de vorige bron", on_click=_go_back, icon=":material/arrow_back:")
    st.button("Sluit de bron", on_click=lambda: st.session_state.update(opened=None))


def _ask(question: str, regime: Regime | None, day: date | None, place: Any) -> None:
    state = _state()
    with place, st.chat_message("assistant", avatar=":material/explore:"):
        progress = st.empty()
        conversation = [Turn(question=a.question, answer=a.text) for a in state.answers]
        state.originals[len(state.answers)] = privacy.originals(question)
        stream = assistant().ask_stream(question, conversation, as_of=day, regime=regime)
        try:
            answer, first = follow(stream, progress)
        except BaseException:
            # The reader pressed stop, and Streamlit ends this script: what is verified by now is the answer.
            _add(stream.finish())
            raise
        progress.empty()
    _add(answer, first)
    st.rerun()


def _add(answer: Answer, first: Answer | None = None) -> None:
    """Keeps an answer, and the one from the sources that was shown before it."""
    state = _state()
    if first is not None and answer.mode is Mode.GENERATIVE:
        state.firsts[len(state.answers)] = first
    state.answers.append(answer)
    keep(answer, state.conversation_id)
    state.opened, state.back = answer.citations[0] if answer.citations else None, []


def _swap(number: int) -> None:
    """Puts the other answer, of the model or of the sources, in the place of the one that is shown."""
    state = _state()
    state.answers[number], state.firsts[number] = state.firsts[number], state.answers[number]


def _start_screen() -> None:
    st.title("Waar kan ik u mee helpen?", anchor=False)
    st.write(
        "Stel een vraag over inburgering, participatie of werk en leren voor statushouders. "
        "U krijgt alleen antwoord uit de bronnen, met het citaat erbij. Noem geen namen of nummers van klanten."
    )
    for number, example in enumerate(EXAMPLES):
        st.button(example, key=f"example-{number}", on_click=_choose_example, args=(example,))
    _offer_official_texts()


def _offer_official_texts() -> None:
    """Says which laws are named but not indexed, and fetches them at one click."""
    missing = official_texts_missing()
    for sentence in st.session_state.pop("brought", ()):
        st.info(sentence)
    if not missing:
        return
    st.info(
        f"Deze officiële teksten zijn nog niet ingelezen: {', '.join(missing)}. Antwoorden daarover rusten op uitleg, "
        "niet op de wet zelf.",
        icon=":material/info:",
    )
    if st.button("Haal de officiële teksten op", icon=":material/download:"):
        bar = st.progress(0.0, "Ophalen …")
        st.session_state.brought = bring_official_texts(
            assistant().settings, assistant().embedder, lambda what, share: bar.progress(share, what)
        )
        st.rerun()


def main() -> None:
    """Draws the page."""
    st.html(STYLE)
    state = _state()
    with st.sidebar:
        choice = st.selectbox("Welke wet geldt?", list(REGIME_CHOICES), help="Alleen nodig als u het al weet.")
        other_day = st.date_input("Peildatum", value=None, format="DD-MM-YYYY", help="Leeg: vandaag.")
        st.button("Nieuw gesprek", on_click=_new_conversation, icon=":material/add:")
    left, right = st.columns([3, 2], gap="large")
    with left:
        history = st.container()
        place = st.container()
    with history:
        if not state.answers and not state.pending:
            _start_screen()
        for number, answer in enumerate(state.answers):
            _show_answer(number, answer)
    if state.opened:
        with right:
            _show_source(state.opened)
    typed = st.chat_input("Stel uw vraag …", submit_mode="stop", max_chars=2000, key="question")
    question = typed or state.pending
    if question:
        state.pending = None
        with place, st.chat_message("user", avatar=":material/person:"):
            st.html(f'<div class="leidraad-claim">{escaped(str(question))}</div>')
        day = other_day if isinstance(other_day, date) else None
        _ask(str(question), REGIME_CHOICES[choice], day, place)


main()
