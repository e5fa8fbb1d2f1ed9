"""An answer as plain text with its sources, for the client file."""

from __future__ import annotations

from datetime import date

from assistant.export import Paper, PaperSection, PaperSource
from assistant.interface import words
from assistant.models import Answer, Citation
from assistant.outcomes import outcome
from assistant.reading import dutch_date


def as_text(answer: Answer, today: date, language: str = "nl") -> str:
    """Question, answer and every source with its quote, place, version and address; nothing that was masked."""
    lines = [f"{words('copy.question', language)}: {answer.question}", "", f"{words('copy.answer', language)}:"]
    lines += [answer.text, *answer.warnings, ""]
    if answer.citations:
        lines.append(f"{words('copy.sources', language)}:")
        for citation in answer.citations:
            lines.append(f"[{citation.number}] {cited_place(citation, language)}")
            lines.append(f"    “{' '.join(citation.quote.split())}”")
            if citation.url:
                lines.append(f"    {citation.url}")
        lines.append("")
    day, now = dutch_date(answer.as_of), dutch_date(today)
    lines.append(words("copy.closing", language, today=now, day=day))
    return "\n".join(lines)


def as_paper(answer: Answer, today: date, language: str = "nl") -> Paper:
    """The same on paper: every source with its quote, place, version and address, numbered as in the answer."""
    sections: list[PaperSection] = []
    for claim in answer.claims:
        text = claim.text + "".join(f" [{number}]" for number in claim.citations)
        if sections and sections[-1].heading == claim.label:
            sections[-1] = PaperSection(heading=claim.label, paragraphs=(*sections[-1].paragraphs, text))
        else:
            sections.append(PaperSection(heading=claim.label, paragraphs=(text,)))
    if not sections:
        sections.append(PaperSection(paragraphs=(answer.text,)))
    notes = tuple(part for part in (_told(answer), *answer.warnings) if part)
    if notes:
        sections.append(PaperSection(items=notes))
    return Paper(
        title=answer.question,
        meta=(words("answer.as_of", language, day=dutch_date(answer.as_of)),),
        sections=tuple(sections),
        sources=tuple(
            PaperSource(text=cited_place(citation, language), quote=" ".join(citation.quote.split()), url=citation.url)
            for citation in sorted(answer.citations, key=lambda citation: citation.number)
        ),
        sources_heading=words("copy.sources", language),
        footer=words("copy.closing", language, today=dutch_date(today), day=dutch_date(answer.as_of)),
        language="en-GB" if answer.language == "en" else "nl-NL",
    )


def _told(answer: Answer) -> str:
    """What the answer's outcome says beside its claims."""
    return outcome(answer.outcome).sentence(answer.language) if answer.claims else ""


def cited_place(citation: Citation, language: str = "nl") -> str:
    """Title, place and version of a citation, on one line."""
    version = words("copy.version", language, day=dutch_date(citation.valid_from)) if citation.valid_from else ""
    place = "" if citation.locator == citation.title else citation.locator
    return ", ".join(part for part in (citation.title, place, version) if part)
