"""An answer that has sides: two law regimes, or a national rule and a municipality's own.

A side is evidence with the label it is said under. The old law is never said without its label, and a local text is
never said as the rule: the national one stands first where it answers too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from assistant.evidence import Sufficiency, choose
from assistant.models import Claim, Evidence
from assistant.settings import Weights
from assistant.verification import quantities
from indexer.index import Index
from indexer.models import Binding, Regime

REGIME_LABELS = {
    Regime.WI2021: "Wet inburgering 2021 (inburgeringsplichtig vanaf 1 januari 2022)",
    Regime.WI2013: "Oude wet, Wi2013 (inburgeringsplichtig vóór 1 januari 2022)",
}
NATIONAL_LABEL = "Landelijke regel"
LOCAL_LABEL = "Eigen beleid van uw gemeente"

Judge = Callable[[Sequence[Evidence]], Sufficiency]
Find = Callable[[frozenset[str]], Sequence[Evidence]]


class Side(NamedTuple):
    """What is said under one label; an empty label is no label."""

    label: str
    evidence: list[Evidence]


def regime_sides(
    index: Index, allowed: frozenset[str], evidence: Sequence[Evidence], find: Find, judge: Judge, weights: Weights
) -> list[Side]:
    """The evidence of each regime that must be labelled; none when the new law, or no regime, answers alone.

    Both answer when both can and come close; the old law alone answers only where the new one is silent. `find`
    retrieves among some sources.
    """
    leading = evidence[0].passage.regime if evidence else None
    if leading is None:
        return []
    found: dict[Regime, tuple[list[Evidence], float]] = {}
    for regime in (Regime.WI2021, Regime.WI2013):
        own = frozenset(s for s in allowed if index.sources[s].regime is regime)
        side = choose(find(own), weights)
        if judge(side).enough:
            found[regime] = (side, max(e.score for e in side[:3]))
    if len(found) == 2:
        new, old = found[Regime.WI2021][1], found[Regime.WI2013][1]
        if leading is Regime.WI2021 and new - old > weights.evidence.regime_margin:
            return []
        return [Side(REGIME_LABELS[regime], side) for regime, (side, _) in found.items()]
    return [
        Side(REGIME_LABELS[regime], side) for regime, (side, _) in found.items() if regime is leading is Regime.WI2013
    ]


def local_sides(evidence: Sequence[Evidence], judge: Judge, weights: Weights) -> list[Side]:
    """National and local evidence apart, the law in front, where a municipality's own text speaks to the question.

    Empty where none does. A side that does not answer by itself is left out, and so is a national side of which
    everything lies well further from the question than the municipality's text: it is about something else.
    """
    nearest = max((e.dense or 0.0 for e in evidence), default=0.0) - weights.evidence.local_margin
    local = [e for e in evidence if e.passage.binding is Binding.LOCAL and (e.dense or 0.0) >= nearest]
    national = [e for e in evidence if e.passage.binding is not Binding.LOCAL]
    if not local or not judge(local).enough:
        return []
    beside = max(e.dense or 0.0 for e in local) - weights.evidence.national_margin
    if not any(_is_near(e, beside, weights) for e in national):
        return [Side(LOCAL_LABEL, local)]
    law = [e for e in national if e.passage.binding in (Binding.LAW, Binding.RULE)]
    found = next((side for side in (law, national) if side and judge(side).enough), [])
    return [*([Side(NATIONAL_LABEL, found)] if found else []), Side(LOCAL_LABEL, local)]


def _is_near(evidence: Evidence, beside: float, weights: Weights) -> bool:
    """Whether a passage is as near as `beside`, a question in plain words leads to it, or it was named (no cosine)."""
    led = (evidence.bridge or 0.0) >= weights.evidence.national_bridge
    return led or evidence.dense is None or evidence.dense >= beside


def differ(claims: Sequence[Claim]) -> bool:
    """Whether what the municipality writes has another number for the same thing than the national rule.

    Compares quantities of one unit (weeks, hours, euros) on both sides: where both name some and share none.
    """
    national = quantities(" ".join(claim.text for claim in claims if claim.label != LOCAL_LABEL))
    local = quantities(" ".join(claim.text for claim in claims if claim.label == LOCAL_LABEL))
    units = {unit for _, unit in national} & {unit for _, unit in local}
    return any(
        not {number for number, u in national if u == unit} & {number for number, u in local if u == unit}
        for unit in units
    )
