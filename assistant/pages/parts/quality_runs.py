"""The runs of the known questions: their course, one run with its intervals, and single questions."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from assistant import charts
from assistant.pages.shared import assistant, escaped, person, records, t
from assistant.quality_report import MEASURES, main_figures
from assistant.runs import Case, Figure, Runs, RunSummary, Shown

LINES = ("recall_at_5", "states_facts", "answers", "refuses")
"""The scorers whose course is drawn."""


def show_runs(runs: Sequence[RunSummary]) -> None:
    if not runs:
        st.info(t("quality.no_runs"), icon=":material/info:")
        return
    st.subheader(t("quality.course"), anchor=False)
    names = [name for name in ("dev", "test") if any((name, "answers") in main_figures(run) for run in runs)]
    name = (
        st.segmented_control(
            t("quality.questions"), names, default=names[0], format_func=lambda one: t(f"quality.{one}"), key="set"
        )
        or names[0]
    )
    figures = [main_figures(run) for run in runs]
    lines = {
        t(f"quality.short_{scorer}"): [own[name, scorer].mean if (name, scorer) in own else None for own in figures]
        for scorer in LINES
    }
    days = [f"{run.made.created:%d-%m %H:%M}" for run in runs]
    _chart(t("quality.per_run"), charts.over_time(t("quality.per_run"), days, lines))
    st.dataframe(
        [
            {
                t("quality.measured"): f"{run.made.created:%d-%m-%Y %H:%M}",
                **{
                    t(f"quality.short_{scorer}"): f"{own[name, scorer].mean:.0%}" if (name, scorer) in own else "–"
                    for scorer in LINES
                },
                "index": run.made.generation,
                t("quality.sources"): run.made.sources,
                "corpus": run.made.corpus[:8],
                t("quality.weights"): run.made.weights[:8],
                "prompts": run.made.prompts[:8] or "–",
                t("quality.version"): run.made.version,
            }
            for run, own in reversed(list(zip(runs, figures, strict=True)))
        ],
        hide_index=True,
        key="runs",
    )
    st.subheader(t("quality.one_run"), anchor=False)
    labels = {run.id: f"{run.made.created:%d-%m-%Y %H:%M} · {run.made.generation}" for run in reversed(runs)}
    chosen = st.selectbox(t("quality.run"), list(labels), format_func=labels.__getitem__, key="run")
    _one_run(chosen, name)


def _chart(title: str, svg: str) -> None:
    """A chart as an image: Streamlit takes SVG elements out of HTML."""
    st.html(f'<div class="kw-chart" tabindex="0">{charts.as_image(svg, title)}</div>')


def _one_run(identity: str, name: str) -> None:
    run = Runs(records()).get(identity)
    if run is None:
        st.warning(t("quality.other_version"))
        return
    system = run.systems[0]
    shown = {scorer: run.figure(system.name, name, scorer) for scorer in MEASURES}
    rows = {
        t(f"measure.{scorer}"): {system.name: charts.Interval(f.mean, f.low, f.high)}
        for scorer, f in shown.items()
        if f
    }
    _chart(t("quality.intervals_alt"), charts.intervals(t("quality.intervals"), rows))
    st.caption(t("quality.intervals_explained"))
    with st.expander(t("quality.as_text")):
        for scorer, figure in shown.items():
            if figure:
                st.write(f"{t(f'measure.{scorer}')}: {_percent(figure)}")
    cases = [case for case in system.cases if case.set == name]
    only = st.toggle(t("quality.only_wrong"), value=True, key="wrong")
    listed = [case for case in cases if not only or _wrong(case)]
    st.write(t("quality.count_of", count=len(listed), total=len(cases)))
    if not listed:
        return
    case_of = {case.id: case for case in listed}
    picked = st.selectbox(
        t("quality.question"),
        list(case_of),
        format_func=lambda one: f"{one}: {case_of[one].question}" if name != "test" else one,
        key="case",
    )
    if picked:
        _one_case(case_of[picked])


def _wrong(case: Case) -> bool:
    return case.status is not case.expected or bool(case.missing)


def _one_case(case: Case) -> None:
    got = t(f"quality.{case.status.value}") if case.status else "–"
    details = [t("quality.expected", status=t(f"quality.{case.expected.value}")), t("quality.got", status=got)]
    if case.right:
        details.append(t("quality.rank", rank=case.ranks[0]) if case.ranks else t("quality.not_found"))
    if case.missing and case.text:
        details.append(t("quality.missing", facts="; ".join(case.missing)))
    st.html(f'<div class="kw-meta">{escaped(" · ".join(details))}</div>')
    if not case.text:
        st.caption(t("quality.test_hidden"))
        return
    answer, evidence, gold = st.columns(3)
    with answer:
        st.markdown(f"**{t('quality.answer')}**")
        st.html(f'<div class="kw-passage">{escaped(case.text)}</div>')
        _passages(case.cited)
    with evidence:
        st.markdown(f"**{t('quality.evidence')}**")
        _passages(case.evidence)
    with gold:
        st.markdown(f"**{t('quality.gold')}**")
        _passages(case.gold)
        if not case.gold:
            st.caption(t("quality.nowhere"))


def _passages(passages: Sequence[Shown]) -> None:
    sources = assistant().index().sources
    readable = person().collections
    for one in passages:
        source = sources.get(one.source)
        if readable is not None and (source is None or source.collection not in readable):
            continue
        kind = "kw-passage kw-right" if one.right else "kw-passage"
        st.html(f'<div class="{kind}"><b>{escaped(one.place)}</b><br>{escaped(one.text)}</div>')


def _percent(figure: Figure) -> str:
    return t(
        "quality.percent", mean=f"{figure.mean:.0%}", low=f"{figure.low * 100:.0f}", high=f"{figure.high:.0%}",
        count=figure.n,
    )  # fmt: skip
