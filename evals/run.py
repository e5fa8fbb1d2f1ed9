"""Puts the known questions to the assistant and scores the answers, development and test questions apart."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from assistant.assistant import Assistant
from assistant.models import Answer, Status
from assistant.settings import Settings
from assistant.terms import content_words
from assistant.verification import normalise
from evals import baseline, metrics
from evals.questions import Gold, KnownQuestion, load_questions
from indexer.index import Index
from indexer.lexical import stem, words
from indexer.models import Frozen, Kind, Passage

SETS = ("dev", "test")
_DEPTH = 10


class Score(Frozen):
    """What one answer was worth.

    `ranks` are the places (from 1) of right passages among the evidence, `plain_ranks` those of the plain baseline,
    `right` how many right passages there are; `cited_right` the share of its citations that are right.
    """

    id: str
    set: str
    kind: str = ""
    topic: str = ""
    expected: Status
    status: Status
    outcome: str
    ranks: tuple[int, ...] = ()
    plain_ranks: tuple[int, ...] | None = None
    right: int = 0
    missing: tuple[str, ...] = ()
    facts: int = 0
    quotes: int = 0
    quotes_verbatim: int = 0
    cited_right: float = 0.0
    unmasked: bool = False
    timings_ms: dict[str, float]

    @property
    def status_right(self) -> bool:
        """Whether it answered, refused or asked back as it should."""
        return self.expected is self.status


class Judge:
    """Knows, in one index, which passages are right for a question.

    Right is a passage of a gold place, and a passage of a guide that refers to the gold lid: it says that lid in plain
    words, and the answer shows the lid under it.
    """

    def __init__(self, index: Index) -> None:
        self.index = index
        self._passages = [passage for source in index.sources for passage in index.passages_of(source)]
        every = frozenset(index.sources)
        guides = [p.id for p in self._passages if p.kind is not Kind.LAW]
        by_id = {p.id: p for p in self._passages}
        self._refers = {
            identity: [by_id[place] for place in places]
            for start in range(0, len(guides), 500)
            for identity, places in index.linked(guides[start : start + 500], every).items()
        }

    def right(self, gold: Sequence[Gold], passage: Passage) -> bool:
        """Whether a passage holds the answer."""
        places = (passage, *self._refers.get(passage.id, ()))
        return any(one.holds(place) for one in gold for place in places)

    def all_right(self, gold: Sequence[Gold]) -> list[Passage]:
        """Every right passage of the index."""
        return [passage for passage in self._passages if self.right(gold, passage)] if gold else []


def score(question: KnownQuestion, answer: Answer, judge: Judge) -> Score:
    """Scores one answer; quotes are looked up in the documents anew."""
    index = judge.index
    ranks = [
        rank for rank, evidence in enumerate(answer.evidence, start=1) if judge.right(question.gold, evidence.passage)
    ]
    verbatim = sum(
        normalise(citation.quote) in normalise(index.document(citation.source_id).text) for citation in answer.citations
    )
    cited = index.passages([citation.passage_id for citation in answer.citations])
    right = sum(judge.right(question.gold, cited[c.passage_id]) for c in answer.citations)
    return Score(
        id=question.id,
        set=question.set,
        kind=question.kind,
        topic=question.topic,
        expected=question.status,
        status=answer.status,
        outcome=answer.outcome,
        ranks=tuple(ranks),
        right=len(judge.all_right(question.gold)),
        missing=tuple(question.missing(answer.text)) if question.status is Status.ANSWERED else (),
        facts=len(question.must_state),
        quotes=len(answer.citations),
        quotes_verbatim=verbatim,
        cited_right=right / len(answer.citations) if answer.citations else 0.0,
        unmasked=question.kind == "personal_data" and not answer.masked,
        timings_ms=answer.timings_ms,
    )


def run(
    settings: Settings,
    questions: Path | None,
    out: Path | None,
    say: Callable[[str], None],
    baselines: Sequence[str] = (),
    on_step: Callable[[int, int], object] | None = None,
) -> bool:
    """Runs all known questions that this index can answer, tells the figures and writes `results.json` into `out`.

    `baselines` may hold 'plain' (see `baseline.py`). False when a quote does not stand in its source.
    """
    every = load_questions(questions)
    assistant = Assistant(settings)
    assistant.warm()
    index = assistant.index()
    judge = Judge(index)
    known = askable(every, index)
    plain = baseline.PlainRag(index, assistant.embedder) if "plain" in baselines else None
    scores: list[Score] = []
    answers: dict[str, Answer] = {}
    for number, question in enumerate(known, start=1):
        answers[question.id] = assistant.ask(question.question, question.conversation, as_of=question.as_of)
        one = score(question, answers[question.id], judge)
        if plain is not None and question.gold:
            spans = [(p.source_id, p.start, p.end) for p in judge.all_right(question.gold)]
            found = baseline.ranks(plain.search(question.question, _DEPTH), spans)
            one = one.model_copy(update={"plain_ranks": tuple(found)})
        scores.append(one)
        if on_step:
            on_step(number, len(known))
    left_out = f" ({len(every) - len(known)} left out: their sources are not in it)" if len(known) < len(every) else ""
    say(f"{len(known)} known questions, generation {index.name}{left_out}")
    for name in SETS:
        own = [one for one in scores if one.set == name]
        if own:
            say(f"\n{name}: {len(own)} questions")
            for line in figures(own):
                say(line)
    wrong = [one for one in scores if not one.status_right or one.missing]
    if wrong:
        say("\nto look at:")
    for one in wrong:
        # Nobody tunes on a test question, so its answer is not shown.
        text = " ".join(answers[one.id].text.split())[:100] if one.set == "dev" else one.outcome
        say(f"  {one.id}  {text}")
    if out:
        out.mkdir(parents=True, exist_ok=True)
        data = {"generation": index.name, "scores": [one.model_dump(mode="json") for one in scores]}
        (out / "results.json").write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")
    index.close()
    return all(one.quotes == one.quotes_verbatim for one in scores)


def askable(questions: Iterable[KnownQuestion], index: Index) -> tuple[KnownQuestion, ...]:
    """The questions that can be put to this index: one of the places that answer each is in it."""
    works = {source.work for source in index.sources.values()}
    laws = any(source.kind is Kind.LAW for source in index.sources.values())
    return tuple(
        q for q in questions if (any(g.source in works for g in q.gold) if q.gold else q.over == "corpus" or laws)
    )


def figures(scores: Sequence[Score]) -> list[str]:
    """The table of one set, a line a figure."""
    answerable = [one for one in scores if one.expected is Status.ANSWERED]
    found = [one for one in answerable if one.right]
    lines = [
        _line(f"right passage in the first {k}", [metrics.recall_at(o.ranks, k) for o in found]) for k in (1, 2, 5, 10)
    ]
    lines.append(_line("mean reciprocal rank", [metrics.reciprocal_rank(o.ranks) for o in found]))
    lines.append(_line("nDCG@10", [metrics.ndcg_at(o.ranks, o.right) for o in found]))
    plain = [one for one in found if one.plain_ranks is not None]
    if plain:
        lines += [
            _line(f"  plain baseline, first {k}", [metrics.recall_at(o.plain_ranks or (), k) for o in plain])
            for k in (1, 5, 10)
        ]
    lines.append(_line("states every must-state fact", [float(not o.missing) for o in answerable if o.facts]))
    answered = [one for one in found if one.status is Status.ANSWERED]
    lines.append(_line("citation precision", [o.cited_right for o in answered]))
    lines.append(_line("citation recall", [float(o.cited_right > 0) for o in found]))
    quotes = sum(o.quotes for o in scores)
    lines.append(f"{'quotes verbatim in their source':34}{sum(o.quotes_verbatim for o in scores)}/{quotes}")
    lines.append(_line("answers what the sources answer", [float(o.status_right) for o in answerable]))
    silent = [one for one in scores if one.expected is Status.REFUSED]
    lines.append(_line("refuses what they do not", [float(o.status_right) for o in silent]))
    asked = [one for one in scores if one.expected is Status.CLARIFY]
    if asked:
        lines.append(_line("asks back where it must", [float(o.status_right) for o in asked]))
    follow = [one for one in found if one.kind == "follow_up"]
    if follow:
        lines.append(_line("follow-up: right in the first 5", [metrics.recall_at(o.ranks, 5) for o in follow]))
    personal = [one for one in scores if one.kind == "personal_data"]
    if personal:
        lines.append(f"{'personal data not masked':34}{sum(o.unmasked for o in personal)}/{len(personal)}")
    for step in ("retrieval", "answering", "verification", "total"):
        times = [o.timings_ms[step] for o in scores if step in o.timings_ms]
        if times:
            p50, p95 = metrics.percentile(times, 0.5), metrics.percentile(times, 0.95)
            lines.append(f"{f'milliseconds, {step}':34}p50 {p50:.0f}, p95 {p95:.0f}")
    return lines


def _line(name: str, values: Sequence[float]) -> str:
    return f"{name:34}{metrics.mean(values)}"


def check(questions: Path | None, settings: Settings, say: Callable[[str], None]) -> bool:
    """Whether the questions fit the index: every gold place exists, and no set repeats the words of its gold.

    Tells, per set and file kind, the median share of a question's content words (as stems) that stand in its gold
    passage too. People's own questions lie near 0.2; a set of paraphrases measures nothing. False when a gold place is
    gone.
    """
    assistant = Assistant(settings)
    index = assistant.index()
    judge = Judge(index)
    shares: dict[tuple[str, str], list[float]] = {}
    whole = True
    for question in askable(load_questions(questions), index):
        strict = [p for p in judge.all_right(question.gold) if any(g.holds(p) for g in question.gold)]
        works = {source.work for source in index.sources.values()}
        for gold in question.gold:
            if gold.source in works and not any(gold.holds(p) for p in strict):
                say(f"{question.id}: no passage is {gold.source} {gold.article or gold.page or gold.heading or ''}")
                whole = False
        asked = {stem(word) for word in content_words(question.question) if not re.fullmatch(r"[\d.,]+", word)}
        if not strict or not asked or question.status is not Status.ANSWERED:
            continue
        about = "law" if any(p.kind is Kind.LAW for p in strict) else "guides and reports"
        share = max(len(asked & {stem(word) for word in words(p.text)}) / len(asked) for p in strict)
        shares.setdefault((question.set, about), []).append(share)
    for (name, about), values in sorted(shares.items()):
        median = metrics.percentile(values, 0.5)
        say(f"{name}, over {about}: median share of shared words {median:.2f} ({len(values)} questions)")
    index.close()
    return whole
