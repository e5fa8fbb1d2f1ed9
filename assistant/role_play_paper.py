"""A role-play and its feedback on paper; what rests on a source is told from what does not."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.export import Paper, PaperSection, PaperSource
from assistant.role_play import Line, role_of
from assistant.role_play_feedback import Debrief
from assistant.role_play_protocol import Seen
from assistant.scenarios import THEMES, Scenario

_PAPER = {
    "nl": {
        Seen.YES: "gezien", Seen.PARTLY: "deels gezien", Seen.NO: "niet gezien",
        "title": "Rollenspel", "minutes": "minuten", "day": "Datum", "said": "Het gesprek", "learner": "U",
        "judged": "Oordeel van het taalmodel", "opinion": "Mening van het taalmodel, zonder bron",
        "advice": "Uit de bron", "debrief": "Nabespreking", "sources": "Bronnen",
        "footer": "Verzonnen oefensituatie. De persoon is gespeeld door een taalmodel. Leidraad",
    },
    "en": {
        Seen.YES: "seen", Seen.PARTLY: "partly seen", Seen.NO: "not seen",
        "title": "Role-play", "minutes": "minutes", "day": "Date", "said": "The conversation", "learner": "You",
        "judged": "Judgement of the language model", "opinion": "Opinion of the language model, without a source",
        "advice": "From the source", "debrief": "Debrief", "sources": "Sources",
        "footer": "Invented practice situation. The person was played by a language model. Leidraad",
    },
}  # fmt: skip


def talk_paper(scenario: Scenario, lines: Sequence[Line], debrief: Debrief, day: str, language: str = "nl") -> Paper:
    """The conversation, point by point what was thought of it, the debrief questions and the sources."""
    words = _PAPER[language]
    name = role_of(scenario).name
    sections = [
        PaperSection(
            heading=words["said"],
            paragraphs=tuple(f"{words['learner'] if line.learner else name}: {line.text}" for line in lines),
        )
    ]
    for point in debrief.points:
        told = []
        if point.seen:
            moment = f": “{point.moment}”" if point.moment else ""
            told.append(f"{words['judged']}: {words[point.seen]}{moment}")
        if point.advice:
            marks = "".join(f" [{citation.number}]" for citation in point.citations)
            told.append(f"{words['advice' if marks else 'opinion']}: {point.advice}{marks}")
        sections.append(PaperSection(heading=f"{point.number}. {point.rubric}", paragraphs=tuple(told)))
    sections.append(PaperSection(heading=words["debrief"], items=scenario.debrief))
    return Paper(
        title=f"{words['title']}: {scenario.title}",
        meta=(f"{THEMES[scenario.theme]} · {scenario.minutes} {words['minutes']}", f"{words['day']}: {day}"),
        sections=tuple(sections),
        sources=tuple(
            PaperSource(text=f"{c.title}, {c.locator}".strip(", "), quote=c.quote, url=c.url) for c in debrief.citations
        ),
        sources_heading=words["sources"],
        footer=words["footer"],
        language="en-GB" if language == "en" else "nl-NL",
    )
