"""What tells whether a question is answered, and the rule that is fitted to it."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.evidence import Signals, signals
from assistant.models import Evidence
from assistant.settings import LeadRule
from indexer.models import Binding, Kind, Passage
from indexer.plain_search import Unanswered
from tools.fit_refusal import fit, under_the_curve

RULE = LeadRule(by_leads=1, by_similarity=1, by_gap=1, by_topic=1, by_side=1, by_distance=1, lead=1.4)
GAP = Unanswered(topic="de rente", nearest=0.9, together=0.3, answered=0.1)


def evidence(score: float, dense: float | None = 0.8) -> Evidence:
    passage = Passage(
        id=f"gids/{score}", source_id="gids", work="gids", kind=Kind.GUIDE, binding=Binding.GUIDANCE,
        locator="", parent="gids", text="De klant spaart.", start=0, end=16,
    )  # fmt: skip
    return Evidence(passage=passage, score=score, dense=dense)


def test_a_best_passage_that_stands_out_speaks_for_answering() -> None:
    near = signals([evidence(score) for score in (1.10, 1.09, 1.08, 1.07, 1.06)], GAP, 0.9)
    far = signals([evidence(score) for score in (1.10, 1.02, 1.01, 1.00, 0.90)], GAP, 0.9)
    assert near.distance == pytest.approx(0.04)
    assert far.weighed(RULE) - near.weighed(RULE) == pytest.approx(0.16)


def test_a_named_article_stands_out_no_more_than_the_most() -> None:
    assert signals([evidence(2.1, None), evidence(1.1)], GAP, 0.9).distance == 0.3


def test_nothing_found_gives_no_signal() -> None:
    assert signals([], GAP, 0.9) == Signals(0.9, 0.0, 0.9, 0.3, 0.1, 0.0)


def test_the_fitted_rule_tells_two_kinds_apart() -> None:
    random = np.random.default_rng(1)
    answered = np.arange(200) % 4 != 0
    rows = random.normal(size=(200, 3))
    rows[:, 1] -= 2.5 * answered
    weights, limit = fit(rows, answered)
    sums = rows @ weights
    assert abs(weights[1]) > 3 * max(abs(weights[0]), abs(weights[2]))
    assert under_the_curve(sums, answered) > 0.95
    right = (sums >= limit) == answered
    assert min(right[answered].mean(), right[~answered].mean()) > 0.85
