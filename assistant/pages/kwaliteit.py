"""Kwaliteit: is the assistant right, did it get better, and what do colleagues miss?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import streamlit as st

from assistant import charts
from assistant.errors import RecordsError
from assistant.export import DOCX_TYPE, Paper, to_docx
from assistant.feedback import Feedback, FeedbackBox
from assistant.known import add_known, suggestions
from assistant.models import Evidence, Status
from assistant.pages.shared import assistant, escaped, person, records
from assistant.quality import (
    Group,
    Mark,
    Marks,
    Refused,
    SourceUse,
    State,
    gaps,
    inbox,
    source_use,
    waiting_reviews,
)
from assistant.quality_report import (
    MEASURES,
    SETS,
    STATES,
    body,
    main_figures,
    percent,
    quality_paper,
    to_html,
    to_markdown,
)
from assistant.runs import Case, Runs, RunSummary, Shown
from assistant.settings import load_settings
from assistant.status import service_status
from indexer.errors import LeidraadError

ROLE = "beleidsteam"
TABS = ("Metingen", "Meldingen", "Gaten", "Bronnen", "Verslag")
LINES = {
    "recall_at_5": "gevonden bij de eerste vijf",
    "states_facts": "alle feiten genoemd",
    "answers": "antwoordt terecht",
    "refuses": "weigert terecht",
}
REASONS = {
    "wrong": "klopt niet",
    "incomplete": "niet volledig",
    "wrong_source": "verkeerde bron",
    "outdated": "verouderd",
    "unclear": "onduidelijk",
    "not_supporting": "citaat steunt het antwoord niet",
    "wrong_place": "citaat staat ergens anders",
    "not_in_force": "bron geldt niet",
    "unreadable": "bron onleesbaar",
    "other": "anders",
}
STATUS_WORDS = {Status.ANSWERED: "antwoord", Status.REFUSED: "weigering", Status.CLARIFY: "wedervraag"}
STYLE = """<style>
.kw-meta {color: #535353; font-size: .875rem}
.kw-passage {background: #f3f5f8; color: #1b1b1b; padding: .5rem .7rem; margin: .35rem 0;
  border-left: 4px solid #d0d4da; overflow-wrap: anywhere}
.kw-passage h2, .kw-passage h3 {font-size: 1.1rem; padding: .6rem 0 .2rem}
.kw-right {border-left-color: #2a7d4f}
.kw-chart {overflow-x: auto; background: #fff}
.kw-chart img {min-width: 560px; max-width: 780px; width: 100%}
</style>"""


def _collections() -> frozenset[str] | None:
    """The collections that whoever is at the screen may read; None for all."""
    return person().collections


def _measurements(runs: Sequence[RunSummary]) -> None:
    if not runs:
        st.info("Er is nog niet gemeten. De beheerder meet met ‘leidraad eval’.", icon=":material/info:")
        return
    st.subheader("Verloop", anchor=False)
    names = [name for name in SETS if any((name, "answers") in main_figures(run) for run in runs)]
    name = st.segmented_control("Vragen", names, default=names[0], format_func=SETS.__getitem__, key="set") or names[0]
    figures = [main_figures(run) for run in runs]
    lines = {
        label: [own[name, scorer].mean if (name, scorer) in own else None for own in figures]
        for scorer, label in LINES.items()
    }
    days = [f"{run.made.created:%d-%m %H:%M}" for run in runs]
    _chart("Scores per meting", charts.over_time("Scores per meting", days, lines))
    st.dataframe(
        [
            {
                "gemeten": f"{run.made.created:%d-%m-%Y %H:%M}",
                **{
                    label: f"{own[name, scorer].mean:.0%}" if (name, scorer) in own else "–"
                    for scorer, label in LINES.items()
                },
                "index": run.made.generation,
                "bronnen": run.made.sources,
                "corpus": run.made.corpus[:8],
                "gewichten": run.made.weights[:8],
                "prompts": run.made.prompts[:8] or "–",
                "versie": run.made.version,
            }
            for run, own in reversed(list(zip(runs, figures, strict=True)))
        ],
        hide_index=True,
        key="runs",
    )
    st.subheader("Eén meting", anchor=False)
    labels = {run.id: f"{run.made.created:%d-%m-%Y %H:%M} · {run.made.generation}" for run in reversed(runs)}
    chosen = st.selectbox("Meting", list(labels), format_func=labels.__getitem__, key="run")
    _one_run(chosen, name)


def _chart(title: str, svg: str) -> None:
    """A chart as an image: Streamlit takes SVG elements out of HTML."""
    st.html(f'<div class="kw-chart" tabindex="0">{charts.as_image(svg, title)}</div>')


def _one_run(identity: str, name: str) -> None:
    run = Runs(records()).get(identity)
    if run is None:
        st.warning("Deze meting is met een andere versie van Leidraad gemaakt.")
        return
    system = run.systems[0]
    shown = {scorer: run.figure(system.name, name, scorer) for scorer in MEASURES}
    rows = {MEASURES[scorer]: {system.name: charts.Interval(f.mean, f.low, f.high)} for scorer, f in shown.items() if f}
    _chart("Scores met 95%-interval; hieronder ook als tekst", charts.intervals("Scores met 95%-interval", rows))
    st.caption(
        "De streep geeft aan waar het cijfer met 95% zekerheid ligt. Overlappen twee strepen, dan kan het toeval zijn."
    )
    with st.expander("Cijfers als tekst"):
        for scorer, figure in shown.items():
            if figure:
                st.write(f"{MEASURES[scorer]}: {percent(figure)}")
    cases = [case for case in system.cases if case.set == name]
    only = st.toggle("Alleen vragen die niet goed gingen", value=True, key="wrong")
    listed = [case for case in cases if not only or _wrong(case)]
    st.write(f"{len(listed)} van {len(cases)} vragen")
    if not listed:
        return
    case_of = {case.id: case for case in listed}
    picked = st.selectbox(
        "Vraag",
        list(case_of),
        format_func=lambda one: f"{one}: {case_of[one].question}" if name != "test" else one,
        key="case",
    )
    if picked:
        _one_case(case_of[picked])


def _wrong(case: Case) -> bool:
    return case.status is not case.expected or bool(case.missing)


def _one_case(case: Case) -> None:
    got = STATUS_WORDS[case.status] if case.status else "–"
    details = [f"verwacht: {STATUS_WORDS[case.expected]}", f"gekregen: {got}"]
    if case.right:
        details.append(f"goede passage op plaats {case.ranks[0]}" if case.ranks else "goede passage niet gevonden")
    if case.missing and case.text:
        details.append(f"niet genoemd: {'; '.join(case.missing)}")
    st.html(f'<div class="kw-meta">{escaped(" · ".join(details))}</div>')
    if not case.text:
        st.caption("Van een toetsvraag wordt het antwoord niet bewaard: niemand mag erop bijsturen.")
        return
    answer, evidence, gold = st.columns(3)
    with answer:
        st.markdown("**Antwoord**")
        st.html(f'<div class="kw-passage">{escaped(case.text)}</div>')
        _passages(case.cited)
    with evidence:
        st.markdown("**Gevonden passages**")
        _passages(case.evidence)
    with gold:
        st.markdown("**Waar het antwoord staat**")
        _passages(case.gold)
        if not case.gold:
            st.caption("Nergens: de bronnen zwijgen hierover.")


def _passages(passages: Sequence[Shown]) -> None:
    sources = assistant().index().sources
    readable = _collections()
    for one in passages:
        source = sources.get(one.source)
        if readable is not None and (source is None or source.collection not in readable):
            continue
        kind = "kw-passage kw-right" if one.right else "kw-passage"
        st.html(f'<div class="{kind}"><b>{escaped(one.place)}</b><br>{escaped(one.text)}</div>')


def _messages(groups: Sequence[Group[Feedback]], marks: dict[str, Mark]) -> None:
    waiting = waiting_reviews(records(), assistant().index().sources, _collections())
    if waiting:
        with st.expander(f"{len(waiting)} antwoorden wachten op een collega die meekijkt"):
            for one in waiting:
                st.write(f"{one.since:%d-%m-%Y}: {_plain(one.question)}")
    if not groups:
        st.info(
            "Er zijn geen meldingen. Collega’s melden iets met de duim onder een antwoord.", icon=":material/inbox:"
        )
        return
    done = st.toggle("Ook wat afgehandeld is", value=False, key="done")
    for group in groups:
        mark = marks.get(group.key, Mark(key=group.key))
        if mark.state is not State.OPEN and not done:
            continue
        with st.container(border=True, key=f"group-{group.key[:12]}"):
            st.markdown(f"**{_plain(group.question)}**")
            reasons = [REASONS.get(reason, reason) for item in group.items for reason in item.reasons]
            told = [f"{group.times} meldingen" if group.times > 1 else "1 melding", *dict.fromkeys(reasons)]
            st.html(f'<div class="kw-meta">{escaped(" · ".join([*told, STATES[mark.state]]))}</div>')
            for item in group.items:
                if item.remark:
                    st.html(f'<div class="kw-passage">{escaped(item.remark)}</div>')
            if mark.reply:
                st.caption(f"Antwoord van {_plain(mark.role)}: {_plain(mark.reply)}")
            _deal_with("inbox", group.key, group.question)


def _deal_with(tab: str, key: str, question: str) -> None:
    """The buttons of one group: close it, answer it, make it a known question."""
    own = f"{tab}-{key[:16]}"
    with st.container(horizontal=True):
        st.button(
            "Maak bekende vraag", key=f"make-{own}", on_click=_begin, args=(own, question), icon=":material/add_task:"
        )
        st.button("Afgehandeld", key=f"close-{own}", on_click=_mark, args=(key, State.CLOSED))
        with st.popover("Beantwoord"):
            reply = st.text_area("Uw antwoord, zonder namen", key=f"reply-{own}", max_chars=2000)
            st.button("Bewaar antwoord", key=f"answer-{own}", on_click=_mark, args=(key, State.ANSWERED, reply))
    if st.session_state.get("making") == own:
        _make_known(own, key, question)


def _begin(own: str, question: str) -> None:
    st.session_state.making = own
    answer = assistant().ask(question, collections=_collections())
    st.session_state.candidates = answer.evidence[:6]
    st.session_state.cited = {citation.passage_id for citation in answer.citations}


def _make_known(own: str, key: str, question: str) -> None:
    """Second click: which passages answer it. Third: keep it."""
    st.markdown("**Waar staat het antwoord?** Niets aangevinkt betekent: de bronnen zwijgen, Leidraad moet weigeren.")
    chosen: list[Evidence] = []
    sources = assistant().index().sources
    for number, evidence in enumerate(st.session_state.get("candidates", ())):
        passage = evidence.passage
        place = f"{sources[passage.source_id].title}, {passage.locator}".strip(", ")
        first = passage.id in st.session_state.cited
        if st.checkbox(_plain(place), value=first, key=f"gold-{own}-{number}", help=_plain(passage.text[:400])):
            chosen.append(evidence)
    facts = st.text_input("Wat moet het antwoord noemen? (met ; ertussen, mag leeg)", key=f"facts-{own}")
    st.button(
        "Bewaar bekende vraag",
        key=f"keep-{own}",
        type="primary",
        on_click=_keep_known,
        args=(key, question, chosen, facts),
    )


def _keep_known(key: str, question: str, chosen: Sequence[Evidence], facts: str) -> None:
    folder = load_settings().own_questions
    must = [fact.strip() for fact in facts.split(";")]
    try:
        identity = add_known(folder, question, [e.passage for e in chosen], ROLE, date.today(), must)
        Marks(records()).set(key, State.TURNED, ROLE)
    except RecordsError:
        st.session_state.told = (
            "De bekende vraag kon niet worden bewaard. Vraag de beheerder of de map te schrijven is."
        )
        return
    st.session_state.making = None
    st.session_state.told = f"Bewaard als bekende vraag {identity}. De volgende meting stelt haar."


def _mark(key: str, state: State, reply: str = "") -> None:
    try:
        Marks(records()).set(key, state, ROLE, reply)
    except RecordsError:
        st.session_state.told = "Dat kon niet worden bewaard. Probeer het opnieuw."


def _gaps(groups: Sequence[Group[Refused]]) -> None:
    st.write("Vragen die Leidraad weigerde, de meest gestelde eerst: hier missen bronnen, of is de vraag niet herkend.")
    if not groups:
        st.info("Er zijn geen geweigerde vragen.", icon=":material/check:")
    for group in groups[:50]:
        with st.expander(f"{group.times}× {_plain(group.question)}"):
            for item in group.items:
                st.write(f"{_plain(item.question)} ({item.times}×, laatst {item.last:%d-%m-%Y})")
            _deal_with("gap", group.key, group.question)


def _sources(use: Sequence[SourceUse]) -> None:
    never = [one for one in use if not one.times and one.holds_today]
    ageing = [one for one in use if one.ageing]
    cited, unused, old = st.columns(3)
    cited.metric("Aangehaald", sum(one.times > 0 for one in use))
    unused.metric("Nooit aangehaald", len(never))
    old.metric("Lang niet nagekeken", len(ageing))
    st.dataframe(
        [
            {
                "bron": one.title,
                "antwoorden": one.times,
                "laatst": f"{one.last:%d-%m-%Y}" if one.last else "nooit",
                "let op": "lang niet nagekeken" if one.ageing else ("geldt nu niet" if not one.holds_today else ""),
            }
            for one in use
        ],
        hide_index=True,
        key="use",
    )
    waiting = suggestions(load_settings().own_questions)
    if waiting:
        with st.expander(f"{len(waiting)} voorstellen voor bekende vragen uit nieuwe passages"):
            for entry in waiting[:40]:
                st.write(_plain(str(entry.get("question", ""))))


def _report(paper: Paper) -> None:
    st.write("Het verslag bevat de laatste meting, de meldingen, de gaten en het gebruik van de bronnen. Geen namen.")
    with st.container(horizontal=True):
        st.download_button("Word", to_docx(paper), "kwaliteit.docx", DOCX_TYPE, icon=":material/description:")
        st.download_button("Webpagina", to_html(paper), "kwaliteit.html", "text/html", icon=":material/code:")
        st.download_button("Markdown", to_markdown(paper), "kwaliteit.md", "text/markdown", icon=":material/notes:")
    st.html(f'<div class="kw-passage">{body(paper, 2)}</div>')


def _plain(text: str) -> str:
    """Text that somebody typed, where Streamlit would read Markdown."""
    for sign in "\\`*_{}[]()#+-!$:~<>|":
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())


def main() -> None:
    """Draws the page."""
    st.html(STYLE)
    st.title("Kwaliteit", anchor=False)
    st.write("Klopt wat Leidraad zegt, wordt het beter, en wat missen collega’s?")
    if told := st.session_state.pop("told", None):
        st.info(told)
    try:
        index = assistant().index()
        store = records()
        runs = Runs(store).list()
        marks = Marks(store).all()
        groups, refused = inbox(FeedbackBox(store).inbox(1_000)), gaps(store)
        state = service_status(assistant().settings, assistant().embedder)
        use = source_use(store, state.sources, index.sources, _collections())
    except LeidraadError:
        st.warning("De gegevens kunnen nu niet worden gelezen. Vraag de beheerder om ‘leidraad status’ te bekijken.")
        return
    open_ = [g for g in groups if marks.get(g.key, Mark(key=g.key)).state is State.OPEN]
    waiting = [g for g in refused if marks.get(g.key, Mark(key=g.key)).state is State.OPEN]
    counts = {"Meldingen": len(open_), "Gaten": len(waiting)}
    tabs = st.tabs([f"{tab} ({counts[tab]})" if counts.get(tab) else tab for tab in TABS])
    with tabs[0]:
        _measurements(runs)
    with tabs[1]:
        _messages(groups, marks)
    with tabs[2]:
        _gaps(waiting)
    with tabs[3]:
        _sources(use)
    with tabs[4]:
        _report(quality_paper(runs, groups, marks, refused, use, date.today()))


main()
