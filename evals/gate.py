"""The gate: a fixed subset of the known questions that no change may answer worse. Its numbers are in `gate.toml`.

Two halves: `corpus` over what ships, `laws` over that and the official texts. A half passes when every mean is at its
threshold or better; when it does not, the questions that were right before and are not now are named.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import Field, ValidationError

from assistant.runs import Case
from evals.scorers import SCORERS
from indexer.errors import LeidraadError
from indexer.models import Frozen

FILE = Path(__file__).parent / "gate.toml"
HALVES = ("corpus", "laws")
GUARDED = ("recall_at_1", "recall_at_5", "states_facts", "citation_recall", "answers", "refuses")
"""Scorers whose thresholds follow what is reached."""
ALWAYS = ("quotes_verbatim", "right_law", "masked", "lies_stopped")
"""Scorers that are 1 or wrong: a threshold of 1, whatever was reached."""
KEPT_KINDS = ("dated", "regime", "personal_data")
"""Kinds of which no question that was right may be lost: a wrong law or a name that leaks is not averaged away."""

LIES = "lies_stopped"
_LABELS = {scorer.name: scorer.label for scorer in SCORERS} | {LIES: "planted lies stopped"}


class GateError(LeidraadError):
    """gate.toml cannot be read, or names what is not there."""


class Half(Frozen):
    """The questions of one half by id, the least mean of each scorer, and what was wrong when these were set.

    `kept` are questions that must stay right each by itself.
    """

    questions: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    thresholds: dict[str, float] = Field(default_factory=dict)
    wrong: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class Gate(Frozen):
    """The whole of gate.toml. `prompts` is the hash of the prompts with which a language model was last measured."""

    prompts: str = ""
    corpus: Half = Half()
    laws: Half = Half()


class Verdict(Frozen):
    """Whether a half passed, and why, as lines for a person. `fell` are questions by scorer."""

    passed: bool
    lines: tuple[str, ...]
    fell: dict[str, tuple[str, ...]] = Field(default_factory=dict)


def load_gate(path: Path = FILE) -> Gate:
    """The gate in force. Raises `GateError`."""
    try:
        return Gate.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise GateError(f"{path} cannot be read as a gate ({type(error).__name__}).") from None


def judge_prompts(gate: Gate, prompts: str) -> Verdict:
    """Whether the prompts are those that were measured: a changed prompt is measured anew before it lands."""
    if gate.prompts == prompts:
        return Verdict(passed=True, lines=())
    return Verdict(
        passed=False,
        lines=(
            "gate: the prompts are not those that were last measured. Run leidraad eval with a model, look at what "
            "changed, then: make gate-raise",
        ),
    )


def judge_cases(gate: Gate, half: str, cases: Sequence[Case], *, whole: bool = True) -> Verdict:
    """The verdict over the cases of a half's questions.

    `whole` asks that every question of the half was put and everything measured: one whose source is gone fell.
    Without it, a run over another index is judged only where it holds them all, and without the planted lies.
    """
    own: Half = getattr(gate, half)
    by_id = {case.id: case for case in cases if case.id in set(own.questions)}
    gone = tuple(name for name in own.questions if name not in by_id)
    if not own.questions or (gone and not whole):
        return Verdict(passed=True, lines=(f"gate, {half}: not applied, {len(gone)} of its questions were not asked.",))
    lines: list[str] = []
    fell: dict[str, tuple[str, ...]] = {}
    if gone:
        fell["asked"] = gone
        lines.append(f"gate, {half}: the sources that answer these questions are gone: {', '.join(gone)}")
    if lost := tuple(name for name in own.kept if name in by_id and not _right(by_id[name])):
        fell["kept"] = lost
        lines.append(f"gate, {half}: these must stay right (the law that holds, personal data)")
        lines += [f"    fell: {name}  {by_id[name].question}" for name in lost]
    for scorer, least in own.thresholds.items():
        values = {name: case.values[scorer] for name, case in by_id.items() if scorer in case.values}
        if not values:
            if whole and not gone:
                fell[scorer] = ()
                lines.append(f"gate, {half}: nothing was measured for {_LABELS.get(scorer, scorer)}")
            continue
        mean = sum(values.values()) / len(values)
        now_wrong = [n for n, value in values.items() if value < 1 and scorer not in own.wrong.get(n, ())]
        if mean + 1e-9 < least:
            fell[scorer] = tuple(now_wrong)
            lines.append(f"gate, {half}: {_LABELS.get(scorer, scorer)} {mean:.3f} is under {least:.3f}")
            lines += [f"    fell: {name}  {by_id[name].question}" for name in now_wrong]
        else:
            moved = f"; right before, not now: {', '.join(now_wrong)}" if now_wrong else ""
            lines.append(f"gate, {half}: {_LABELS.get(scorer, scorer)} {mean:.3f} (least {least:.3f}){moved}")
    return Verdict(passed=not fell, lines=tuple(lines), fell=fell)


def raised(cases: Sequence[Case]) -> Half:
    """A half with thresholds just under what these cases reached: one question may fall, none where nothing may."""
    thresholds: dict[str, float] = {}
    wrong: dict[str, tuple[str, ...]] = {}
    for scorer in (*GUARDED, *ALWAYS):
        values = [case.values[scorer] for case in cases if scorer in case.values]
        if values:
            reached = sum(values) / len(values)
            thresholds[scorer] = 1.0 if scorer in ALWAYS else int(max(0.0, reached - 1 / len(values)) * 1000) / 1000
    for case in cases:
        below = tuple(scorer for scorer in GUARDED if case.values.get(scorer, 1.0) < 1)
        if below:
            wrong[case.id] = below
    kept = tuple(case.id for case in cases if case.kind in KEPT_KINDS and _right(case))
    return Half(questions=tuple(case.id for case in cases), kept=kept, thresholds=thresholds, wrong=wrong)


def _right(case: Case) -> bool:
    """Whether a question ended as it should, with its facts, under the law that holds and with nothing unmasked."""
    wanted = ("states_facts", "answers", "refuses", "asks_back", "masked", "right_law")
    return all(case.values.get(scorer, 1.0) == 1.0 for scorer in wanted)


def write_gate(prompts: str, halves: Mapping[str, Half], path: Path = FILE) -> None:
    """Writes gate.toml. A half that is not given stays as it is."""
    gate = load_gate(path) if path.exists() else Gate()
    lines = [
        "# What no change may fall under: questions by id, the least mean of each scorer, and what was already wrong.",
        "# `make gate-raise` sets it to just under today's figures (docs/evaluation.md says when to do that).",
        "",
        f'prompts = "{prompts}"  # hash of the prompts that were last measured',
    ]
    for name in HALVES:
        half = halves.get(name, getattr(gate, name))
        lines += ["", f"[{name}]", "questions = ["]
        lines += [f"  {_strings(half.questions[at : at + 6])}," for at in range(0, len(half.questions), 6)]
        lines += ["]", f"kept = [{_strings(half.kept)}]", "", f"[{name}.thresholds]"]
        lines += [f"{scorer} = {least}" for scorer, least in half.thresholds.items()]
        lines += ["", f"[{name}.wrong]"]
        lines += [f"{question} = [{_strings(scorers)}]" for question, scorers in sorted(half.wrong.items())]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _strings(values: Sequence[str]) -> str:
    return ", ".join(f'"{value}"' for value in values)
