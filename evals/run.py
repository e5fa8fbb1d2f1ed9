"""Puts the known questions to the assistant and scores the answers."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path

from assistant.assistant import Assistant
from assistant.models import Answer, Status
from assistant.settings import Settings
from assistant.verification import normalise
from evals.questions import KnownQuestion, load_questions
from indexer.index import Index
from indexer.models import Frozen


class Score(Frozen):
    """What one answer was worth. `rank` is the place of the first gold source among the evidence, None if absent."""

    id: str
    status_right: bool
    rank: int | None
    missing: tuple[str, ...]
    quotes: int
    quotes_verbatim: int
    milliseconds: float


def score(question: KnownQuestion, answer: Answer, index: Index) -> Score:
    """Scores one answer; quotes are looked up in the documents anew."""
    ranked = enumerate((evidence.passage for evidence in answer.evidence), start=1)
    rank = next((number for number, passage in ranked if any(g.holds(passage) for g in question.gold)), None)
    verbatim = sum(
        normalise(citation.quote) in normalise(index.document(citation.source_id).text) for citation in answer.citations
    )
    return Score(
        id=question.id,
        status_right=answer.status is question.status,
        rank=rank,
        missing=tuple(question.missing(answer.text)) if question.status is Status.ANSWERED else (),
        quotes=len(answer.citations),
        quotes_verbatim=verbatim,
        milliseconds=answer.timings_ms["total"],
    )


def run(settings: Settings, questions: Path | None, out: Path | None, say: Callable[[str], None]) -> bool:
    """Runs all known questions, tells the figures, writes `results.json` into `out`; False when a quote does not
    stand in its source."""
    every = load_questions(questions)
    assistant = Assistant(settings)
    assistant.warm()
    index = assistant.index()
    works = {source.work for source in index.sources.values()}
    # A question can only be put to an index that holds the sources that answer it.
    known = tuple(q for q in every if (all(g.source in works for g in q.gold) if q.gold else q.over == "corpus"))
    answers = {q.id: assistant.ask(q.question, q.conversation, as_of=q.as_of) for q in known}
    scores = [score(question, answers[question.id], index) for question in known]
    answerable = [s for s, q in zip(scores, known, strict=True) if q.status is Status.ANSWERED]
    silent = [s for s, q in zip(scores, known, strict=True) if q.status is Status.REFUSED]
    quotes, verbatim = sum(s.quotes for s in scores), sum(s.quotes_verbatim for s in scores)
    times = [s.milliseconds for s in scores]
    left_out = f" ({len(every) - len(known)} left out: their sources are not in it)" if len(known) < len(every) else ""
    say(f"{len(known)} known questions, generation {index.name}{left_out}")
    if not known:
        return True
    say(f"answers what the sources answer   {_share(sum(s.status_right for s in answerable), len(answerable))}")
    say(f"refuses what they do not          {_share(sum(s.status_right for s in silent), len(silent))}")
    for depth in (1, 5):
        found = sum(s.rank is not None and s.rank <= depth for s in answerable)
        say(f"right place in the first {depth}        {_share(found, len(answerable))}")
    say(f"states every must-state fact      {_share(sum(not s.missing for s in answerable), len(answerable))}")
    say(f"quotes verbatim in their source   {_share(verbatim, quotes)}")
    say(f"milliseconds an answer            p50 {statistics.median(times):.0f}, p95 {percentile(times, 0.95):.0f}")
    for known_question, one in zip(known, scores, strict=True):
        if not one.status_right or one.missing:
            text = " ".join(answers[known_question.id].text.split())
            say(f"  {one.id}  {known_question.question}  →  {text[:100]}")
    if out:
        out.mkdir(parents=True, exist_ok=True)
        data = {"generation": index.name, "scores": [s.model_dump() for s in scores]}
        (out / "results.json").write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")
    index.close()
    return quotes == verbatim


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the values lie. `values` is not empty."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole} = {part / whole:.2f}" if whole else "none"
