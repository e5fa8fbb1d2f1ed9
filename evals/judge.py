"""Which passages of an index are right for a question."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from assistant.verification import normalise
from evals.questions import Gold
from indexer.index import Index
from indexer.models import Kind, Passage


class Judge:
    """Knows, in one index, which passages are right for a question.

    Right is a passage of a gold place, and a passage of a guide that refers to the gold lid: it says that lid in plain
    words, and the answer shows the lid under it.
    """

    def __init__(self, index: Index) -> None:
        self.index = index
        self.passages = [passage for source in index.sources for passage in index.passages_of(source)]
        every = frozenset(index.sources)
        guides = [p.id for p in self.passages if p.kind is not Kind.LAW]
        by_id = {p.id: p for p in self.passages}
        self._texts: dict[str, str] = {}
        self._right: dict[tuple[Gold, ...], list[Passage]] = {}
        self._refers = {
            identity: [by_id[place] for place in places]
            for start in range(0, len(guides), 500)
            for identity, places in index.linked(guides[start : start + 500], every).items()
        }

    @cached_property
    def works(self) -> frozenset[str]:
        """The works that are in the index."""
        return frozenset(source.work for source in self.index.sources.values())

    def right(self, gold: Sequence[Gold], passage: Passage) -> bool:
        """Whether a passage holds the answer."""
        places = (passage, *self._refers.get(passage.id, ()))
        return any(one.holds(place) for one in gold for place in places)

    def all_right(self, gold: Sequence[Gold]) -> list[Passage]:
        """Every right passage of the index."""
        if not gold:
            return []
        key = tuple(gold)
        if key not in self._right:
            self._right[key] = [passage for passage in self.passages if self.right(gold, passage)]
        return self._right[key]

    def stands(self, quote: str, source_id: str) -> bool:
        """Whether a quote stands in a source's document, looked up anew and apart from the assistant's own check."""
        if source_id not in self._texts:
            self._texts[source_id] = normalise(self.index.document(source_id).text)
        return normalise(quote) in self._texts[source_id]

    def places(self, gold: Sequence[Gold]) -> list[Passage]:
        """The passages of the gold places themselves."""
        return [passage for passage in self.passages if any(one.holds(passage) for one in gold)]
