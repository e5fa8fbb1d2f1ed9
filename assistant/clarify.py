"""Asks one question back where one fact that was not told decides the answer.

Which facts there are, and what they decide, stands in `facts.toml`. That a fact decides is read off the evidence: what
the answer would say holds for one value only, or the passages that answer speak of several of its values. An answer
that says them all is not asked about.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.facts import Fact, facts
from assistant.models import Choice, Claim, Evidence
from assistant.scope import Scope
from indexer.models import Frozen

_CLIENT = re.compile(
    r"(?i)\b(?:(?:mijn|onze|de|een|deze|die) (?:klant|cliënte?|client|kandidaat|deelnemer)|klante?|hij|zij|ze|"
    r"hem|meneer|mevrouw|mijnheer|mevr|mw|dhr|"
    r"(?:deze|die|dit|dat|mijn|onze) (?:nieuwe )?"
    r"(?:inwoner|inburgeraar|man|vrouw|dame|jongen|meisje|stel|echtpaar|gezin)|"
    r"my client|our client|the client|he|she)\b"
)
_LOOKED_AT = 8
"""Passages that are read for what the fact changes."""
_MANY = 4
"""As many of those under a heading for one value say that what is asked is there for that value only."""


class Clarification(Frozen):
    """The fact that decides, how it is called, what is asked and what can be chosen."""

    fact: str
    name: str
    asks: str
    choices: tuple[Choice, ...]


def needed(
    question: str, earlier: str, scope: Scope, claims: Sequence[Claim], evidence: Sequence[Evidence]
) -> Clarification | None:
    """What must be asked before this answer can be given; None where nothing must.

    `question` stands alone; `earlier` is what was told before in the conversation. An answer that speaks for both
    regimes stays: there the law is the first thing to know.
    """
    if not _CLIENT.search(question):
        return None
    for fact in facts():
        if not fact.asks or fact.asked_in(question) or not fact.decided_in(question):
            continue
        if fact.regime and (scope.regime not in (None, fact.regime) or any(claim.label for claim in claims)):
            continue
        if fact.is_told_in(f"{earlier} {question}"):
            continue
        if _decides(fact, claims, evidence):
            return _clarification(fact, question, scope.language)
    return None


def _decides(fact: Fact, claims: Sequence[Claim], evidence: Sequence[Evidence]) -> bool:
    said = {told.value.key for claim in claims for told in fact.told_in(claim.text)}
    if len(said) == len(fact.value):
        return False
    texts = [f"{one.passage.context} {one.passage.text}" for one in evidence[:_LOOKED_AT]]
    if len(said) == 1 or len({told.value.key for text in texts for told in fact.told_in(text)}) > 1:
        return True
    contexts = [{told.value.key for told in fact.told_in(one.passage.context)} for one in evidence[:_LOOKED_AT]]
    return max((contexts.count({value.key}) for value in fact.value), default=0) >= _MANY


def _clarification(fact: Fact, question: str, language: str) -> Clarification:
    base = question.rstrip("?!. ")
    choices = []
    for value in fact.value:
        phrase = value.phrase[language]
        comma = "," if phrase.startswith(("als ", "as ", "if ")) else ""
        choices.append(Choice(label=value.label[language], question=f"{base}{comma} {phrase}?"))
    return Clarification(fact=fact.key, name=fact.name[language], asks=fact.asks[language], choices=tuple(choices))
