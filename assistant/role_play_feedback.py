"""Looking back on a role-play: the scenario's own points, each with what the guidance says, checked like an answer.

The points are the scenario's aims and what a good professional weighs. For each the model says whether it saw it,
with the learner's own words, and what a source advises, with a quote. A judgement needs words that the learner really
said. A sentence whose quote holds is shown with its source; one without is the model's opinion and is marked so, and
is left out when it speaks of rules, figures or groups of people.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence

from assistant import prompts
from assistant.answering.checking import Alike, Given, check
from assistant.answering.extractive import cite
from assistant.answering.generative import give, output_tokens
from assistant.answering.modelled import Model
from assistant.answering.thinking import AGAIN
from assistant.errors import ModelError
from assistant.models import Citation, Evidence
from assistant.places import passages_at
from assistant.role_play import Line, out_of_role
from assistant.role_play_protocol import POINT_SCHEMA, SEEN, DraftPoint, Seen, read_points
from assistant.scenarios import Scenario
from assistant.sides import Side
from assistant.verification import locate, spoken_numbers
from indexer.index import Index
from indexer.models import Frozen
from indexer.tokens import count_tokens

_RULES = re.compile(
    r"(?i)\b(?:wet|wetten|wettelijke?|artikel|lid|besluit|verordening|moet|moeten|mag|mogen|verplicht\w*|"
    r"verboden|recht op|boetes?|maatregel\w*|termijn\w*|law|legal\w*|must|may|obliged?|entitled|fines?|prohibited|"
    r"deadline\w*)\b"
)
_GROUPS = re.compile(
    r"(?i)\b(?:cultuur|culturen|culture[sl]?|islam\w*|moslims?|muslims?|christen\w*|westers\w*|western|nederlanders|"
    r"syri\w+|eritre\w+|afgha\w+|somali\w*|ira[nk]\w*|turk\w*|arabi\w+|afrika\w*|african\w*|hun land|their country|"
    r"allochto\w+|buitenlanders?|foreigners?)\b"
)


class Point(Frozen):
    """One point of the rubric with what is left of the model's words after checking.

    `seen` and `moment` (the learner's own words) are the model's judgement. `advice` rests on `citations`; without
    them it is the model's opinion. All of them may be empty.
    """

    number: int
    rubric: str
    seen: Seen | None = None
    moment: str = ""
    advice: str = ""
    citations: tuple[Citation, ...] = ()


class Debrief(Frozen):
    """The points in order, how many of the model's sentences were left out, and whether the model broke off."""

    points: tuple[Point, ...]
    dropped: int = 0
    cut_short: bool = False
    model: str = ""

    @property
    def citations(self) -> tuple[Citation, ...]:
        """What the points rest on, each once, by number."""
        cited = {citation.number: citation for point in self.points for citation in point.citations}
        return tuple(cited[number] for number in sorted(cited))

    @property
    def sourced(self) -> int:
        """How many points have advice that stands in a source."""
        return sum(bool(point.citations) for point in self.points)


def rubric(scenario: Scenario) -> tuple[str, ...]:
    """The points that a conversation is looked back on by: the aims, and what a good professional weighs."""
    return (*scenario.aims, *scenario.weighs)


class LookBack:
    """Looks back on one conversation: `run` does it, once; each item is what is checked so far."""

    def __init__(
        self,
        model: Model,
        scenario: Scenario,
        index: Index,
        allowed: frozenset[str],
        alike: Alike,
        language: str = "nl",
    ) -> None:
        self._model = model
        self._scenario = scenario
        self._index = index
        self._allowed = allowed
        self._alike = alike
        self._language = language
        self._citations: list[Citation] = []
        self.stop = threading.Event()

    def run(self, lines: Sequence[Line]) -> Iterator[Debrief]:
        """The points as they are checked; the last item is whole. Raises `ModelError` when nothing came at all."""
        points = rubric(self._scenario)
        done = {n: Point(number=n, rubric=text) for n, text in enumerate(points, start=1)}
        settings = self._model.settings
        said = [(line.learner, line.text) for line in lines]
        structured = self._model.client.structured
        bare = prompts.debriefing(points, said, (), self._language, structured)
        given = give(self._sides(), settings, self._language, _size(bare))
        messages = prompts.debriefing(points, said, given, self._language, structured)
        limit = output_tokens(settings)
        call = self._model.talk(messages, output_tokens=limit, stop=self.stop, schema=POINT_SCHEMA)
        written, dropped, seen = "", 0, 0

        def look(drafts: Sequence[DraftPoint]) -> int:
            nonlocal dropped
            for draft in drafts:
                if draft.number in done and not done[draft.number].advice:
                    point, lost = self._checked(draft, points[draft.number - 1], lines, given)
                    done[draft.number] = point
                    dropped += lost
            return len(drafts)

        def so_far() -> Debrief:
            cut = call.broke_off is not None
            return Debrief(points=tuple(done.values()), dropped=dropped, cut_short=cut, model=self._model.client.model)

        for piece in call:
            written = piece.rpartition(AGAIN)[2] if AGAIN in piece else written + piece
            whole = read_points(written)[:-1]
            if len(whole) > seen:
                seen += look(whole[seen:])
                yield so_far()
        look(read_points(written)[seen:])
        result = so_far()
        if not any(point.seen or point.advice for point in result.points) and not self.stop.is_set():
            raise ModelError("The language model gave no feedback that holds.")
        yield result

    def _sides(self) -> list[Side]:
        """The passages at the scenario's places, those of the law and of the explanation together."""
        found = {p.id: p for place in self._scenario.places for p in passages_at(self._index, place, self._allowed)}
        return [Side("", [Evidence(passage=passage, score=1.0) for passage in found.values()])]

    def _checked(
        self, draft: DraftPoint, text: str, lines: Sequence[Line], given: Sequence[Given]
    ) -> tuple[Point, int]:
        """The point with what holds, and how many of its sentences were left out."""
        seen = SEEN.get(draft.seen.strip().lower())
        moment = _moment(draft.moment, lines)
        if seen in (Seen.YES, Seen.PARTLY) and not moment:
            seen = None  # a judgement about words that were not said
        point = Point(number=draft.number, rubric=text, seen=seen, moment=moment)
        if not draft.claim.text:
            return point, 0
        checked = check(draft.claim, given, self._language, self._alike)
        if not checked.fault and not out_of_role_advice(draft.claim.text):
            cited = tuple(
                cite(self._index, found.given.passage, found.start, found.end, number)
                for number, found in enumerate(dict.fromkeys(checked.found), start=1)
            )
            return point.model_copy(update={"advice": draft.claim.text, "citations": self._numbered(cited)}), 0
        if is_opinion(draft.claim.text):
            return point.model_copy(update={"advice": draft.claim.text}), 0
        return point, 1

    def _numbered(self, citations: Sequence[Citation]) -> tuple[Citation, ...]:
        """Citations numbered over the whole debrief; the same quote keeps its number."""
        result: list[Citation] = []
        for citation in citations:
            place = (citation.passage_id, citation.start, citation.end)
            known = next((c for c in self._citations if (c.passage_id, c.start, c.end) == place), None)
            if known is None:
                known = citation.model_copy(update={"number": len(self._citations) + 1})
                self._citations.append(known)
            result.append(known)
        return tuple(result)


def is_opinion(text: str) -> bool:
    """Whether a sentence without a source may be shown as the model's opinion: it states no rule, figure or group."""
    return not (
        len(text.split()) < 3
        or _RULES.search(text)
        or _GROUPS.search(text)
        or spoken_numbers(text)
        or out_of_role(text)
    )


def out_of_role_advice(text: str) -> bool:
    """Whether advice repeats our instructions, also when a quote stands beside it."""
    return prompts.tells_instructions(text)


def _moment(words: str, lines: Sequence[Line]) -> str:
    """Words of the learner as they were said; empty when the learner did not say them."""
    for line in lines:
        place = locate(words, line.text) if line.learner and words.strip() else None
        if place is not None:
            return line.text[place[0] : place[1]]
    return ""


def _size(messages: Sequence[prompts.Message]) -> int:
    return sum(count_tokens(text) + 4 for _, text in messages)
