"""A run as one self-contained page: no scripts, nothing loaded from elsewhere, every plot drawn in the page itself."""

from __future__ import annotations

from collections.abc import Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from assistant import charts
from assistant.charts import Interval
from assistant.models import Status
from assistant.runs import Case, Run
from evals import metrics, summary
from evals.compare import compare
from evals.scorers import SCORERS
from evals.task import SETS

_WORST = 30
_BINS = 8
_MAP = ("recall_at_1", "recall_at_5", "states_facts", "citation_precision", "answers", "refuses")
_LABELS = {scorer.name: scorer.label for scorer in SCORERS}


def html(run: Run, before: Run | None = None, *, show_test: bool = False) -> str:
    """The page. Test questions among the worst are named without their answers unless `show_test`."""
    environment = Environment(
        loader=PackageLoader("evals", ""), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    changes = compare(before.systems[0].cases, run.systems[0].cases, seed=run.made.seed) if before else ()
    return environment.get_template("report.html.j2").render(
        run=run,
        before=before,
        changes=changes,
        against=_against_baselines(run),
        sets=[_set(run, name, show_test) for name in SETS if any(c.set == name for c in run.systems[0].cases)],
        scorers=SCORERS,
    )


def _set(run: Run, name: str, show_test: bool) -> dict[str, object]:
    cases = [case for case in run.systems[0].cases if case.set == name]
    return {
        "name": name,
        "count": len(cases),
        "scores": Markup(_scores(run, name)),  # noqa: S704 — our own SVG, its texts escaped in charts
        "maps": [(by, Markup(svg)) for by in ("topic", "kind", "audience", "regime") if (svg := _map(run, name, by))],  # noqa: S704
        "calibration": Markup(_calibration(cases)),  # noqa: S704
        "latency": Markup(_latency(cases)),  # noqa: S704
        "use": summary.use(cases),
        "worst": worst(cases),
        "open": name != "test" or show_test,
        "table": {s.name: {c.name: run.figure(s.name, name, c.name) for c in SCORERS} for s in run.systems},
    }


def _scores(run: Run, name: str) -> str:
    rows: dict[str, dict[str, Interval]] = {}
    for scorer in SCORERS:
        for system in run.systems:
            figure = run.figure(system.name, name, scorer.name)
            if figure:
                bounds = Interval(figure.mean, figure.low, figure.high)
                rows.setdefault(scorer.label, {})[system.name] = bounds
    return charts.intervals(f"Scores with 95% intervals, {name}", rows)


def _map(run: Run, name: str, by: str) -> str:
    own = [f for f in run.figures if (f.system, f.set, f.by) == (run.systems[0].name, name, by)]
    found = {(f.group, f.scorer): f.mean for f in own}
    shown = [figure for figure in own if figure.scorer in _MAP]
    counts = {group: max(f.n for f in shown if f.group == group) for group in dict.fromkeys(f.group for f in shown)}
    columns = [scorer for scorer in _MAP if any((group, scorer) in found for group in counts)]
    if not columns:
        return ""
    rows = {f"{group} (n={n})": [found.get((group, s)) for s in columns] for group, n in sorted(counts.items())}
    return charts.heat_map(f"Scores by {by}, {name}", [_LABELS[s] for s in columns], rows)


def _calibration(cases: Sequence[Case]) -> str:
    """How often the sources answer and how often the assistant does, by the similarity of its best passage."""
    known = sorted(
        (case for case in cases if case.similarity is not None and case.expected is not Status.CLARIFY),
        key=lambda case: (case.similarity or 0.0, case.id),
    )
    if not known:
        return ""
    size = max(1, -(-len(known) // _BINS))
    bins = []
    for start in range(0, len(known), size):
        part = known[start : start + size]
        label = f"{part[0].similarity:.3f}–{part[-1].similarity:.3f}"
        could = sum(case.expected is Status.ANSWERED for case in part) / len(part)
        did = sum(case.status is Status.ANSWERED for case in part) / len(part)
        bins.append((label, len(part), could, did))
    return charts.calibration("Calibration of refusal", bins, ("the sources answer", "the assistant answers"))


def _latency(cases: Sequence[Case]) -> str:
    rows = {}
    for step in summary.STEPS:
        times = [case.timings_ms[step] for case in cases if step in case.timings_ms]
        if times:
            rows[step] = (metrics.percentile(times, 0.5), metrics.percentile(times, 0.95))
    return charts.bars("Milliseconds a step", rows, ("p50", "p95"), "ms")


def worst(cases: Sequence[Case]) -> list[Case]:
    """The questions that went wrong, worst first: a wrong ending, a missing fact, then a right passage far down."""

    def badness(case: Case) -> tuple[int, int, float, str]:
        wrong = case.status is not case.expected
        return (-int(wrong), -len(case.missing), case.values.get("reciprocal_rank", 1.0), case.id)

    return sorted((case for case in cases if summary.wrong(case)), key=badness)[:_WORST]


def _against_baselines(run: Run) -> list[tuple[str, str, str]]:
    """Leidraad beside each baseline of the same run, paired by question."""
    rows = []
    for system in run.systems[1:]:
        for change in compare(system.cases, run.systems[0].cases, seed=run.made.seed):
            if change.scorer in ("recall_at_1", "recall_at_5", "recall_at_10"):
                told = f"{change.before:.3f} → {change.after:.3f} ({change.difference:+.3f}), p={change.p:.4f}"
                rows.append((system.label, change.label, told))
    return rows
