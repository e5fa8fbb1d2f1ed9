"""What is measured: small functions, each from what one question brought to a number, or None where it does not bear.

Every scorer is a share from 0 to 1. `higher` tells which way is better.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from assistant.models import Answer, Status
from evals import metrics
from evals.judge import Judge
from evals.questions import KnownQuestion
from evals.systems import Response
from indexer.models import Regime


@dataclass(frozen=True)
class Seen:
    """One question, what a system gave for it, and what is needed to judge it.

    `verbatim` and `cited_right` tell, per citation, whether its quote stands in its document and whether its passage is
    a right one; `written_ranks` are those of the places that the writer named, None for a system that does not give its
    passages; `in_force` whether every cited source holds on the day; `missing` are must-state facts not said.
    """

    question: KnownQuestion
    ranks: tuple[int, ...]
    right: int
    answer: Answer | None
    written_ranks: tuple[int, ...] | None = None
    verbatim: tuple[bool, ...] = ()
    cited_right: tuple[bool, ...] = ()
    in_force: bool = True
    missing: tuple[str, ...] = ()

    @property
    def answerable(self) -> bool:
        """Whether the sources answer the question."""
        return self.question.status is Status.ANSWERED

    @property
    def findable(self) -> bool:
        """Whether there is a right passage to be found."""
        return self.answerable and self.right > 0


def see(question: KnownQuestion, response: Response, judge: Judge) -> Seen:
    """Looks at what a system gave; quotes are looked up in the documents anew."""
    answer, index = response.answer, judge.index
    right = len(judge.all_right(question.gold))
    written = tuple(
        rank for rank, passage in enumerate(response.found, start=1) if judge.right(question.written, passage)
    )
    written_ranks = written if response.found else None
    if answer is None:
        return Seen(question, response.ranks, right, None, written_ranks)
    cited = index.passages([citation.passage_id for citation in answer.citations])
    return Seen(
        question=question,
        ranks=response.ranks,
        right=right,
        answer=answer,
        written_ranks=written_ranks,
        verbatim=tuple(judge.stands(c.quote, c.source_id) for c in answer.citations),
        cited_right=tuple(judge.right(question.gold, cited[c.passage_id]) for c in answer.citations),
        in_force=all(index.sources[c.source_id].holds_on(answer.as_of) for c in answer.citations),
        missing=tuple(question.missing(answer.text)) if question.status is Status.ANSWERED else (),
    )


@dataclass(frozen=True)
class Scorer:
    """A measure: its name in results, its label in reports, and the function itself."""

    name: str
    label: str
    measure: Callable[[Seen], float | None]
    higher: bool = True


def _recall(depth: int, seen: Seen) -> float | None:
    return metrics.recall_at(seen.ranks, depth) if seen.findable else None


def _written(depth: int, seen: Seen) -> float | None:
    return metrics.recall_at(seen.written_ranks, depth) if seen.findable and seen.written_ranks is not None else None


def _reciprocal_rank(seen: Seen) -> float | None:
    return metrics.reciprocal_rank(seen.ranks) if seen.findable else None


def _ndcg(seen: Seen) -> float | None:
    return metrics.ndcg_at(seen.ranks, seen.right) if seen.findable else None


def _states_facts(seen: Seen) -> float | None:
    if seen.answer is None or not seen.answerable or not seen.question.must_state:
        return None
    return float(not seen.missing)


def _citation_precision(seen: Seen) -> float | None:
    if seen.answer is None or not seen.findable or seen.answer.status is not Status.ANSWERED:
        return None
    return sum(seen.cited_right) / len(seen.cited_right) if seen.cited_right else 0.0


def _citation_recall(seen: Seen) -> float | None:
    return float(any(seen.cited_right)) if seen.answer is not None and seen.findable else None


def _verbatim(seen: Seen) -> float | None:
    return sum(seen.verbatim) / len(seen.verbatim) if seen.verbatim else None


def _ends(status: Status, seen: Seen) -> float | None:
    if seen.answer is None or seen.question.status is not status:
        return None
    return float(seen.answer.status is status)


def _right_law(seen: Seen) -> float | None:
    """Every cited source holds on the day, and what rests on the old law says that it does."""
    if seen.answer is None or not seen.answer.citations:
        return None
    regimes = {c.number: c.regime for c in seen.answer.citations}
    told = seen.answer.regime is Regime.WI2013 or all(
        claim.label for claim in seen.answer.claims if any(regimes[n] is Regime.WI2013 for n in claim.citations)
    )
    return float(seen.in_force and told)


def _follow_up(seen: Seen) -> float | None:
    return _recall(5, seen) if seen.question.kind == "follow_up" else None


def _masked(seen: Seen) -> float | None:
    if seen.answer is None or seen.question.kind != "personal_data":
        return None
    return float(bool(seen.answer.masked))


def _false_alarm(seen: Seen) -> float | None:
    if seen.answer is None or seen.question.kind == "personal_data":
        return None
    return float(bool(seen.answer.masked))


SCORERS: tuple[Scorer, ...] = (
    *(Scorer(f"recall_at_{k}", f"right passage in the first {k}", partial(_recall, k)) for k in (1, 2, 5, 10)),
    *(Scorer(f"written_at_{k}", f"writer's place in the first {k}", partial(_written, k)) for k in (1, 5)),
    Scorer("reciprocal_rank", "mean reciprocal rank", _reciprocal_rank),
    Scorer("ndcg_at_10", "nDCG@10", _ndcg),
    Scorer("states_facts", "states every must-state fact", _states_facts),
    Scorer("citation_precision", "citation precision", _citation_precision),
    Scorer("citation_recall", "citation recall", _citation_recall),
    Scorer("quotes_verbatim", "quotes verbatim, an answer's share", _verbatim),
    Scorer("right_law", "law in force, old law labelled", _right_law),
    Scorer("answers", "answers what the sources answer", partial(_ends, Status.ANSWERED)),
    Scorer("refuses", "refuses what they do not", partial(_ends, Status.REFUSED)),
    Scorer("asks_back", "asks back where it must", partial(_ends, Status.CLARIFY)),
    Scorer("follow_up", "follow-up: right in the first 5", _follow_up),
    Scorer("masked", "personal data masked", _masked),
    Scorer("false_alarm", "masked where nothing is personal", _false_alarm, higher=False),
)


def measure(seen: Seen, scorers: Sequence[Scorer] = SCORERS) -> dict[str, float]:
    """What the scorers find, by name; those that do not bear on the question are absent."""
    found = {scorer.name: scorer.measure(seen) for scorer in scorers}
    return {name: value for name, value in found.items() if value is not None}
