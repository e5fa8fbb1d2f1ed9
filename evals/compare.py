"""Two runs, question by question: which got better, which worse, and whether that can be chance."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.runs import Case
from evals import metrics
from evals.scorers import SCORERS, Scorer
from indexer.models import Frozen


class Change(Frozen):
    """What changed by one scorer over the `n` questions that both runs have; `better` and `worse` are their ids.

    `difference` is after − before with its 95% interval; `p` as in `metrics.paired`.
    """

    scorer: str
    label: str
    n: int
    before: float
    after: float
    difference: float
    low: float
    high: float
    p: float
    better: tuple[str, ...]
    worse: tuple[str, ...]

    def __str__(self) -> str:
        sign = "significant" if self.p < 0.05 else "can be chance"
        return (
            f"{self.label:34}{self.before:.3f} → {self.after:.3f}  {self.difference:+.3f} "
            f"[{self.low:+.3f}, {self.high:+.3f}]  better {len(self.better)}, worse {len(self.worse)}, "
            f"p={self.p:.3f} ({sign})"
        )


def compare(
    before: Sequence[Case], after: Sequence[Case], scorers: Sequence[Scorer] = SCORERS, seed: int = metrics.SEED
) -> tuple[Change, ...]:
    """The changes by every scorer that both measured, over the questions that are in both."""
    old = {case.id: case for case in before}
    changes = []
    for scorer in scorers:
        pairs = [
            (case.id, old[case.id].values[scorer.name], case.values[scorer.name])
            for case in after
            if case.id in old and scorer.name in case.values and scorer.name in old[case.id].values
        ]
        if not pairs:
            continue
        was, is_ = [a for _, a, _ in pairs], [b for _, _, b in pairs]
        difference, p = metrics.paired(was, is_, seed)
        way = 1 if scorer.higher else -1
        changes.append(
            Change(
                scorer=scorer.name,
                label=scorer.label,
                n=len(pairs),
                before=sum(was) / len(was),
                after=sum(is_) / len(is_),
                difference=difference.mean,
                low=difference.low,
                high=difference.high,
                p=p,
                better=tuple(name for name, a, b in pairs if (b - a) * way > 0),
                worse=tuple(name for name, a, b in pairs if (b - a) * way < 0),
            )
        )
    return tuple(changes)


def told(changes: Sequence[Change]) -> list[str]:
    """The changes as lines, with the questions that moved."""
    lines = []
    for change in changes:
        lines.append(str(change))
        if change.worse:
            lines.append(f"    worse: {', '.join(change.worse)}")
        if change.better:
            lines.append(f"    better: {', '.join(change.better)}")
    return lines
