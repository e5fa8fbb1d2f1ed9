"""The law under the explanation: where a guide's sentence names the article it rests on, that article is cited too."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.answering.extractive import cite
from assistant.models import Citation, Claim
from assistant.terms import content_words
from assistant.verification import numbers
from indexer.index import Index
from indexer.lexical import stem, words
from indexer.models import Kind, Passage
from indexer.references import find_references, merged
from indexer.sentences import sentence_spans

_WHOLE = 70
"""A lid of up to this many words is quoted whole."""

_PER_CLAIM = 2


def with_law(
    index: Index, claims: Sequence[Claim], citations: Sequence[Citation], allowed: frozenset[str]
) -> tuple[list[Claim], list[Citation]]:
    """The claims with, behind their own citations, those of the lids that their sentences name.

    Only laws in `allowed` (readable, in force on the day, of the regime) are cited; a claim from a law stays as it is.
    """
    by_number = {citation.number: citation for citation in citations}
    result = list(citations)
    known: dict[str, int] = {citation.passage_id: citation.number for citation in citations}
    grounded: list[Claim] = []
    for claim in claims:
        added: list[int] = []
        if all(by_number[number].kind is not Kind.LAW for number in claim.citations):
            for passage in _named(index, claim.text, allowed)[:_PER_CLAIM]:
                if passage.id not in known:
                    start, end = _best_stretch(passage, claim.text)
                    known[passage.id] = len(result) + 1
                    result.append(cite(index, passage, passage.start + start, passage.start + end, len(result) + 1))
                added.append(known[passage.id])
        grounded.append(claim.model_copy(update={"citations": tuple(dict.fromkeys((*claim.citations, *added)))}))
    return grounded, result


def _named(index: Index, text: str, allowed: frozenset[str]) -> list[Passage]:
    """The passages of the lids that a text names; of a lid in several pieces, the one nearest in words."""
    found: list[Passage] = []
    for reference in merged(find_references(text, index.law_names)):
        for lid in reference.leden or (None,):
            pieces = index.article(reference.work, reference.article, allowed, lid)
            if pieces:
                found.append(max(pieces, key=lambda piece: _shared(piece.text, text)))
    return found


def _best_stretch(passage: Passage, claim: str) -> tuple[int, int]:
    """The whole passage when it is short, else the sentence that has most of the claim's words and numbers."""
    if len(passage.text.split()) <= _WHOLE:
        return 0, len(passage.text)
    spans = sentence_spans(passage.text)
    return max(spans, key=lambda span: _shared(passage.text[span[0] : span[1]], claim), default=(0, len(passage.text)))


def _shared(text: str, claim: str) -> float:
    stems = {stem(word) for word in words(text)}
    return sum(stem(word) in stems for word in content_words(claim)) + 2.0 * len(numbers(text) & numbers(claim))
