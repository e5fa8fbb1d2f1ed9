"""Runs the gate: indexes what it needs in a folder of its own, asks the fixed questions, and judges or raises."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from assistant.assistant import Assistant
from assistant.embedders import make_embedder
from assistant.runs import Case
from assistant.settings import ROOT, Settings
from evals import gate, lies
from evals.gate import Gate, Half
from evals.judge import Judge
from evals.making import prompts_hash
from evals.questions import FOLDER, KnownQuestion, load_questions
from evals.run import askable
from evals.systems import Leidraad
from evals.task import Task
from indexer.embedding import Embedder
from indexer.generation import build
from indexer.sources import LOCAL_FOLDER, OFFICIAL_FOLDER

TEXTS = ROOT.parent / "shared" / "sources"
"""Where the official texts are looked for, for the half over laws."""

_VECTORS = "embeddings.sqlite"
_LIES = 5
_EACH = 3
"""Every so many of the questions over laws is in the gate."""


def run_gate(
    settings: Settings,
    say: Callable[[str], None],
    on_step: Callable[[int, int], object] | None = None,
    *,
    texts: Path = TEXTS,
    questions: Path = FOLDER,
    file: Path = gate.FILE,
    raise_: bool = False,
) -> bool:
    """Asks the gate's questions over the shipped corpus and, where `texts` is, over that with the official texts.

    With `raise_` the gate is set to just under what is reached. False when a half is under its thresholds or the
    prompts are not those that were measured.
    """
    known = [question for question in load_questions(questions) if question.set == "dev"]
    embedder = make_embedder(settings)
    now = gate.load_gate(file) if file.exists() else Gate()
    prompts = prompts_hash()
    verdicts = [] if raise_ else [gate.judge_prompts(now, prompts)]
    halves: dict[str, Half] = {}
    for half in gate.HALVES:
        if half == "laws" and not texts.is_dir():
            say(f"gate, laws: left out, the official texts are not in {texts}.")
            continue
        cases = _cases(settings, embedder, half, texts, known, () if raise_ else getattr(now, half).questions, on_step)
        if raise_:
            halves[half] = gate.raised(cases)
            say(f"gate, {half}: {len(cases)} questions, thresholds {halves[half].thresholds}")
        else:
            verdicts.append(gate.judge_cases(now, half, cases))
    if raise_:
        gate.write_gate(prompts, halves, file)
    for verdict in verdicts:
        for line in verdict.lines:
            say(line)
    return all(verdict.passed for verdict in verdicts)


def _cases(
    settings: Settings,
    embedder: Embedder,
    half: str,
    texts: Path,
    known: Sequence[KnownQuestion],
    wanted: Sequence[str],
    on_step: Callable[[int, int], object] | None,
) -> list[Case]:
    """The cases of a half; the questions `wanted`, or a fixed choice where none are."""
    folder = settings.evals / "gate" / half
    own = settings.model_copy(update={"corpus": folder / "corpus", "index": folder / "index", "mode": "extractive"})
    _lay_out(settings.corpus, own.corpus, texts if half == "laws" else None)
    _borrow_vectors(settings, folder)
    build(own.corpus, own.index, embedder, plain=settings.plain)
    assistant = Assistant(own, embedder)
    index = assistant.index()
    try:
        asked = askable(known, index)
        asked = tuple(q for q in asked if q.id in set(wanted)) if wanted else chosen(asked, half)
        count = [0]

        def told(_system: str, _case: Case) -> None:
            count[0] += 1
            if on_step:
                on_step(count[0], len(asked))

        (run,) = Task(asked, [Leidraad(assistant)]).run(Judge(index), on_case=told)
        stopped = lies.stopped(assistant, _with_numbers(asked))
    finally:
        index.close()
    return [
        case.model_copy(update={"values": case.values | {gate.LIES: stopped[case.id]}}) if case.id in stopped else case
        for case in run.cases
    ]


def chosen(questions: Sequence[KnownQuestion], half: str) -> tuple[KnownQuestion, ...]:
    """The gate's fixed choice: all questions over the shipped corpus; over laws every third of each kind, and all of
    the kinds of which none may be lost."""
    if half == "corpus":
        return tuple(question for question in questions if question.over == "corpus")
    by_kind: dict[str, int] = {}
    found = []
    for question in questions:
        number = by_kind.get(question.kind, 0)
        by_kind[question.kind] = number + 1
        kept = question.kind in gate.KEPT_KINDS
        if question.over == "sources" and (kept or number % _EACH == 0):
            found.append(question)
    return tuple(found)


def _with_numbers(questions: Sequence[KnownQuestion]) -> list[KnownQuestion]:
    """The first questions whose answer must state a number: there a lie can be planted."""

    def numeric(question: KnownQuestion) -> bool:
        facts = [(fact,) if isinstance(fact, str) else fact for fact in question.must_state]
        return any(any(character.isdigit() for character in way) for ways in facts for way in ways)

    return [question for question in questions if numeric(question)][:_LIES]


def _lay_out(corpus: Path, target: Path, texts: Path | None) -> None:
    """A folder with what ships, without what a municipality or `leidraad fetch` added, and with `texts` if given."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(corpus, target, ignore=lambda folder, _: _not_shipped(Path(folder), corpus))
    for path in sorted(texts.rglob("*")) if texts else ():
        if path.suffix in (".xml", ".pdf"):
            place = target / OFFICIAL_FOLDER if path.suffix == ".xml" else target
            place.mkdir(exist_ok=True)
            shutil.copy(path, place / path.name)


def _not_shipped(folder: Path, corpus: Path) -> set[str]:
    return {LOCAL_FOLDER, OFFICIAL_FOLDER} if folder == corpus else set()


def _borrow_vectors(settings: Settings, folder: Path) -> None:
    """Takes over vectors that are at hand: a text that was embedded once is not embedded again."""
    target = folder / "index" / _VECTORS
    near = (settings.index / _VECTORS, settings.evals / "gate" / "corpus" / "index" / _VECTORS)
    source = next((path for path in near if path.is_file()), None)
    if source is not None and not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
