"""Choosing evidence and deciding whether it is enough to answer from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from typing import NamedTuple

from assistant.models import Evidence
from assistant.settings import EvidenceWeights, LeadRule, Weights
from assistant.terms import content_words
from indexer.index import Index
from indexer.lexical import stem, words
from indexer.models import Frozen
from indexer.plain_search import Unanswered

_COMPARED = 5
"""So many of the best passages are read for what the question says, and compared with each other."""
_OWN_AMONG = 3
"""A text without a plain layer answers by itself if it is among so many of the best."""
_FARTHEST = 0.3
"""A best passage that scores farther above the fifth than this says no more: it was named."""


class Signals(NamedTuple):
    """What tells whether a question is answered, where known gaps are at hand: likenesses as cosines, except `side` and
    `distance`.

    `leads` is that to the questions that lead somewhere, `similarity` that of the nearest passage; of what goes
    unanswered `gap` is that to the nearest question and `topic` that to the nearest topic; `side` says on which side of
    all questions it lies, `distance` how far the best passage scores above the fifth (at most 0.3).
    """

    leads: float
    similarity: float
    gap: float
    topic: float
    side: float
    distance: float

    def weighed(self, rule: LeadRule) -> float:
        """Their sum as the rule weighs them."""
        return (
            rule.by_leads * self.leads
            + rule.by_similarity * self.similarity
            - rule.by_gap * self.gap
            - rule.by_topic * self.topic
            + rule.by_side * self.side
            + rule.by_distance * self.distance
        )


def signals(evidence: Sequence[Evidence], gap: Unanswered, leads: float) -> Signals:
    """The signals of a question; `leads` is its likeness to questions that lead somewhere."""
    scores = [one.score for one in evidence[:_COMPARED]]
    return Signals(
        leads=leads,
        similarity=_similarity(evidence),
        gap=gap.nearest,
        topic=gap.together,
        side=gap.answered,
        distance=min(_FARTHEST, scores[0] - scores[-1]) if scores else 0.0,
    )


class Sufficiency(Frozen):
    """Whether evidence is enough, and the signals that decided it.

    `similarity` is the best cosine; `coverage` the share (0 to 1) of the weight of the question's words that the
    evidence holds; `known_gap` the topic of the known gap that the question is about.
    """

    enough: bool
    in_field: bool
    similarity: float
    coverage: float
    known_gap: str | None = None


def choose(ranked: Sequence[Evidence], weights: Weights) -> list[Evidence]:
    """The evidence that goes on: the best passages, each text once.

    The same words in two sources (a report as PDF and as text) are one piece of evidence.
    """
    chosen: list[Evidence] = []
    seen: set[str] = set()
    for evidence in ranked:
        key = " ".join(words(evidence.passage.text))[:400]
        if key in seen:
            continue
        seen.add(key)
        chosen.append(evidence)
        if len(chosen) == weights.evidence.keep:
            break
    return chosen


class WordWeights:
    """How much each word of a question weighs: rare words say more about what it is about.

    The weight is the inverse document frequency log(1 + N / n) over the passages that hold the word's stem or hold
    the word inside another one; a word that no source holds weighs as much as the rarest. `alternatives` are other
    ways to say a word (from the glossary): a text that has one of them holds the word.
    """

    def __init__(
        self, index: Index, question: str, unknown: float, alternatives: Mapping[str, frozenset[str]] | None = None
    ) -> None:
        self._alternatives = dict(alternatives or {})
        total = max(1, index.manifest.passages)
        self._weights: dict[str, float] = {}
        for word in content_words(question):
            ways = (word, *self._alternatives.get(word, ()))
            count = max(index.frequency(way) for way in ways)
            self._weights[word] = math.log(1 + total / count) if count else unknown * math.log(1 + total)

    @property
    def total(self) -> float:
        """The weight of all words together."""
        return sum(self._weights.values())

    def held_by(self, text: str) -> float:
        """The weight of the words that a text holds, as a stem or inside a longer word."""
        stems = {stem(word) for word in words(text)}
        lowered = text.lower()
        return sum(
            weight
            for word, weight in self._weights.items()
            if any(_holds(way, stems, lowered) for way in (word, *self._alternatives.get(word, ())))
        )


def judge(
    evidence: Sequence[Evidence],
    word_weights: WordWeights,
    weights: Weights,
    language: str = "nl",
    gap: Unanswered | None = None,
    leads: float | None = None,
    covered: Set[str] = frozenset(),
) -> Sufficiency:
    """Whether the evidence is enough.

    Where known gaps are at hand, the question's signals decide together: `leads`, its likeness to the nearest questions
    in plain words (`retrieve`; in a small layer that to the nearest one which leads to the evidence), those of the
    passages, and, counting against it, those of `gap`. The rule is linear, its numbers are fitted on the development
    questions (`make refusal`).
    Without known gaps meaning and words decide, or a question in plain words that is truly alike. A text without a
    plain layer, such as a municipality's own, answers by itself if it holds what is asked; `covered` are the works that
    have a layer.
    """
    limits = weights.evidence
    similarity = _similarity(evidence)
    bridge = max((e.bridge for e in evidence if e.bridge is not None), default=0.0)
    total = word_weights.total
    if not total:
        return Sufficiency(enough=False, in_field=True, similarity=similarity, coverage=0.0)
    best = [word_weights.held_by(e.passage.searchable) for e in evidence[:_COMPARED]]
    coverage = max(best, default=0.0) / total
    in_field = max(similarity, bridge if gap is not None else 0.0) >= limits.field_similarity
    by_text = similarity >= limits.min_similarity and coverage >= _wanted(similarity, limits, language)
    if gap is None:
        # Without a word in common a question in plain words must be very much alike.
        led = bridge >= (limits.sure_bridge if coverage or language == "en" else limits.bare_bridge)
        return Sufficiency(enough=by_text or led, in_field=in_field, similarity=similarity, coverage=coverage)
    rule, alike = (limits.small, bridge) if leads is None else (limits.broad, leads)
    lead = signals(evidence, gap, alike).weighed(rule)
    own = any(
        one.passage.work not in covered and held >= limits.partial_coverage * total
        for one, held in zip(evidence[:_OWN_AMONG], best, strict=False)
    )
    enough = lead >= rule.lead or (by_text and own)
    known_gap = gap.topic if not enough and gap.nearest >= max(limits.gap_from, bridge) else None
    return Sufficiency(enough=enough, in_field=in_field, similarity=similarity, coverage=coverage, known_gap=known_gap)


def _similarity(evidence: Sequence[Evidence]) -> float:
    """The cosine of the passage that is nearest in meaning; 0 where none was compared."""
    return max((one.dense for one in evidence if one.dense is not None), default=0.0)


def _wanted(similarity: float, limits: EvidenceWeights, language: str) -> float:
    """The share of the question's words that the evidence must hold. Those of an English question are not those of a
    Dutch source: there meaning decides alone."""
    if language == "en":
        return 0.0
    return limits.sure_coverage if similarity >= limits.sure_similarity else limits.min_coverage


def _holds(word: str, stems: set[str], lowered: str) -> bool:
    return stem(word) in stems or (len(word) >= 5 and (word in lowered or stem(word) in lowered))
