"""The state of quality as one paper for management, and that paper as Markdown or as a page."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import date

from assistant.export import Paper, PaperSection
from assistant.feedback import Feedback
from assistant.quality import Group, Mark, Refused, SourceUse, State
from assistant.runs import Figure, RunSummary

MEASURES = {
    "recall_at_1": "De goede passage staat vooraan",
    "recall_at_5": "De goede passage staat bij de eerste vijf",
    "states_facts": "Alle feiten die genoemd moeten worden, worden genoemd",
    "citation_precision": "Citaten staan op een goede plaats",
    "quotes_verbatim": "Citaten staan letterlijk in de bron",
    "right_law": "Geldende wet, oude wet als zodanig benoemd",
    "answers": "Antwoordt als de bronnen antwoord geven",
    "refuses": "Weigert als de bronnen zwijgen",
    "asks_back": "Vraagt door als dat nodig is",
    "masked": "Persoonsgegevens verborgen",
}
"""The scorers that mean something to a policy team, in its words."""

SETS = {"dev": "oefenvragen", "test": "toetsvragen"}
STATES = {
    State.OPEN: "open",
    State.ANSWERED: "beantwoord",
    State.TURNED: "bekende vraag gemaakt",
    State.CLOSED: "afgehandeld",
}
_SHOWN = 15


def percent(figure: Figure) -> str:
    """A figure as a person reads it: '87% (83–91%, 247 vragen)'."""
    return f"{figure.mean:.0%} ({figure.low * 100:.0f}–{figure.high:.0%}, {figure.n} vragen)"


def main_figures(run: RunSummary) -> dict[tuple[str, str], Figure]:
    """The figures of the assistant itself over all questions, by set and scorer."""
    own = next((f.system for f in run.figures if f.system.startswith("leidraad")), "")
    return {(f.set, f.scorer): f for f in run.figures if f.system == own}


def quality_paper(
    runs: Sequence[RunSummary],
    remarks: Sequence[Group[Feedback]],
    marks: dict[str, Mark],
    refused: Sequence[Group[Refused]],
    use: Sequence[SourceUse],
    today: date,
) -> Paper:
    """The paper: the newest run beside the one before, remarks, gaps and sources."""
    sections = [_scores(runs)]
    open_ = [group for group in remarks if marks.get(group.key, Mark(key="")).state is State.OPEN]
    sections.append(
        PaperSection(
            heading="Meldingen van collega’s",
            paragraphs=(
                f"{sum(g.times for g in remarks)} meldingen over {len(remarks)} vragen; {len(open_)} staan open.",
            ),
            items=tuple(
                f"{g.question} ({g.times} keer, {STATES[marks.get(g.key, Mark(key='')).state]})"
                for g in remarks[:_SHOWN]
            ),
        )
    )
    sections.append(
        PaperSection(
            heading="Vragen waarop de bronnen geen antwoord gaven",
            paragraphs=() if refused else ("Er zijn geen geweigerde vragen.",),
            items=tuple(f"{g.question} ({g.times} keer)" for g in refused[:_SHOWN]),
        )
    )
    sections.append(_sources(use))
    return Paper(
        title="Kwaliteit van Leidraad",
        meta=(f"Stand op {today:%d-%m-%Y}",),
        sections=tuple(sections),
        footer="Leidraad vindt en citeert; een professional beslist.",
    )


def _scores(runs: Sequence[RunSummary]) -> PaperSection:
    if not runs:
        return PaperSection(heading="Metingen", paragraphs=("Er is nog niet gemeten.",))
    now, before = main_figures(runs[-1]), main_figures(runs[-2]) if len(runs) > 1 else {}
    made = runs[-1].made
    items = []
    for name, words in SETS.items():
        for scorer, label in MEASURES.items():
            figure = now.get((name, scorer))
            if figure is None:
                continue
            was = before.get((name, scorer))
            told = f"; vorige meting {was.mean:.0%}" if was else ""
            items.append(f"{label} ({words}): {percent(figure)}{told}")
    return PaperSection(
        heading="Metingen",
        paragraphs=(
            f"Laatste meting: {made.created:%d-%m-%Y}, over {made.sources} bronnen (generatie {made.generation}). "
            "Tussen haakjes staat waar het cijfer met 95% zekerheid ligt en over hoeveel vragen.",
        ),
        items=tuple(items),
    )


def _sources(use: Sequence[SourceUse]) -> PaperSection:
    never = [one.title for one in use if not one.times and one.holds_today]
    ageing = [one.title for one in use if one.ageing]
    return PaperSection(
        heading="Bronnen",
        paragraphs=(
            f"{len(use)} bronnen; {len(use) - sum(not one.times for one in use)} zijn aangehaald.",
            f"Nooit aangehaald: {_few(never)}.",
            f"Lang niet bij de herkomst nagekeken: {_few(ageing)}.",
        ),
        items=tuple(f"{one.title}: {one.times} antwoorden" for one in use[:_SHOWN] if one.times),
    )


def _few(titles: Sequence[str]) -> str:
    if not titles:
        return "geen"
    more = f" en {len(titles) - _SHOWN} andere" if len(titles) > _SHOWN else ""
    return ", ".join(titles[:_SHOWN]) + more


def to_markdown(paper: Paper) -> str:
    """The paper as Markdown."""
    lines = [f"# {paper.title}", "", *paper.meta]
    for section in paper.sections:
        lines += ["", f"## {section.heading}"]
        for text in section.paragraphs:
            lines += ["", _literal(text)]
        if section.items:
            lines += ["", *(f"- {_literal(item)}" for item in section.items)]
    return "\n".join([*lines, "", f"*{paper.footer}*", ""])


def _literal(text: str) -> str:
    """Text that somebody typed, so that Markdown reads it as it stands."""
    for sign in "\\`*_[]<>#|":
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())


def body(paper: Paper, top: int = 1) -> str:
    """The paper as HTML whose title is a heading of level `top`; what people typed is escaped."""
    title, heading = f"h{top}", f"h{top + 1}"
    parts = [f"<{title}>{html.escape(paper.title)}</{title}>", *(f"<p>{html.escape(line)}</p>" for line in paper.meta)]
    for section in paper.sections:
        parts.append(f"<{heading}>{html.escape(section.heading)}</{heading}>")
        parts += [f"<p>{html.escape(text)}</p>" for text in section.paragraphs]
        if section.items:
            parts.append("<ul>" + "".join(f"<li>{html.escape(item)}</li>" for item in section.items) + "</ul>")
    return "".join((*parts, f"<p><em>{html.escape(paper.footer)}</em></p>"))


def to_html(paper: Paper) -> str:
    """The paper as a page that stands by itself."""
    style = (
        "body{font:16px/1.55 system-ui,sans-serif;max-width:800px;margin:2rem auto;padding:0 1rem}h1,h2{color:#154273}"
    )
    return (
        f'<!doctype html><html lang="nl"><head><meta charset="utf-8"><title>{html.escape(paper.title)}</title>'
        f"<style>{style}</style></head><body>{body(paper)}</body></html>"
    )
