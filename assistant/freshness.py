"""What a reader must know about explanation that is not the law itself: the law is missing, or newer than it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from assistant.models import Citation
from indexer.index import Index
from indexer.laws import known_laws
from indexer.models import Kind, Source
from indexer.plain import article_hash

_EXPLAINS = (Kind.GUIDE, Kind.TRAINING, Kind.POLICY)


def notes(
    index: Index, citations: Sequence[Citation], day: date, collections: frozenset[str] | None = None
) -> list[str]:
    """Sentences, in Dutch, that go with an answer on `day`: which law text is not at hand, which explanation is old.

    Only sources of these collections count as at hand; None means all.
    """
    told: list[str] = []
    if index.damage:
        told.append(
            f"Dit antwoord komt uit de bronnen zoals die op {index.manifest.created:%d-%m-%Y} waren ingelezen: "
            "de nieuwste index is beschadigd. Meld dit aan de beheerder."
        )
    sources = [s for s in index.sources.values() if collections is None or s.collection in collections]
    explained = [c for c in citations if c.kind in _EXPLAINS]
    if explained and len(explained) == len(citations):
        missing = [law for c in explained for law in _missing(sources, index.sources[c.source_id])]
        if missing:
            told.append(
                "Dit antwoord rust op uitleg. De wettekst zelf is hier niet ingelezen: "
                f"{', '.join(dict.fromkeys(missing))}."
            )
    for identity in dict.fromkeys(c.source_id for c in explained):
        source = index.sources[identity]
        if newer := newer_law(index, source, day, sources):
            told.append(f"De uitleg ‘{source.title}’ is ouder dan {newer}: lees het artikel zelf.")
    return told


def _missing(sources: Sequence[Source], source: Source) -> list[str]:
    works = {other.work for other in sources}
    laws = known_laws()
    return [laws[b.source].title for b in source.based_on if b.source in laws and b.source not in works]


def newer_law(index: Index, source: Source, day: date, among: Sequence[Source] | None = None) -> str | None:
    """The law that changed under an explanation after it was written: title and since when; None when none did.

    Where the version it was written from is in the index too, only a change in the articles it names counts. `among`
    are the sources to look in; None means all.
    """
    if source.valid_from is None:
        return None
    laws = index.sources.values() if among is None else among
    for basis in source.based_on:
        versions = [s for s in laws if s.work == basis.source and s.kind is Kind.LAW and s.valid_from]
        now = next((s for s in versions if s.holds_on(day)), None)
        if now is None or now.valid_from is None or now.valid_from <= source.valid_from:
            continue
        then = next((s for s in versions if s.holds_on(source.valid_from)), None)
        if then is None or _articles_differ(index, then, now, basis.articles):
            return f"de {now.title} van {now.valid_from:%d-%m-%Y}"
    return None


def _articles_differ(index: Index, then: Source, now: Source, articles: Sequence[str]) -> bool:
    old, new = index.document(then.id), index.document(now.id)
    return any(article_hash(old, article) != article_hash(new, article) for article in articles)
