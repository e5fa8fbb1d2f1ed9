"""The figures are what their formulas say, on rankings small enough to do by hand."""

from __future__ import annotations

import math

import pytest

from evals.baseline import Piece, ranks
from evals.metrics import mcnemar, mean, ndcg_at, paired, percentile, recall_at, reciprocal_rank


def test_ranking_by_hand() -> None:
    assert [recall_at([3, 7], k) for k in (1, 3, 5)] == [0.0, 1.0, 1.0]
    assert reciprocal_rank([4, 2]) == 0.5
    assert (recall_at([], 10), reciprocal_rank([]), ndcg_at([], 2)) == (0.0, 0.0, 0.0)
    assert ndcg_at([1, 2], 2) == 1.0
    gained, best = 1 / math.log2(3) + 1 / math.log2(4), 1 + 1 / math.log2(3)
    assert ndcg_at([2, 3], 2) == pytest.approx(gained / best)
    assert ndcg_at([11], 1) == 0.0


def test_the_interval_holds_the_mean_and_shrinks_with_more_questions() -> None:
    few, many = mean([0.0, 1.0] * 5), mean([0.0, 1.0] * 200)
    assert few.mean == many.mean == 0.5
    assert few.low < many.low < 0.5 < many.high < few.high
    assert mean([1.0, 1.0]).low == 1.0
    assert str(mean([])) == "none"
    assert mean([0.0, 1.0] * 5) == few


def test_percentile_is_a_value_of_the_list() -> None:
    assert percentile([5, 1, 3], 0.5) == 3
    assert percentile([1.0], 0.95) == 1.0


def test_a_piece_is_right_when_half_of_either_is_shared() -> None:
    spans = [("a", 100, 200)]
    pieces = [Piece("b", 100, 200), Piece("a", 0, 120), Piece("a", 50, 1_050), Piece("a", 120, 160)]
    assert ranks(pieces, spans) == [3, 4]


def test_mcnemar_by_hand() -> None:
    assert mcnemar(0, 0) == 1.0
    assert mcnemar(5, 0) == pytest.approx(2 / 32)
    assert mcnemar(1, 3) == mcnemar(3, 1) == pytest.approx(2 * 5 / 16)


def test_a_paired_difference_is_over_the_same_questions() -> None:
    difference, p = paired([0.0] * 10 + [1.0] * 10, [1.0] * 20)
    assert (difference.mean, difference.n, p) == (0.5, 20, pytest.approx(2 / 1024))
    shares = [0.1, 0.2, 0.3, 0.4]
    assert paired(shares, shares)[1] == 1.0
    better, p = paired(shares, [share + 0.1 for share in shares])
    assert better.mean == pytest.approx(0.1) and p < 0.05
