"""The command that puts the known questions to the assistant: eval."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from assistant.settings import load_settings
from assistant.terminal.shared import EXIT_FAULT, EXIT_USAGE, IndexOption, ModeOption, check_mode, err, say, stop


def evaluate(
    questions: Annotated[Path | None, typer.Option("--questions", help="Folder of known questions.")] = None,
    index: IndexOption = None,
    out_dir: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for results, report and summary.", show_default="data/evals/RUN"),
    ] = None,
    baseline: Annotated[
        list[str] | None, typer.Option("--baseline", help="bm25, dense, fused, plain, or all; may be repeated.")
    ] = None,
    mode: ModeOption = None,
    compare: Annotated[str | None, typer.Option("--compare", help="An earlier run: its id or its folder.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Take up a run that was broken off.")] = False,
    jobs: Annotated[int | None, typer.Option("--jobs", min=1, max=32, help="Questions side by side.")] = None,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the intervals.")] = 20220101,
    show_test: Annotated[bool, typer.Option("--show-test", help="Keep the answers of test questions too.")] = False,
    judge: Annotated[bool, typer.Option("--judge", help="Let a language model judge too, apart.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Only check the questions against the index.")] = False,
    suggest: Annotated[bool, typer.Option("--suggest", help="Only write candidates from new passages.")] = False,
    gate: Annotated[
        bool, typer.Option("--gate", help="Only the gate: a fixed subset over an index of its own.")
    ] = False,
    gate_raise: Annotated[bool, typer.Option("--gate-raise", help="Set the gate to just under today's.")] = False,
) -> None:
    """Put the known questions to the assistant and score the answers, development and test questions apart.

    Exit status: 0 passed, 1 a quote does not stand in its source, a question's place is gone, or under the gate.
    """
    from evals import gate_run, run, systems, upkeep

    chosen = [name for given in baseline or () for name in (systems.BASELINES if given == "all" else (given,))]
    if unknown := set(chosen) - set(systems.BASELINES):
        stop(f"There is no baseline '{min(unknown)}'; choose {', '.join(systems.BASELINES)} or all.", EXIT_USAGE)
    check_mode(mode)
    if check + suggest + gate + gate_raise > 1:
        stop("--check, --suggest, --gate and --gate-raise do not go together.", EXIT_USAGE)
    settings = load_settings(index=index, mode=mode)
    passed = True
    if check:
        passed = upkeep.check(questions, settings, say)
    elif suggest:
        upkeep.suggest(questions, settings, say, out=out_dir)
    else:
        options = run.Options(questions, out_dir, chosen, compare, resume, jobs, seed, show_test, judge)
        columns = (TextColumn("Asking"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=err, transient=True) as progress:
            task = progress.add_task("", total=None)

            def step(done: int, total: int) -> None:
                progress.update(task, completed=done, total=total)

            if gate or gate_raise:
                passed = gate_run.run_gate(settings, say, step, raise_=gate_raise)
            else:
                passed = run.run(settings, options, say, step)
    if not passed:
        raise typer.Exit(EXIT_FAULT)
