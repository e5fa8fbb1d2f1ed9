"""The words of the field: what people type beside the term that the law uses.

`glossary.toml` in the corpus folder holds the terms. A word of a question that belongs to a term may be answered
by any other way to say that term.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

from assistant.errors import SettingsError
from assistant.terms import content_words
from indexer.models import Frozen

FILE = "glossary.toml"


class Term(Frozen):
    """One term with every way to say it, what it means in one sentence, and where that stands."""

    term: str
    abbreviations: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()
    everyday: tuple[str, ...] = ()
    explanation: str = ""
    source: str = ""

    @property
    def ways(self) -> tuple[str, ...]:
        """All ways to say it, the law's first."""
        return (self.term, *self.abbreviations, *self.synonyms, *self.everyday)

    @property
    def names(self) -> frozenset[str]:
        """The term and its abbreviations, in lower case."""
        return frozenset(name.lower() for name in (self.term, *self.abbreviations))


class Glossary:
    """The terms of a corpus."""

    def __init__(self, terms: tuple[Term, ...] = ()) -> None:
        self.terms = terms
        self._ways = {way.lower(): term for term in terms for way in term.ways if content_words(way)}
        longest_first = sorted(self._ways, key=len, reverse=True)
        self._pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)") if terms else None

    def alternatives(self, question: str) -> Mapping[str, frozenset[str]]:
        """For each content word of a question that is (part of) a way to say a term: the words of the other ways."""
        found: dict[str, set[str]] = {}
        for match in self._pattern.finditer(question.lower()) if self._pattern else ():
            term = self._ways[match.group()]
            others = {word for way in (term.term, *term.abbreviations, *term.synonyms) for word in content_words(way)}
            for word in content_words(match.group()):
                found.setdefault(word, set()).update(others - {word})
        return {word: frozenset(others) for word, others in found.items() if others}

    def explained(self, text: str) -> list[tuple[int, int, str]]:
        """Where a text says a term for the first time, and what it means: start, end, explanation; in order.

        Only the term itself and its abbreviations: an everyday word needs no explanation.
        """
        found: list[tuple[int, int, str]] = []
        said: set[str] = set()
        lowered = text.lower()
        if self._pattern is None or len(lowered) != len(text):  # a few letters have a lower case of two
            return found
        for match in self._pattern.finditer(lowered):
            term = self._ways[match.group()]
            if term.explanation and term.term not in said and match.group() in term.names:
                said.add(term.term)
                found.append((match.start(), match.end(), term.explanation))
        return found

    def law_terms(self, question: str) -> tuple[str, ...]:
        """The terms, as the law says them, that a question says in another way."""
        lowered = question.lower()
        found = (self._ways[match.group()].term for match in (self._pattern.finditer(lowered) if self._pattern else ()))
        return tuple(dict.fromkeys(term for term in found if term.lower() not in lowered))


@lru_cache(maxsize=4)
def load_glossary(corpus: Path) -> Glossary:
    """The glossary of a corpus folder; an empty one where there is none. Raises `SettingsError` for a mistake in it."""
    path = corpus / FILE
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        return Glossary(tuple(Term.model_validate(entry) for entry in data.get("term", ())))
    except FileNotFoundError:
        return Glossary()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise SettingsError(f"{path} cannot be used: {str(error).splitlines()[0]}.") from None
