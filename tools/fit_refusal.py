"""When to answer and when to refuse: make refusal [ARGS="--index FOLDER --check NAME"].

Fits the rule of `[evidence.broad]` in assistant/weights.toml to the development questions: a logistic regression over
the signals of `assistant.evidence.signals`, each class weighing the same. Prints the rule that is in use and the fitted
one, with the area under the curve, cross-validated, and how much is refused where 96% is answered. Questions whose id
begins with `--check` are not fitted on, only measured. Changes nothing.
"""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.assistant import Assistant
from assistant.evidence import Signals, choose, signals
from assistant.models import Status
from assistant.retrieval import retrieve
from assistant.scope import read_scope
from assistant.settings import load_settings
from evals.questions import load_questions
from evals.run import askable

_FOLDS = 8
_RIDGE = 1.0
_ANSWERED = 0.96
_AGAINST = {"gap", "topic"}
"""The signals that the rule counts against answering."""

Rows = NDArray[np.float64]


def fit(rows: Rows, answered: NDArray[np.bool_]) -> tuple[Rows, float]:
    """What each column of `rows` (n, k) weighs, and the sum from which on the odds are even."""
    centre, scale = rows.mean(axis=0), rows.std(axis=0) + 1e-12
    x = np.column_stack([(rows - centre) / scale, np.ones(len(rows))])
    share = np.where(answered, 0.5 / answered.mean(), 0.5 / (1 - answered.mean()))
    ridge = np.diag([*([_RIDGE] * rows.shape[1]), 0.0])
    w = np.zeros(x.shape[1])
    for _ in range(30):  # Newton's method
        p = 1 / (1 + np.exp(-np.clip(x @ w, -30, 30)))
        gradient = x.T @ (share * (p - answered)) + ridge @ w
        w -= np.linalg.solve((x.T * (share * p * (1 - p))) @ x + ridge, gradient)
    weights = w[:-1] / scale
    return weights, float(weights @ centre - w[-1])


def under_the_curve(sums: Rows, answered: NDArray[np.bool_]) -> float:
    """How often an answered question has a higher sum than one that must be refused."""
    higher, lower = sums[answered][:, None], sums[~answered][None, :]
    return float(((higher > lower) + 0.5 * (higher == lower)).mean())


def _line(name: str, sums: Rows, answered: NDArray[np.bool_], limit: float | None) -> str:
    at = float(np.quantile(sums[answered], 1 - _ANSWERED)) if limit is None else limit
    said, kept = (sums[answered] >= at).mean(), (sums[~answered] < at).mean()
    where = "where" if limit is None else "at its limit"
    area = under_the_curve(sums, answered)
    return f"  {name:34}area {area:.3f}   {where} {said:.3f} is answered, {kept:.3f} is refused (n={len(sums)})"


def main() -> int:
    """Fits and prints."""
    parser = argparse.ArgumentParser(description="When to answer and when to refuse.")
    parser.add_argument("--index", type=Path, default=load_settings().index, help="folder of the index")
    parser.add_argument("--check", default="-", help="beginning of the ids that are only measured")
    given = parser.parse_args()
    assistant = Assistant(load_settings(index=given.index))
    rule, index = assistant.weights.evidence.broad, assistant.index()
    found: list[tuple[str, bool, Signals]] = []
    questions = load_questions()
    can_be_asked = {q.id for q in askable(questions, index)}
    for q in questions:
        if q.set != "dev" or q.conversation or q.status is Status.CLARIFY:
            continue
        # What no source answers is answered by no part of them.
        if q.id not in can_be_asked and q.status is Status.ANSWERED:
            continue
        scope = read_scope(q.question, date.today(), as_of=q.as_of)
        allowed = index.allowed(scope.as_of, None, scope.regime)
        if not allowed:
            continue
        ranked = retrieve(index, assistant.embedder, q.question, allowed, assistant.weights, assistant.glossary)
        gap = index.plain.nearest_gap(ranked.vector)
        if gap is None or ranked.leads is None:
            print("This index has no broad layer of plain words, or no known gaps.", file=sys.stderr)
            return 2
        told = signals(choose(ranked.evidence, assistant.weights), gap, ranked.leads)
        found.append((q.id, q.status is Status.ANSWERED, told))
    ids = np.array([identity for identity, *_ in found])
    answered = np.array([yes for _, yes, _ in found])
    rows = np.array([told for *_, told in found], dtype=np.float64)
    _report(ids, answered, rows, np.array([told.weighed(rule) for *_, told in found]) - rule.lead, given.check)
    index.close()
    return 0


def _report(ids: NDArray[np.str_], answered: NDArray[np.bool_], rows: Rows, used: Rows, check: str) -> None:
    held = np.char.startswith(ids, check)
    kept = np.flatnonzero(~held)
    folds = np.random.default_rng(0).permutation(len(kept)) % _FOLDS
    across = np.zeros(len(kept))
    for fold in range(_FOLDS):
        inside, outside = kept[folds != fold], kept[folds == fold]
        weights, limit = fit(rows[inside], answered[inside])
        across[folds == fold] = rows[outside] @ weights - limit
    weights, _ = fit(rows[kept], answered[kept])
    sums = rows @ weights
    limit = float(np.quantile(sums[kept][answered[kept]], 1 - _ANSWERED))
    print(f"{len(kept)} development questions, {int((~answered[kept]).sum())} of them to refuse")
    print(_line("the rule in use", used[kept], answered[kept], 0.0))
    print(_line("fitted, cross-validated", across, answered[kept], None))
    if held.any():
        print(_line("the rule in use, " + check, used[held], answered[held], 0.0))
        print(_line("fitted, not fitted on", sums[held] - limit, answered[held], 0.0))
    size = float(np.abs(weights).sum())
    print("fitted, as in assistant/weights.toml:")
    for name, weight in zip(Signals._fields, weights * 5 / size, strict=True):
        print(f"  by_{name:11}= {-weight if name in _AGAINST else weight:.3f}")
    print(f"  lead          = {limit * 5 / size:.4f}")


if __name__ == "__main__":
    sys.exit(main())
