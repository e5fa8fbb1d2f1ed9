"""Figures over many questions: how well passages are ranked, and how sure a mean is.

A ranking is told by the ranks (from 1) at which right passages stand. Formulas: recall@k and reciprocal rank as in
Manning, Raghavan and Schütze, Introduction to Information Retrieval, chapter 8; nDCG with binary gains as in Järvelin
and Kekäläinen (ACM TOIS 2002).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from indexer.models import Frozen

RESAMPLES = 2_000
SEED = 20220101


class Mean(Frozen):
    """A mean over `n` questions and the bounds of its 95% interval."""

    n: int
    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}–{self.high:.3f}] n={self.n}" if self.n else "none"


def mean(values: Sequence[float], seed: int = SEED) -> Mean:
    """The mean of values with its 95% interval by bootstrap over the questions; the same seed gives the same bounds."""
    if not values:
        return Mean(n=0, mean=0.0, low=0.0, high=0.0)
    data = np.asarray(values, dtype=np.float64)
    draws = np.random.default_rng(seed).integers(0, len(data), size=(RESAMPLES, len(data)))
    low, high = np.quantile(data[draws].mean(axis=1), [0.025, 0.975])
    return Mean(n=len(data), mean=float(data.mean()), low=float(low), high=float(high))


def mcnemar(better: int, worse: int) -> float:
    """Exact two-sided McNemar test: how likely a split at least this uneven is when neither way is better.

    `better` and `worse` count the questions that only one of the two got right (McNemar, Psychometrika 1947).
    """
    pairs = better + worse
    tail = sum(math.comb(pairs, k) for k in range(min(better, worse) + 1))
    return min(1.0, 2 * tail / (1 << pairs))


def paired(before: Sequence[float], after: Sequence[float], seed: int = SEED) -> tuple[Mean, float]:
    """The mean difference after − before over the same questions, with its interval and a two-sided p.

    Where every value is 0 or 1 the p is McNemar's, else from the bootstrap: twice the share of resampled means on the
    other side of zero.
    """
    differences = [b - a for a, b in zip(before, after, strict=True)]
    difference = mean(differences, seed)
    if set(before) | set(after) <= {0.0, 1.0}:
        return difference, mcnemar(sum(d > 0 for d in differences), sum(d < 0 for d in differences))
    if not any(differences):
        return difference, 1.0
    data = np.asarray(differences)
    draws = np.random.default_rng(seed).integers(0, len(data), size=(RESAMPLES, len(data)))
    means = data[draws].mean(axis=1)
    return difference, float(min(1.0, 2 * min((means <= 0).mean(), (means >= 0).mean())))


def recall_at(ranks: Sequence[int], depth: int) -> float:
    """1.0 when a right passage stands among the first `depth`, else 0.0: one right passage is enough to answer."""
    return float(any(rank <= depth for rank in ranks))


def reciprocal_rank(ranks: Sequence[int]) -> float:
    """1 / the rank of the first right passage; 0 when there is none."""
    return 1.0 / min(ranks) if ranks else 0.0


def ndcg_at(ranks: Sequence[int], right: int, depth: int = 10) -> float:
    """Normalised discounted cumulative gain: `right` is how many right passages there are at all."""
    gain = sum(1.0 / math.log2(rank + 1) for rank in ranks if rank <= depth)
    best = sum(1.0 / math.log2(rank + 1) for rank in range(1, min(right, depth) + 1))
    return gain / best if best else 0.0


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the values lie. `values` is not empty."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
