"""Keeping known questions true: whether their gold still stands, and candidates from passages nobody asks about."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import yaml

from assistant.assistant import Assistant
from assistant.known import SUGGESTED, place_of
from assistant.models import Status
from assistant.settings import Settings
from assistant.terms import content_words
from evals import metrics
from evals.judge import Judge
from evals.questions import KnownQuestion, QuestionsError, load_questions
from evals.run import askable
from indexer.generation import GENERATIONS, read_manifest, serving_folder
from indexer.index import Index
from indexer.lexical import stem, words
from indexer.models import Kind, Passage

_FACT = re.compile(
    r"(?:€\s*\d[\d.,]*\d|\b\d+(?:[.,]\d+)?\s+(?:dagen|weken|maanden|jaar|uur|uren|procent)\b)", re.IGNORECASE
)


def check(questions: Path | None, settings: Settings, say: Callable[[str], None]) -> bool:
    """Whether the questions fit the index: every gold place exists, and no set repeats the words of its gold.

    Tells, per set and file kind, the median share of a question's content words (as stems) that stand in its gold
    passage too. People's own questions lie near 0.2; a set of paraphrases measures nothing. False when a gold place is
    gone.
    """
    index = Assistant(settings).index()
    judge = Judge(index)
    shares: dict[tuple[str, str], list[float]] = {}
    whole = True
    for question in askable(load_questions(questions, None if questions else settings.own_questions), index):
        strict = judge.places(question.gold)
        for gold in question.gold:
            if gold.source in judge.works and not any(gold.holds(p) for p in strict):
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


def suggest(
    questions: Path | None, settings: Settings, say: Callable[[str], None], limit: int = 40, out: Path | None = None
) -> Path | None:
    """Writes candidates for known questions into a file for a person to accept; the file, or None without candidates.

    Candidates come from passages that are new since the generation before this one, or else from those that no known
    question has as its answer; at most one a section. The question is only a start: a person puts it in a colleague's
    words, ticks what must be said, and moves it to the folder above.
    """
    index = Assistant(settings).index()
    judge = Judge(index)
    known = load_questions(questions, None if questions else settings.own_questions)
    fresh = fresh_passages(settings, judge.passages)
    candidates = _candidates(fresh if fresh is not None else judge.passages, known)[:limit]
    index.close()
    where = "new since the generation before" if fresh is not None else "that no known question asks about"
    if not candidates:
        say(f"There are no passages {where} to suggest a question for.")
        return None
    folder = (out or settings.own_questions) / SUGGESTED
    file = folder / f"{index.name}.yaml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        head = (
            "# Candidates. Put the question in a colleague's words and move the entry to a file in the folder above.\n"
        )
        file.write_text(
            head + yaml.safe_dump(candidates, allow_unicode=True, sort_keys=False, width=120), encoding="utf-8"
        )
    except OSError as error:
        raise QuestionsError(f"The candidates cannot be written into {folder}: {error.strerror}.") from error
    say(f"{len(candidates)} candidates from passages {where}, in {file}; a person accepts them.")
    return file


def fresh_passages(settings: Settings, now: Sequence[Passage]) -> list[Passage] | None:
    """The passages whose text the generation before the serving one did not have; None where there is none before."""
    serving = serving_folder(settings.index).name
    older = sorted(
        folder
        for folder in (settings.index / GENERATIONS).iterdir()
        if folder.name < serving and (folder / "manifest.json").is_file()
    )
    if not older:
        return None
    before = Index(older[-1], read_manifest(older[-1]))
    texts = {passage.text for source in before.sources for passage in before.passages_of(source)}
    before.close()
    return [passage for passage in now if passage.text not in texts]


def _candidates(passages: Sequence[Passage], known: Sequence[KnownQuestion]) -> list[dict[str, object]]:
    """One entry a section that has no known question yet, from the source with the fewest questions on."""
    asked = [gold for question in known for gold in question.gold if gold.article or gold.heading or gold.page]
    found: dict[tuple[str, str], dict[str, object]] = {}
    for passage in passages:
        key = (passage.work, passage.parent)
        about = passage.heading_path[-1] if passage.heading_path else passage.locator
        if key in found or not about or len(passage.text.split()) < 12 or any(gold.holds(passage) for gold in asked):
            continue
        gold = place_of(passage)
        gold.pop("lid", None)
        found[key] = {
            "id": f"own-{passage.work}-{len(found) + 1:03d}".lower(),
            "question": about if about.endswith("?") else f"Wat geldt er voor: {about}?",
            "status": "answered",
            "gold": [gold],
            "must_state": list(dict.fromkeys(_FACT.findall(passage.text)))[:3],
        }
    counts = {work: sum(any(g.source == work for g in q.gold) for q in known) for work, _ in found}
    return [found[key] for key in sorted(found, key=lambda key: counts[key[0]])]
