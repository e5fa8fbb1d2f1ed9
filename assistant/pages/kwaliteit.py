"""Kwaliteit: is the assistant right, did it get better, and what do colleagues miss?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import streamlit as st

from assistant.export import DOCX_TYPE, Paper, to_docx
from assistant.feedback import FeedbackBox
from assistant.known import suggestions
from assistant.pages.parts.quality_remarks import show_gaps, show_remarks
from assistant.pages.parts.quality_runs import show_runs
from assistant.pages.shared import assistant, person, plain, records, t
from assistant.quality import Mark, Marks, SourceUse, State, gaps, inbox, source_use
from assistant.quality_report import body, quality_paper, to_html, to_markdown
from assistant.runs import Runs
from assistant.settings import load_settings
from assistant.status import service_status
from indexer.errors import LeidraadError

TABS = ("runs_tab", "remarks_tab", "gaps_tab", "sources_tab", "report_tab")
STYLE = """<style>
.kw-meta {color: var(--leidraad-soft, #535353); font-size: .875rem}
.kw-passage {background: #f3f5f8; color: #1b1b1b; padding: .5rem .7rem; margin: .35rem 0;
  border-left: 4px solid #d0d4da; overflow-wrap: anywhere}
.kw-passage h2, .kw-passage h3 {font-size: 1.1rem; padding: .6rem 0 .2rem}
.kw-right {border-left-color: #2a7d4f}
.kw-chart {overflow-x: auto; background: #fff}
.kw-chart img {min-width: 560px; max-width: 920px; width: 100%}
</style>"""


def _sources(use: Sequence[SourceUse]) -> None:
    never = [one for one in use if not one.times and one.holds_today]
    ageing = [one for one in use if one.ageing]
    cited, unused, old = st.columns(3)
    cited.metric(t("quality.cited"), sum(one.times > 0 for one in use))
    unused.metric(t("quality.never_cited"), len(never))
    old.metric(t("quality.ageing"), len(ageing))
    st.dataframe(
        [
            {
                t("quality.source"): one.title,
                t("quality.answers"): one.times,
                t("quality.last"): f"{one.last:%d-%m-%Y}" if one.last else t("quality.never"),
                t("quality.mind"): _mind(one),
            }
            for one in use
        ],
        hide_index=True,
        key="use",
    )
    waiting = suggestions(load_settings().own_questions)
    if waiting:
        with st.expander(t("quality.suggestions", count=len(waiting))):
            for entry in waiting[:40]:
                st.write(plain(" ".join(str(entry.get("question", "")).split())))


def _report(paper: Paper) -> None:
    st.write(t("quality.report_explained"))
    with st.container(horizontal=True):
        st.download_button("Word", to_docx(paper), "kwaliteit.docx", DOCX_TYPE, icon=":material/description:")
        st.download_button(t("quality.web_page"), to_html(paper), "kwaliteit.html", "text/html", icon=":material/code:")
        st.download_button("Markdown", to_markdown(paper), "kwaliteit.md", "text/markdown", icon=":material/notes:")
    st.html(f'<div class="kw-passage">{body(paper, 2)}</div>')


def _mind(use: SourceUse) -> str:
    if use.ageing:
        return t("quality.is_ageing")
    return "" if use.holds_today else t("quality.not_in_force")


def main() -> None:
    """Draws the page."""
    st.html(STYLE)
    st.title(t("app.kwaliteit"), anchor=False)
    st.write(t("quality.intro"))
    if told := st.session_state.pop("told", None):
        st.info(told)
    try:
        index = assistant().index()
        store = records()
        runs = Runs(store).list()
        marks = Marks(store).all()
        groups, refused = inbox(FeedbackBox(store).inbox(1_000)), gaps(store)
        state = service_status(assistant().settings, assistant().embedder)
        use = source_use(store, state.sources, index.sources, person().collections)
    except LeidraadError:
        st.warning(t("quality.unreadable"))
        return
    open_ = [g for g in groups if marks.get(g.key, Mark(key=g.key)).state is State.OPEN]
    waiting = [g for g in refused if marks.get(g.key, Mark(key=g.key)).state is State.OPEN]
    counts = {"remarks_tab": len(open_), "gaps_tab": len(waiting)}
    tabs = st.tabs([t(f"quality.{tab}") + (f" ({counts[tab]})" if counts.get(tab) else "") for tab in TABS])
    with tabs[0]:
        show_runs(runs)
    with tabs[1]:
        show_remarks(groups, marks)
    with tabs[2]:
        show_gaps(waiting)
    with tabs[3]:
        _sources(use)
    with tabs[4]:
        _report(quality_paper(runs, groups, marks, refused, use, date.today()))


main()
