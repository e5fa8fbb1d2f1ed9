"""The facts of a case that can decide an answer (`facts.toml`), and where a text tells them."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from pydantic import Field

from indexer.models import Frozen, Regime


class Value(Frozen):
    """One value of a fact: the words that tell it, how it is called and how it is said behind a question.

    `single` is said behind "een" where the words are a plural.
    """

    key: str
    words: tuple[str, ...]
    label: dict[str, str] = Field(default_factory=dict)
    phrase: dict[str, str] = Field(default_factory=dict)
    single: str = ""


class Told(NamedTuple):
    """A value that a text tells, and where."""

    value: Value
    start: int
    end: int


class Fact(Frozen):
    """A fact with its values. `decides` holds the words for what it decides, `about` those that ask for the fact."""

    key: str
    value: tuple[Value, ...]
    asks: dict[str, str] = Field(default_factory=dict)
    name: dict[str, str] = Field(default_factory=dict)
    about: tuple[str, ...] = ()
    decides: tuple[str, ...] = ()
    tells: str = ""
    regime: Regime | None = None

    def told_in(self, text: str) -> list[Told]:
        """The values that a text tells, in order."""
        by_word = {word.lower(): value for value in self.value for word in value.words}
        pattern = _matcher(tuple(value.words for value in self.value))
        return [Told(by_word[m.group().lower()], m.start(), m.end()) for m in pattern.finditer(text)]

    def is_told_in(self, text: str) -> bool:
        """Whether a text tells a value, in words or as a number."""
        return bool(self.told_in(text)) or bool(self.tells and re.search(rf"(?i){self.tells}", text))

    def asked_in(self, text: str) -> bool:
        """Whether a text asks for the fact itself."""
        return _has(self.about, text)

    def decided_in(self, text: str) -> bool:
        """Whether a text asks for something that the fact decides."""
        return _has(self.decides, text)


@lru_cache(maxsize=64)
def _matcher(values: tuple[tuple[str, ...], ...]) -> re.Pattern[str]:
    longest_first = sorted((word for words in values for word in words), key=len, reverse=True)
    return re.compile(rf"(?i)(?<![\w-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w-])")


def _has(words: tuple[str, ...], text: str) -> bool:
    return any(re.search(rf"(?i)(?<!\w){re.escape(word)}(?!\w)", text) for word in words)


@lru_cache(maxsize=1)
def facts() -> tuple[Fact, ...]:
    """All facts, in the order of the file."""
    data = tomllib.loads((Path(__file__).parent / "facts.toml").read_text(encoding="utf-8"))
    return tuple(Fact(key=key, **entry) for key, entry in data.items())
