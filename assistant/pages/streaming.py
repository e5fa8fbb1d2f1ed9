"""An answer while it comes: each sentence greyed until it is checked, and the sources' own sentences meanwhile."""

from __future__ import annotations

from typing import Any

from assistant.events import ClaimSeen, ClaimState, FirstAnswer, StepBegan, Stream
from assistant.models import Answer
from assistant.pages.shared import escaped

STEPS = {
    "privacy": "Persoonsgegevens verbergen …",
    "retrieval": "Zoeken in de bronnen …",
    "expansion": "Verder zoeken …",
    "evidence": "Kiezen wat telt …",
    "answering": "Antwoord samenstellen …",
    "verification": "Citaten controleren …",
}
STYLE = """<style>
.leidraad-checking {color: #636363; font-style: italic}
</style>"""


def follow(stream: Stream, place: Any) -> tuple[Answer, Answer | None]:
    """Draws the answer in `place` (an empty element) as it comes; returns it, and the first one when a model was slow.

    When the reader stops, Streamlit ends the script with an exception in one of the drawings: the caller takes
    `stream.finish()` then.
    """
    first: Answer | None = None
    seen: dict[int, ClaimSeen] = {}
    for event in stream:
        if isinstance(event, StepBegan):
            if event.name in STEPS and not seen:
                place.caption(STEPS[event.name])
        elif isinstance(event, FirstAnswer):
            first = event.answer
            place.html(STYLE + _first(first))
        elif isinstance(event, ClaimSeen):
            seen[event.position] = event
            place.html(STYLE + "".join(_claim(seen[position]) for position in sorted(seen)))
        else:
            place.empty()
            return event.answer, first
    raise RuntimeError("an answer's events end with the answer")


def _first(answer: Answer) -> str:
    said = "".join(f'<div class="leidraad-claim">{escaped(claim.text)}</div>' for claim in answer.claims)
    return f'<div class="leidraad-meta">Het taalmodel is nog bezig. Dit staat in de bronnen:</div>{said}'


def _claim(event: ClaimSeen) -> str:
    """One sentence as harmless HTML; nothing where it was dropped."""
    if event.state is ClaimState.DROPPED:
        return ""
    label = f'<span class="leidraad-meta">{escaped(event.label)}: </span>' if event.label else ""
    if event.state is ClaimState.VERIFIED:
        marks = "".join(f"<sup>[{citation.number}]</sup>" for citation in event.citations)
        return f'<div class="leidraad-claim">{label}{escaped(event.text)} {marks}</div>'
    return f'<div class="leidraad-claim leidraad-checking">{escaped(event.text)} (wordt gecontroleerd …)</div>'
