"""What known questions are put to: Leidraad in both its modes, and four simpler ways to find the same passages.

The baselines stay here so that every run can show what the rest is worth: words alone (BM25 over stems), meaning alone
(one vector a passage), the two fused by rank, and what most tutorials build. They find, they do not answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from assistant.assistant import Assistant
from assistant.models import Answer
from assistant.terms import content_words
from evals.baseline import PlainRag, ranks
from evals.judge import Judge
from evals.questions import KnownQuestion
from indexer.embedding import Embedder
from indexer.index import Index
from indexer.models import Passage

DEPTH = 10
_RRF = 60
"""The constant of reciprocal-rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009)."""


class Response(NamedTuple):
    """What a system gave: an answer, or only the ranks (from 1) of the right passages among what it found."""

    answer: Answer | None
    ranks: tuple[int, ...]
    found: tuple[Passage, ...]
    timings_ms: Mapping[str, float]


class System(Protocol):
    """Something that known questions can be put to, from several threads."""

    @property
    def name(self) -> str:
        """How it is called on the command line and in results."""

    @property
    def label(self) -> str:
        """How it is called in a report."""

    def respond(self, question: KnownQuestion, judge: Judge) -> Response:
        """Puts one question to it."""


class Leidraad:
    """The assistant itself."""

    def __init__(self, assistant: Assistant, mode: Literal["extractive", "generative"] = "extractive") -> None:
        self.name = f"leidraad-{mode}"
        self.label = f"Leidraad, {mode}"
        self._assistant = assistant

    def respond(self, question: KnownQuestion, judge: Judge) -> Response:
        answer = self._assistant.ask(question.question, question.conversation, as_of=question.as_of)
        found = tuple(evidence.passage for evidence in answer.evidence)
        return Response(answer, _ranks(question, found, judge), found, answer.timings_ms)


class Finder:
    """A baseline that ranks passages of the index among those that hold on the question's day."""

    def __init__(self, name: str, label: str, index: Index, search: Callable[[str, frozenset[str]], list[str]]) -> None:
        self.name, self.label = name, label
        self._index = index
        self._search = search

    def respond(self, question: KnownQuestion, judge: Judge) -> Response:
        began = time.perf_counter()
        identities = self._search(question.question, self._index.allowed(question.as_of or date.today()))[:DEPTH]
        took = (time.perf_counter() - began) * 1000
        passages = self._index.passages(identities)
        found = tuple(passages[identity] for identity in identities)
        return Response(None, _ranks(question, found, judge), found, {"retrieval": took, "total": took})


class Plain:
    """What most tutorials build; its pieces are not Leidraad's passages and are judged by what they share."""

    name = "plain"
    label = "recursive splitter, one vector search"

    def __init__(self, index: Index, embedder: Embedder, cache: Path | None = None) -> None:
        self._rag = PlainRag(index, embedder, cache)

    def respond(self, question: KnownQuestion, judge: Judge) -> Response:
        began = time.perf_counter()
        pieces = self._rag.search(question.question, DEPTH)
        took = (time.perf_counter() - began) * 1000
        spans = [(p.source_id, p.start, p.end) for p in judge.all_right(question.gold)]
        return Response(None, tuple(ranks(pieces, spans)), (), {"retrieval": took, "total": took})


BASELINES = ("bm25", "dense", "fused", "plain")


def baseline(name: str, index: Index, embedder: Embedder, cache: Path | None = None) -> System:
    """The baseline of this name, one of `BASELINES`; `cache` as for `PlainRag`."""

    def words(question: str, allowed: frozenset[str]) -> list[str]:
        return [identity for identity, _ in index.by_stems(content_words(question), 60, allowed)]

    def meaning(question: str, allowed: frozenset[str]) -> list[str]:
        return [identity for identity, _ in index.nearest(embedder.embed_query(question), 60, allowed)]

    def fused(question: str, allowed: frozenset[str]) -> list[str]:
        return fuse([words(question, allowed), meaning(question, allowed)])

    if name == "plain":
        return Plain(index, embedder, cache)
    search, label = {
        "bm25": (words, "words alone (BM25 over stems)"),
        "dense": (meaning, "meaning alone"),
        "fused": (fused, "words and meaning, fused by rank"),
    }[name]
    return Finder(name, label, index, search)


def fuse(rankings: Sequence[Sequence[str]]) -> list[str]:
    """One ranking of several by reciprocal-rank fusion; ties in the order in which they are first seen."""
    scores: dict[str, float] = {}
    for ranking in rankings:
        for rank, identity in enumerate(ranking, start=1):
            scores[identity] = scores.get(identity, 0.0) + 1.0 / (_RRF + rank)
    return sorted(scores, key=lambda identity: -scores[identity])


def _ranks(question: KnownQuestion, found: Sequence[Passage], judge: Judge) -> tuple[int, ...]:
    return tuple(rank for rank, passage in enumerate(found, start=1) if judge.right(question.gold, passage))
