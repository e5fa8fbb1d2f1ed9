"""A run as lines in the terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.models import Status
from assistant.runs import Case, Figure, Run, SystemRun
from evals import metrics
from evals.scorers import SCORERS
from evals.task import SETS

_WIDTH = 34
_COUNTED = {
    "quotes_verbatim": "quotes verbatim in their source",
    "masked": "personal data not masked",
    "false_alarm": "masked where nothing is personal",
}
_USED = {
    "calls": "calls",
    "tokens_in": "tokens read",
    "tokens_out": "tokens written",
    "cost": "cost in euros",
    "first_token_ms": "ms to first token",
}
STEPS = ("retrieval", "evidence", "answering", "verification", "total")


def terminal(run: Run) -> list[str]:
    """The table of every set: Leidraad's figures, the baselines under its own, times, and a model's use."""
    lines = []
    for name in SETS:
        own = [case for case in run.systems[0].cases if case.set == name]
        if not own:
            continue
        lines.append(f"\n{name}: {len(own)} questions")
        for number, system in enumerate(run.systems):
            if number == 0 or system.name.startswith("leidraad"):
                if number or system.name != "leidraad-extractive":
                    lines.append(system.label + ":")
                lines += _of_system(run, system, name, run.systems[1:] if number == 0 else ())
    return lines


def _of_system(run: Run, system: SystemRun, name: str, others: Sequence[SystemRun]) -> list[str]:
    cases = [case for case in system.cases if case.set == name]
    lines = []
    for scorer in SCORERS:
        figure = run.figure(system.name, name, scorer.name)
        if scorer.name in _COUNTED:
            lines += _counted(scorer.name, cases)
        elif figure is not None:
            lines.append(line(figure))
        if scorer.name == "ndcg_at_10":
            lines += _baselines(run, others, name)
    for step in STEPS:
        times = [case.timings_ms[step] for case in cases if step in case.timings_ms]
        if times:
            p50, p95 = metrics.percentile(times, 0.5), metrics.percentile(times, 0.95)
            lines.append(f"{f'milliseconds, {step}':{_WIDTH}}p50 {p50:.0f}, p95 {p95:.0f}")
    return lines + [f"{f'model, {label}':{_WIDTH}}{told}" for label, told in use(cases)]


def _own(system: SystemRun, name: str) -> list[Case]:
    return [case for case in system.cases if case.set == name]


def line(figure: Figure) -> str:
    """A figure as one line."""
    mean = metrics.Mean(n=figure.n, mean=figure.mean, low=figure.low, high=figure.high)
    return f"{figure.label:{_WIDTH}}{mean}"


def _counted(scorer: str, cases: Sequence[Case]) -> list[str]:
    """What is better told as a count of all than as a mean over questions."""
    if scorer == "quotes_verbatim":
        held, quotes = sum(case.quotes_verbatim for case in cases), sum(case.quotes for case in cases)
        return [f"{_COUNTED[scorer]:{_WIDTH}}{held}/{quotes}"]
    values = [case.values[scorer] for case in cases if scorer in case.values]
    count = sum(values) if scorer == "false_alarm" else len(values) - sum(values)
    return [f"{_COUNTED[scorer]:{_WIDTH}}{count:.0f}/{len(values)}"] if values else []


def _baselines(run: Run, others: Sequence[SystemRun], name: str) -> list[str]:
    lines = []
    for system in others:
        if system.name.startswith("leidraad"):
            continue
        for depth in (1, 5, 10):
            figure = run.figure(system.name, name, f"recall_at_{depth}")
            if figure:
                lines.append(line(figure.model_copy(update={"label": f"  {system.name} baseline, first {depth}"})))
    return lines


def use(cases: Sequence[Case]) -> list[tuple[str, str]]:
    """What a language model used, by name: how many answers are in its words, tokens, cost, time to first token."""
    asked = [case for case in cases if case.usage]
    if not asked:
        return []
    answered = [case for case in asked if case.status is Status.ANSWERED]
    own = sum(case.outcome != "model_failed" for case in answered)
    rows = [("in the model's words", f"{own}/{len(answered)} answers")]
    for name, label in _USED.items():
        values = [case.usage[name] for case in asked if name in case.usage]
        if not values:
            continue
        middle = metrics.percentile(values, 0.5)
        if name == "first_token_ms":
            rows.append((label, f"p50 {middle:.0f}, p95 {metrics.percentile(values, 0.95):.0f}"))
        else:
            rows.append((label, f"median {middle:.4g}, total {sum(values):.6g}"))
    return rows


def to_look_at(run: Run) -> list[str]:
    """The questions of which the answer was wrong or left a fact out. Of a test question only the outcome shows."""
    lines = []
    for case in run.systems[0].cases:
        if case.status is not None and wrong(case):
            text = " ".join(case.text.split())[:100] if case.set == "dev" else case.outcome
            lines.append(f"  {case.id}  {text}")
    return ["\nto look at:", *lines] if lines else []


def wrong(case: Case) -> bool:
    """Whether it ended otherwise than it should, or left a fact out."""
    return case.status is not case.expected or bool(case.missing)


def markdown(run: Run) -> str:
    """The run as a Markdown summary: what made it, a table a set, and the weakest topics."""
    made = run.made
    lines = [
        f"# Evaluation {run.id}",
        "",
        f"{made.created:%Y-%m-%d %H:%M} · Leidraad {made.version} · generation {made.generation} "
        f"({made.sources} sources, {made.passages} passages) · {made.embedder} · seed {made.seed}",
    ]
    if run.left_out:
        lines += ["", f"{run.left_out} questions were left out: their sources are not in this index."]
    for name in SETS:
        systems = [s for s in run.systems if any(case.set == name for case in s.cases)]
        if not systems:
            continue
        count = sum(case.set == name for case in systems[0].cases)
        lines += ["", f"## {name}: {count} questions", "", "| measure | " + " | ".join(s.name for s in systems) + " |"]
        lines.append("|---" * (len(systems) + 1) + "|")
        for scorer in SCORERS:
            found = [run.figure(s.name, name, scorer.name) for s in systems]
            if any(found):
                cells = [f"{f.mean:.3f} [{f.low:.3f}–{f.high:.3f}] n={f.n}" if f else "" for f in found]
                lines.append(f"| {scorer.label} | " + " | ".join(cells) + " |")
        rows = [(system.name, label, told) for system in systems for label, told in use(_own(system, name))]
        if rows:
            lines += ["", "| language model | | |", "|---|---|---|"]
            lines += [f"| {system} | {label} | {told} |" for system, label, told in rows]
        weak = sorted(
            (
                f
                for f in run.figures
                if (f.system, f.set, f.scorer, f.by) == (systems[0].name, name, "answers", "topic")
            ),
            key=lambda f: (f.mean, f.group),
        )[:5]
        if weak:
            told = ", ".join(f"{f.group} ({f.mean:.2f}, n={f.n})" for f in weak)
            lines += ["", f"Weakest topics (answers what the sources answer): {told}."]
    return "\n".join(lines) + "\n"
