"""An answer while it comes: each sentence greyed until it is checked, and the sources' own sentences meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from assistant.events import ClaimSeen, ClaimState, Event, FirstAnswer, StepBegan
from assistant.models import Answer
from assistant.pages.parts.answer import claims_html
from assistant.pages.shared import escaped, t

_STEPS = frozenset({"privacy", "retrieval", "evidence", "expansion", "answering", "verification"})


def show_coming(events: Iterable[Event], place: Any) -> tuple[Answer, Answer | None]:
    """Draws the answer in `place` (an empty element) as it comes; gives it, and the first one when a model was slow.

    When the reader stops, Streamlit ends the script with an exception in one of the drawings: the caller takes
    `finish()` of the events then.
    """
    first: Answer | None = None
    seen: dict[int, ClaimSeen] = {}
    for event in events:
        if isinstance(event, StepBegan):
            if event.name in _STEPS and not seen:
                place.caption(t(f"step.{event.name}"))
        elif isinstance(event, FirstAnswer):
            first = event.answer
            place.html(f'<div class="leidraad-meta">{escaped(t("coming.first"))}</div>{claims_html(first)}')
        elif isinstance(event, ClaimSeen):
            seen[event.position] = event
            place.html("".join(_claim(seen[position]) for position in sorted(seen)) or "<div></div>")
        else:
            place.empty()
            return event.answer, first
    raise RuntimeError("an answer's events end with the answer")


def _claim(event: ClaimSeen) -> str:
    """One sentence as harmless HTML; nothing where it was dropped."""
    if event.state is ClaimState.DROPPED:
        return ""
    label = f'<span class="leidraad-meta">{escaped(event.label)}: </span>' if event.label else ""
    if event.state is ClaimState.VERIFIED:
        marks = "".join(f"<sup>[{citation.number}]</sup>" for citation in event.citations)
        return f'<div class="leidraad-claim">{label}{escaped(event.text)} {marks}</div>'
    checking = escaped(t("coming.checking"))
    return f'<div class="leidraad-claim leidraad-checking">{escaped(event.text)} ({checking})</div>'
