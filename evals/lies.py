"""Planted lies: the same questions over an index whose passages say other numbers than their documents do.

Whoever composes an answer from such a passage says what stands nowhere. Verification compares with the document itself
and must stop it; the gate counts what gets through.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, cast

from assistant.assistant import Assistant
from assistant.verification import numbers
from evals.questions import KnownQuestion
from indexer.index import Index
from indexer.models import Passage

# Of the same length, so that every offset still points where it did.
_OTHER = {"twee": "acht", "acht": "twee", "drie": "vier", "vier": "drie", "tien": "acht", "zes": "elf", "elf": "zes"}
_SAID = re.compile(rf"(?i)\d|\b(?:{'|'.join(_OTHER)})\b")


def lied(text: str) -> str:
    """The text with every number another one, at its old length."""

    def other(match: re.Match[str]) -> str:
        said = match.group().lower()
        return str((int(said) + 3) % 10) if said.isdigit() else _OTHER[said]

    return _SAID.sub(other, text)


class _LyingIndex:
    """An index that hands out passages with other numbers; its documents stay as they are."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def __getattr__(self, name: str) -> Any:
        return getattr(self._index, name)

    def passages(self, identities: Sequence[str]) -> dict[str, Passage]:
        return {identity: _lying(passage) for identity, passage in self._index.passages(identities).items()}

    def article(self, *arguments: Any) -> list[Passage]:
        return [_lying(passage) for passage in self._index.article(*arguments)]


def _lying(passage: Passage) -> Passage:
    return passage.model_copy(update={"text": lied(passage.text)})


class _Lied(Assistant):
    """The assistant over such an index."""

    def index(self) -> Index:
        return cast(Index, _LyingIndex(super().index()))


def stopped(assistant: Assistant, questions: Sequence[KnownQuestion]) -> dict[str, float]:
    """By question: 1.0 when no claim reached a person with a number that its cited passages do not hold, else 0.0."""
    lying = _Lied(assistant.settings, assistant.embedder)
    true = assistant.index()
    found = {}
    for question in questions:
        answer = lying.ask(question.question, question.conversation, as_of=question.as_of)
        ground = true.passages([citation.passage_id for citation in answer.citations])
        texts = {c.number: ground[c.passage_id].searchable + f" {c.locator}" for c in answer.citations}
        found[question.id] = float(
            all(
                numbers(claim.text) <= numbers(" ".join(texts[number] for number in claim.citations))
                for claim in answer.claims
            )
        )
    lying.index().close()
    return found
