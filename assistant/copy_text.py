"""An answer as plain text with its sources, for the client file."""

from __future__ import annotations

from datetime import date

from assistant.interface import words
from assistant.models import Answer, Citation
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


def cited_place(citation: Citation, language: str = "nl") -> str:
    """Title, place and version of a citation, on one line."""
    version = words("copy.version", language, day=dutch_date(citation.valid_from)) if citation.valid_from else ""
    place = "" if citation.locator == citation.title else citation.locator
    return ", ".join(part for part in (citation.title, place, version) if part)
