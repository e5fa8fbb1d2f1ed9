"""Finding passages: by meaning, through questions in plain words that lead to them, by stems and by parts of words.

A passage's score is the cosine of its text with the question and BM25 over its words. The plain layer adds how alike
the question is to one that is known to lead there, and its own words; `slotted` says whom that may help. What may not
be read, does not hold on the day or speaks of the other regime is left out of each search itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from assistant.cited import cited_articles
from assistant.glossary import Glossary
from assistant.models import Evidence
from assistant.settings import Weights
from assistant.terms import content_words, without_placeholders
from indexer.embedding import Embedder
from indexer.index import Index

_SCORED = 400
"""How many passages a search by words gives a score; fewer of them become candidates."""


def retrieve(
    index: Index,
    embedder: Embedder,
    question: str,
    allowed: frozenset[str],
    weights: Weights,
    glossary: Glossary | None = None,
) -> tuple[list[Evidence], NDArray[np.float32]]:
    """The passages that bear on a question, best first, and the question's vector.

    `allowed` are the sources that may be evidence. An article named in the question comes first. The glossary adds
    the law's own terms to the searches by word.
    """
    finding = weights.finding
    plain = without_placeholders(question)
    said_otherwise = glossary.law_terms(plain) if glossary else ()
    vector = embedder.embed_query(plain)
    terms = content_words(" ".join((plain, *said_otherwise)))
    similarity = dict(index.nearest(vector, finding.depth, allowed))
    bridge = dict(index.bridged(vector, finding.bridges, allowed))
    by_stem = dict(index.by_stems(terms, _SCORED, allowed))
    by_own_stem = dict(index.by_stems(terms, _SCORED, allowed, plain=False))
    by_gram = dict(index.by_grams([term for term in terms if len(term) >= 5], _SCORED, allowed))

    best_by_words = (identity for words in (by_stem, by_own_stem, by_gram) for identity in list(words)[: finding.depth])
    found = list(dict.fromkeys((*similarity, *bridge, *best_by_words)))
    similarity |= index.vectors.similarities(vector, [identity for identity in found if identity not in similarity])
    passages = index.passages(found)

    def alone(identity: str) -> float:
        """What the passage's own text is worth."""
        passage = passages[identity]
        kind = weights.kinds.get(passage.kind.value, 0.0) + finding.footnote * ("voetnoot" in passage.locator)
        words = finding.stems * by_own_stem.get(identity, 0.0) + finding.grams * by_gram.get(identity, 0.0)
        return similarity[identity] + words + kind

    def bridged(identity: str) -> float:
        """The same, with the plain layer."""
        words = finding.stems * (by_stem.get(identity, 0.0) - by_own_stem.get(identity, 0.0))
        alike = max(0.0, bridge.get(identity, 0.0) - finding.bridge_from)
        return alone(identity) + words + finding.bridge * alike

    alike = frozenset(identity for identity, cosine in bridge.items() if cosine >= finding.front_from)
    order = slotted(found, index.covered(found), alone, bridged, alike, finding.front)
    ranked = [
        Evidence(
            passage=passages[identity],
            score=score,
            dense=similarity[identity],
            bridge=bridge.get(identity),
            lexical=by_stem.get(identity),
            trigram=by_gram.get(identity),
        )
        for identity, score in order
    ]
    return _cited_first(index, question, allowed, ranked), vector


def slotted(
    found: Sequence[str],
    covered: frozenset[str],
    alone: Callable[[str], float],
    bridged: Callable[[str], float],
    alike: frozenset[str],
    in_front: int,
) -> list[tuple[str, float]]:
    """The passages in order with a score that falls with it.

    The plain layer orders the passages it covers among themselves, in the places that their own texts give them, so
    that a text without a layer keeps its place; only the best `in_front` of those to which a question leads that is
    truly `alike` go before all. Where everything is covered, the layer orders everything.
    """
    own = {identity: alone(identity) for identity in found}
    with_layer = {identity: bridged(identity) for identity in covered}
    by_layer = sorted(covered, key=lambda identity: (-with_layer[identity], identity))
    front = [identity for identity in by_layer[:in_front] if identity in alike]
    rest = iter(by_layer[len(front) :])
    places = sorted(found, key=lambda identity: (-own[identity], identity))
    order = list(front)
    for identity in places:
        if identity not in covered:
            order.append(identity)
        elif (following := next(rest, None)) is not None:
            order.append(following)
    scores = sorted((with_layer.get(identity, own[identity]) for identity in order), reverse=True)
    return list(zip(order, scores, strict=True))


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
