"""An evaluation, declared: which questions, put to which systems, measured by which scorers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from assistant.models import Answer
from assistant.runs import Case, Figure, Shown, SystemRun
from evals import metrics
from evals.judge import Judge
from evals.questions import KnownQuestion
from evals.scorers import SCORERS, Scorer, Seen, measure, see
from evals.systems import System
from indexer.models import Passage

SETS = ("dev", "test")
GROUPS = ("topic", "audience", "kind", "regime")
_SMALLEST_GROUP = 3
_SHOWN = 3
_LONGEST = 500


@dataclass(frozen=True)
class Task:
    """Questions, systems and scorers.

    `show_test` keeps the answers of test questions too; without it only their figures are kept, so that nobody tunes
    on them.
    """

    questions: Sequence[KnownQuestion]
    systems: Sequence[System]
    scorers: Sequence[Scorer] = SCORERS
    show_test: bool = False

    def run(
        self,
        judge: Judge,
        jobs: int = 1,
        done: Mapping[tuple[str, str], Case] | None = None,
        on_case: Callable[[str, Case], object] | None = None,
    ) -> tuple[SystemRun, ...]:
        """Puts every question to every system, `jobs` at a time; the cases come in the order of the questions.

        `done` holds cases of a run that was broken off, by system and question; they are not asked again. `on_case` is
        told of each new case, in order.
        """
        done = done or {}
        runs = []
        for system in self.systems:
            with ThreadPoolExecutor(max_workers=jobs) as pool:
                waiting = [
                    done.get((system.name, question.id)) or pool.submit(self.case, question, system, judge)
                    for question in self.questions
                ]
                cases = []
                try:
                    for entry in waiting:
                        case = entry if isinstance(entry, Case) else entry.result()
                        cases.append(case)
                        if on_case and not isinstance(entry, Case):
                            on_case(system.name, case)
                except BaseException:
                    pool.shutdown(cancel_futures=True)
                    raise
            runs.append(SystemRun(name=system.name, label=system.label, cases=tuple(cases)))
        return tuple(runs)

    def case(self, question: KnownQuestion, system: System, judge: Judge) -> Case:
        """Puts one question to one system and measures what it gives."""
        response = system.respond(question, judge)
        seen = see(question, response, judge)
        open_ = question.set != "test" or self.show_test
        case = Case(
            id=question.id,
            set=question.set,
            kind=question.kind,
            topic=question.topic,
            audience=question.audience,
            regime=question.regime,
            question=question.question,
            expected=question.status,
            values=measure(seen, self.scorers),
            ranks=seen.ranks,
            right=seen.right,
            timings_ms=dict(response.timings_ms),
        )
        return case.model_copy(update=_of_answer(response.answer, seen, judge, open_)) if response.answer else case


def _of_answer(answer: Answer, seen: Seen, judge: Judge, open_: bool) -> dict[str, object]:
    cosines = [e.dense for e in answer.evidence if e.dense is not None]
    told: dict[str, object] = {
        "status": answer.status,
        "outcome": answer.outcome,
        "missing": seen.missing,
        "quotes": len(seen.verbatim),
        "quotes_verbatim": sum(seen.verbatim),
        "similarity": max(cosines) if cosines else None,
        "usage": _usage(answer),
    }
    if not open_:
        return told
    gold = seen.question.gold
    return told | {
        "text": answer.text,
        "cited": tuple(
            Shown(place=f"{c.title}, {c.locator}".strip(", "), text=c.quote[:_LONGEST], right=right, source=c.source_id)
            for c, right in zip(answer.citations, seen.cited_right, strict=True)
        ),
        "evidence": tuple(
            _shown(e.passage, judge, right=judge.right(gold, e.passage)) for e in answer.evidence[:_SHOWN]
        ),
        "gold": tuple(_shown(passage, judge, right=True) for passage in judge.places(gold)[:_SHOWN]),
    }


def _shown(passage: Passage, judge: Judge, *, right: bool) -> Shown:
    title = judge.index.sources[passage.source_id].title
    place = f"{title}, {passage.locator}".strip(", ")
    return Shown(place=place, text=passage.text[:_LONGEST], right=right, source=passage.source_id)


def _usage(answer: Answer) -> dict[str, float]:
    """What a language model used for the answer, as far as the answer tells: its numbers, by name."""
    usage = getattr(answer, "usage", None)
    if usage is None:
        return {}
    told = usage if isinstance(usage, dict) else usage.model_dump()
    return {n: float(v) for n, v in told.items() if isinstance(v, (int, float)) and not isinstance(v, bool)}


def figures(
    runs: Sequence[SystemRun], scorers: Sequence[Scorer] = SCORERS, seed: int = metrics.SEED
) -> tuple[Figure, ...]:
    """Every mean with its interval: by system, set and scorer, over all questions and over groups of three or more."""
    found = []
    for run in runs:
        for name in SETS:
            own = [case for case in run.cases if case.set == name]
            groups: list[tuple[str, str, list[Case]]] = [("", "", own)]
            for by in GROUPS:
                keys = sorted({str(getattr(case, by) or "") for case in own} - {""})
                groups += [(by, key, [case for case in own if str(getattr(case, by) or "") == key]) for key in keys]
            for by, key, cases in groups:
                for scorer in scorers:
                    values = [case.values[scorer.name] for case in cases if scorer.name in case.values]
                    if not values or (by and len(values) < _SMALLEST_GROUP):
                        continue
                    mean = metrics.mean(values, seed)
                    found.append(
                        Figure(
                            system=run.name,
                            set=name,
                            scorer=scorer.name,
                            label=scorer.label,
                            by=by,
                            group=key,
                            **mean.model_dump(),
                        )
                    )
    return tuple(found)
