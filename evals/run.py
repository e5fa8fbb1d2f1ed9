"""Runs the known questions: which, over which index, with what kept for a run that is broken off."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.assistant import Assistant
from assistant.errors import ModelError, RecordsError
from assistant.records import Records
from assistant.runs import Case, Run, RunError, Runs, read_run
from assistant.settings import Settings
from evals import gate, metrics, model_judge, report, summary
from evals.compare import compare, told
from evals.judge import Judge
from evals.making import made_by
from evals.questions import KnownQuestion, load_questions
from evals.scorers import SCORERS
from evals.systems import Leidraad, System, baseline
from evals.task import Task, figures
from indexer.index import Index
from indexer.models import Kind

PARTIAL = "partial.jsonl"
_MODEL_JOBS = 4
"""A language model elsewhere is waited for; questions go to it side by side."""


@dataclass(frozen=True)
class Options:
    """How a run is done; `compare` is the id of a stored run or the folder of one."""

    questions: Path | None = None
    out: Path | None = None
    baselines: Sequence[str] = ()
    compare: str | None = None
    resume: bool = False
    jobs: int | None = None
    seed: int = metrics.SEED
    show_test: bool = False
    judge: bool = False


def run(
    settings: Settings,
    options: Options,
    say: Callable[[str], None],
    on_step: Callable[[int, int], object] | None = None,
) -> bool:
    """Runs all known questions that this index can answer, tells the figures, and writes and keeps the run.

    Writes `results.json`, `report.html` and `summary.md` into the folder asked for, or one of its own under
    `settings.evals`. False when a quote does not stand in its source, or the run is under the gate.
    Raises `RunError`, `QuestionsError`, `ModelError` where the mode asks for a model and none is set, and what opening
    an index raises.
    """
    began = time.perf_counter()
    if settings.mode == "generative" and not (settings.chat_url and settings.chat_model):
        raise ModelError("No language model is set: LEIDRAAD_CHAT_URL and LEIDRAAD_CHAT_MODEL name it.")
    before = stored(settings, options.compare) if options.compare else None
    every = load_questions(options.questions, None if options.questions else settings.own_questions)
    assistant = Assistant(settings)
    assistant.warm()
    index = assistant.index()
    try:
        known = askable(every, index)
        made = made_by(settings, index, known, options.seed, assistant.embedder.name)
        left_out = len(every) - len(known)
        note = f" ({left_out} left out: their sources are not in it)" if left_out else ""
        say(f"{len(known)} known questions, generation {index.name}{note}")
        systems: list[System] = [Leidraad(assistant, settings.mode)]
        names = dict.fromkeys(options.baselines)
        systems += [baseline(name, index, assistant.embedder, settings.cache) for name in names]
        task = Task(known, systems, show_test=options.show_test)
        jobs = options.jobs or (_MODEL_JOBS if settings.mode == "generative" else 1)
        key = f"{made.key} {options.show_test}"
        with Partial((options.out or settings.evals) / PARTIAL, key, options.resume) as partial:
            total = len(known) * len(systems)
            counted = [len(partial.done)]

            def step(system: str, case: Case) -> None:
                partial.add(system, case)
                counted[0] += 1
                if on_step:
                    on_step(counted[0], total)

            found = task.run(Judge(index), jobs, partial.done, step)
            scorers = SCORERS
            if options.judge:
                found = (model_judge.judged(found[0], settings), *found[1:])
                scorers = (*SCORERS, model_judge.SCORER)
            done = Run(
                id=f"{made.created:%Y%m%d-%H%M%S}-{uuid.uuid4().hex[:6]}",
                made=made,
                seconds=round(time.perf_counter() - began, 1),
                left_out=left_out,
                systems=found,
                figures=figures(found, scorers, options.seed),
            )
            folder = options.out or settings.evals / done.id
            write(done, folder, before, show_test=options.show_test)
    finally:
        index.close()
    partial.finish()
    for line in (*summary.terminal(done), *summary.to_look_at(done)):
        say(line)
    if options.judge:
        for line in model_judge.agreement(done.systems[0].cases):
            say(line)
    if before is not None:
        say(f"\ncompared with {before.id}:")
        for line in told(compare(before.systems[0].cases, done.systems[0].cases, seed=options.seed)):
            say(line)
    _keep(settings, done, say)
    say(f"\n{done.seconds:.0f} s; results, report and summary in {folder}")
    return _passed(done, options, index, say)


def _passed(done: Run, options: Options, index: Index, say: Callable[[str], None]) -> bool:
    """Whether every quote stands and, where the gate's own questions were asked, whether the run is not under it."""
    cases = done.systems[0].cases
    passed = all(case.quotes == case.quotes_verbatim for case in cases)
    if not passed:
        say("A quote does not stand in its source: " + ", ".join(c.id for c in cases if c.quotes != c.quotes_verbatim))
    if options.questions is None:
        half = "laws" if any(source.kind is Kind.LAW for source in index.sources.values()) else "corpus"
        verdict = gate.judge_cases(gate.load_gate(), half, cases, whole=False)
        for line in verdict.lines:
            say(line)
        passed = passed and verdict.passed
    return passed


def _keep(settings: Settings, done: Run, say: Callable[[str], None]) -> None:
    """Keeps the run for the Kwaliteit page; a database that does not take it does not cost the run."""
    try:
        records = Records(settings.records)
        Runs(records).keep(done)
        records.close()
    except RecordsError as error:
        say(f"Note: {error}")


def write(done: Run, folder: Path, before: Run | None = None, *, show_test: bool = False) -> None:
    """Writes a run's three files. Raises `RunError` when the disk does not take them."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "results.json").write_text(done.model_dump_json(), encoding="utf-8")
        (folder / "report.html").write_text(report.html(done, before, show_test=show_test), encoding="utf-8")
        (folder / "summary.md").write_text(summary.markdown(done), encoding="utf-8")
    except OSError as error:
        raise RunError(f"The run cannot be written into {folder}: {error.strerror}.") from error


def stored(settings: Settings, name: str) -> Run:
    """A run by its id in the records, by its folder's name under `settings.evals`, or by a path. Raises `RunError`."""
    for path in (Path(name), settings.evals / name):
        if path.exists():
            return read_run(path)
    records = Records(settings.records)
    found = Runs(records).get(name)
    records.close()
    if found is None:
        raise RunError(f"There is no stored run '{name}': give its id, or the folder of its results.json.")
    return found


def askable(questions: Iterable[KnownQuestion], index: Index) -> tuple[KnownQuestion, ...]:
    """The questions that can be put to this index: one of the places that answer each is in it."""
    works = {source.work for source in index.sources.values()}
    laws = any(source.kind is Kind.LAW for source in index.sources.values())
    return tuple(
        q for q in questions if (any(g.source in works for g in q.gold) if q.gold else q.over == "corpus" or laws)
    )


class Partial:
    """The cases of a run as they come, in a file that outlives a run that is broken off.

    `done` holds what such a run left, where it was made by the same of everything; else the file begins anew.
    """

    def __init__(self, path: Path, key: str, resume: bool) -> None:
        self.done: dict[tuple[str, str], Case] = {}
        self._path = path
        if resume and path.exists():
            lines = path.read_text(encoding="utf-8").splitlines()
            if lines and lines[0] == json.dumps(key):
                for line in lines[1:]:
                    try:
                        entry = json.loads(line)
                        case = Case.model_validate(entry["case"])
                    except (ValueError, KeyError):
                        break  # the line that was being written when the run was broken off
                    self.done[entry["system"], case.id] = case
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("w", encoding="utf-8")
        except OSError as error:
            raise RunError(f"The run cannot be written into {path.parent}: {error.strerror}.") from error
        self._file.write(json.dumps(key) + "\n")
        for (system, _), case in self.done.items():
            self.add(system, case)

    def add(self, system: str, case: Case) -> None:
        """Keeps one case."""
        entry = {"system": system, "case": case.model_dump(mode="json")}
        self._file.write(json.dumps(entry, ensure_ascii=False) + "\n")
        self._file.flush()

    def finish(self) -> None:
        """The run is whole and written elsewhere."""
        self._path.unlink(missing_ok=True)

    def __enter__(self) -> Partial:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
