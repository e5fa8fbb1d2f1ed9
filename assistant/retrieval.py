"""Finding passages: by meaning, through questions in plain words that lead to them, and by stems.

A passage's score is the cosine of its text with the question and BM25 over its words. The plain layer adds how alike
the question is to one that is known to lead there, or to a place that the passage refers to, what it has in common with
all that lead there, and its own words; `balanced` says what texts without a layer get. What may not be read, does not
hold on the day or speaks of the other regime is left out of each search itself.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence, Set
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from assistant.cited import cited_articles
from assistant.glossary import Glossary
from assistant.models import Evidence
from assistant.settings import Finding, Weights
from assistant.terms import content_words, without_placeholders
from assistant.whoever import left_open
from indexer.embedding import Embedder
from indexer.index import Index
from indexer.models import Kind, Passage
from indexer.plain_search import Drawn, Lead

_LEADS = 10
"""How many of the nearest questions in plain words tell whether something like this is answered at all."""

_SCORED = 400
"""How many passages a search gives a score; fewer of them become candidates."""


class Found(NamedTuple):
    """What a search brought: passages, best first; the question's vector; and the mean cosine of the ten nearest
    questions in plain words, None where the layer is too small for that."""

    evidence: list[Evidence]
    vector: NDArray[np.float32]
    leads: float | None


def retrieve(
    index: Index,
    embedder: Embedder,
    question: str,
    allowed: frozenset[str],
    weights: Weights,
    glossary: Glossary | None = None,
) -> Found:
    """The passages that bear on a question, best first.

    `allowed` are the sources that may be evidence. An article named in the question comes first. The glossary adds
    the law's own terms to the searches by word.
    """
    finding = weights.finding
    plain = without_placeholders(question)
    said_otherwise = glossary.law_terms(plain) if glossary else ()
    vector = _vector(embedder, plain)
    terms = content_words(" ".join((plain, *said_otherwise)))
    near = index.nearest(vector, _SCORED, allowed)
    similarity = dict(near)
    led = index.plain.led(vector, finding.bridges, allowed)
    bridge: dict[str, float] = {}
    for lead in led:
        for identity in lead.passages:
            bridge.setdefault(identity, lead.similarity)
    drawn = index.plain.drawn(vector, finding.bridges, allowed)
    told = _told(led, drawn, finding)
    by_stem = dict(index.by_stems(terms, _SCORED, allowed))
    by_plain = dict(index.by_plain_words(terms, _SCORED, allowed))

    best_by_words = (identity for words in (by_stem, by_plain) for identity in list(words)[: finding.depth])
    by_meaning = (identity for identity, _ in near[: finding.depth])
    found = list(dict.fromkeys((*by_meaning, *bridge, *drawn.passages, *best_by_words)))
    similarity |= index.vectors.similarities(vector, [identity for identity in found if identity not in similarity])
    passages = index.passages(found)

    leads = _led_to(index, passages, bridge, allowed)

    def alone(identity: str) -> float:
        """What the passage's own text is worth."""
        passage = passages[identity]
        kind = weights.kinds.get(passage.kind.value, 0.0) + finding.footnote * ("voetnoot" in passage.locator)
        words = finding.stems * by_stem.get(identity, 0.0)
        return similarity[identity] + words + kind

    def layered(identity: str) -> float:
        """What the plain layer adds: its words, the nearest question that leads here, what all of those have in common
        with the one asked, and the nearest that leads to a place that this passage refers to."""
        words = finding.plain * by_plain.get(identity, 0.0)
        alike = max(0.0, bridge.get(identity, 0.0) - finding.bridge_from)
        through = max(0.0, leads.get(identity, 0.0) - finding.bridge_from)
        together = max(0.0, drawn.passages.get(identity, 0.0) - finding.place_from)
        return words + finding.bridge * alike + finding.place * together + finding.link * through

    def scored(identity: str, score: float) -> Evidence:
        passage = passages[identity]
        said = told[passage.source_id]
        return Evidence.model_construct(  # what stands in the index was checked when it was read
            passage=passage,
            score=score,
            dense=similarity[identity],
            bridge=bridge.get(identity),
            lexical=by_stem.get(identity),
            told=tuple(said[bisect_left(said, (passage.start,)) : bisect_left(said, (passage.end,))]),
        )

    spoken_for = {identity for identity in found if passages[identity].work in index.covered}
    order = balanced(found, spoken_for, alone, layered, finding.uncovered)
    ranked = [scored(identity, score) for identity, score in order]
    nearest = [lead.similarity for lead in led[:_LEADS]]
    alike = sum(nearest) / len(nearest) if nearest else 0.0
    return Found(_cited_first(index, question, allowed, ranked), vector, alike if index.plain.broad else None)


def _vector(embedder: Embedder, question: str) -> NDArray[np.float32]:
    """What a question means: midway between as it is asked and the same about whoever it may be."""
    said, opened = embedder.embed_query(question), left_open(question)
    if opened == question:
        return said
    both = said + embedder.embed_query(opened)
    midway: NDArray[np.float32] = both / np.linalg.norm(both)
    return midway


def _told(led: Sequence[Lead], drawn: Drawn, finding: Finding) -> Mapping[str, list[tuple[int, float]]]:
    """By source, where sentences begin that answer questions in plain words near this one, and how near: the cosine of
    the nearest of them, at least that of the last that was looked at, and what they have in common with this one."""
    found: dict[str, dict[int, float]] = defaultdict(dict)
    for lead in led:
        for at in lead.sentences:
            found[lead.source_id].setdefault(at, lead.similarity)
    for source, sentences in drawn.sentences.items():
        for at, together in sentences:
            nearest = found[source].get(at, led[-1].similarity if led else 0.0)
            found[source][at] = nearest + finding.sentence * max(0.0, together - finding.place_from)
    return defaultdict(list, {source: sorted(places.items()) for source, places in found.items()})


def balanced(
    found: Sequence[str],
    covered: Set[str],
    alone: Callable[[str], float],
    layered: Callable[[str], float],
    uncovered: float,
) -> list[tuple[str, float]]:
    """The passages by score, best first: what their own texts are worth and what the plain layer adds to them.

    A text that the layer does not speak for, such as a municipality's own, must not fall behind for that: it is given
    at least the share `uncovered` (0 to 1) of what the layer adds on average to the five best that it does speak for.
    """
    own = {identity: alone(identity) for identity in found}
    added = {identity: layered(identity) for identity in found}
    best = sorted(covered, key=lambda identity: (-(own[identity] + added[identity]), identity))[:5]
    share = uncovered * sum(added[identity] for identity in best) / len(best) if best else 0.0
    scores = {
        identity: own[identity] + (added[identity] if identity in covered else max(share, added[identity]))
        for identity in found
    }
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


def _led_to(
    index: Index, passages: Mapping[str, Passage], bridge: Mapping[str, float], allowed: frozenset[str]
) -> dict[str, float]:
    """For texts beside the law: the cosine of the nearest question that leads to a place that they refer to."""
    beside = [identity for identity, passage in passages.items() if passage.kind is not Kind.LAW]
    linked = index.linked(beside, allowed)
    found = {identity: max(bridge.get(place, 0.0) for place in places) for identity, places in linked.items()}
    return {identity: cosine for identity, cosine in found.items() if cosine > 0}


def _cited_first(index: Index, question: str, allowed: frozenset[str], ranked: list[Evidence]) -> list[Evidence]:
    """Puts the articles that the question names by number in front."""
    best = ranked[0].score if ranked else 1.0
    named: dict[str, Evidence] = {}
    titles = {index.sources[s].work: index.sources[s].title for s in sorted(allowed)}
    for work, article, lid in cited_articles(question, tuple(titles), titles):
        for passage in index.article(work, article, allowed, lid):
            named.setdefault(passage.id, Evidence(passage=passage, score=best + 1.0, dense=None))
    known = {evidence.passage.id: evidence for evidence in ranked}
    first = [
        known[identity].model_copy(update={"score": evidence.score}) if identity in known else evidence
        for identity, evidence in named.items()
    ]
    return first + [evidence for evidence in ranked if evidence.passage.id not in named]
