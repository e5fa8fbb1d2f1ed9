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


def mean(values: Sequence[float]) -> Mean:
    """The mean of values with its 95% interval by bootstrap over the questions; the seed is fixed."""
    if not values:
        return Mean(n=0, mean=0.0, low=0.0, high=0.0)
    data = np.asarray(values, dtype=np.float64)
    draws = np.random.default_rng(SEED).integers(0, len(data), size=(RESAMPLES, len(data)))
    low, high = np.quantile(data[draws].mean(axis=1), [0.025, 0.975])
    return Mean(n=len(data), mean=float(data.mean()), low=float(low), high=float(high))


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
