"""Answers that a language model puts into words, of which only what is checked is said.

The model gets numbered passages and writes claims with quotes. Each claim is checked as soon as it is whole; what
fails is asked for once more, with the reason, and is dropped when it fails again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence

from assistant import prompts
from assistant.answering.checking import Alike, Checked, Found, Given, check
from assistant.answering.client import Call, ChatClient, together
from assistant.answering.extractive import cite
from assistant.answering.protocol import SCHEMA, ClaimParser, DraftClaim
from assistant.errors import ModelError
from assistant.events import ClaimSeen, ClaimState, Watch
from assistant.models import Citation, Claim, Usage
from assistant.settings import Settings
from assistant.sides import Side
from indexer.index import Index
from indexer.models import Frozen
from indexer.tokens import count_tokens

_OTHER_ENCODING = 1.3
"""Other models cut Dutch into more tokens than our encoding does; room is kept for that."""

_SHOWN_EVERY = 12
"""Characters of a coming sentence between two looks at it."""


class Written(Frozen):
    """What came of it: verified claims with their citations, how many were dropped, and why it ended early, if so."""

    claims: tuple[Claim, ...] = ()
    citations: tuple[Citation, ...] = ()
    dropped: int = 0
    usage: Usage = Usage()
    broke_off: str | None = None


def give(parts: Sequence[Side], settings: Settings, language: str, fixed: int) -> list[Given]:
    """The passages that fit in what the model can read, the best of every side first, numbered from 1.

    `fixed` is the size in tokens of all else that is sent.
    """
    output = output_tokens(settings)
    room = min(settings.chat_context_tokens, settings.chat_answer_tokens) / _OTHER_ENCODING - output - fixed
    longest = max((len(evidence) for _, evidence in parts), default=0)
    given: list[Given] = []
    seen: set[str] = set()
    for rank in range(longest):
        for label, evidence in parts:
            if rank >= len(evidence) or evidence[rank].passage.id in seen:
                continue
            one = Given(number=len(given) + 1, passage=evidence[rank].passage, label=label)
            size = count_tokens(prompts.source_block(one, language))
            if size <= room:
                given.append(one)
                seen.add(one.passage.id)
                room -= size
    return given


def output_tokens(settings: Settings) -> int:
    """The most that may be written in one go: what is set, and never more than a third of what the model holds."""
    return min(settings.chat_output_tokens, settings.chat_context_tokens // 3, settings.chat_answer_tokens // 3)


def most_tokens(settings: Settings) -> int:
    """The most that one answer can take of the day's tokens."""
    return settings.chat_answer_tokens


class Writer:
    """One answer under way: `answer` runs it, once. `usage` is what it took so far."""

    def __init__(
        self,
        client: ChatClient,
        index: Index,
        alike: Alike,
        *,
        language: str,
        stop: threading.Event | None = None,
        watch: Watch | None = None,
        on_slow: Callable[[], None] | None = None,
    ) -> None:
        self._client = client
        self._index = index
        self._alike = alike
        self._language = language
        self._stop = stop or threading.Event()
        self._watch = watch or (lambda _: None)
        self._on_slow = on_slow
        self._citations: list[Citation] = []
        self._claims: list[tuple[int, Claim]] = []
        self.usage = Usage()
        self._broke_off: str | None = None
        self._seen = 0

    def answer(self, question: str, parts: Sequence[Side]) -> Written:
        """The verified claims, in the order of the sides. Raises `ModelError` when nothing came at all."""
        empty = prompts.answering(question, (), self._language, structured=True)
        given = give(parts, self._client.settings, self._language, _size(empty))
        if not given:
            raise ModelError("No passage fits in what the language model can read; set chat_context_tokens higher.")
        messages = prompts.answering(question, given, self._language, self._client.structured)
        failed = self._read(self._client_call(messages, self._on_slow), given)
        stopped = self._broke_off is not None
        if failed and not stopped:
            failed = self._repair(question, given, failed)
        for position, one in failed:
            self._watch(ClaimSeen(position=position, state=ClaimState.DROPPED, text=one.claim.text))
        labels = [label for label, _ in parts]
        claims = [claim for _, claim in sorted(self._claims, key=lambda pair: (labels.index(pair[1].label), pair[0]))]
        return Written(
            claims=tuple(claims),
            citations=tuple(self._citations),
            dropped=len(failed),
            usage=self.usage,
            broke_off=self._broke_off,
        )

    def _client_call(self, messages: Sequence[prompts.Message], on_slow: Callable[[], None] | None = None) -> Call:
        settings = self._client.settings
        return self._client.call(
            messages, schema=SCHEMA, stop=self._stop, on_slow=on_slow, output_tokens=output_tokens(settings)
        )

    def _read(self, call: Call, given: Sequence[Given]) -> list[tuple[int, Checked]]:
        """Checks each claim as it becomes whole; returns those that failed, with their positions."""
        parser = ClaimParser()
        failed: list[tuple[int, Checked]] = []
        shown = 0
        try:
            for piece in call:
                for claim in parser.feed(piece):
                    failed += self._judge(claim, given)
                    shown = 0
                coming = parser.unfinished
                if len(coming) >= shown + _SHOWN_EVERY:
                    shown = len(coming)
                    self._watch(ClaimSeen(position=self._seen, state=ClaimState.CHECKING, text=coming))
            # A claim that was cut off has no whole quote and fails by itself.
            for claim in parser.rest():
                failed += self._judge(claim, given)
        finally:
            self.usage = together(self.usage, call.usage)
        self._broke_off = call.broke_off
        return failed

    def _judge(self, claim: DraftClaim, given: Sequence[Given]) -> list[tuple[int, Checked]]:
        position, self._seen = self._seen, self._seen + 1
        self._watch(ClaimSeen(position=position, state=ClaimState.CHECKING, text=claim.text))
        checked = check(claim, given, self._language, self._alike)
        if checked.fault:
            return [(position, checked)]
        self._say(position, checked)
        return []

    def _say(self, position: int, checked: Checked) -> bool:
        """Adds a claim that holds; False when it was said already."""
        cited = tuple(dict.fromkeys(self._number(found) for found in checked.found))
        claim = Claim(text=checked.claim.text, citations=cited, label=checked.label)
        if any(claim.text == said.text for _, said in self._claims):
            return False
        self._claims.append((position, claim))
        citations = tuple(self._citations[number - 1] for number in cited)
        state = ClaimState.VERIFIED
        self._watch(ClaimSeen(position=position, state=state, text=claim.text, label=claim.label, citations=citations))
        return True

    def _number(self, found: Found) -> int:
        passage = found.given.passage
        for citation in self._citations:
            same = (citation.passage_id, citation.start, citation.end) == (passage.id, found.start, found.end)
            if same:
                return citation.number
        self._citations.append(cite(self._index, passage, found.start, found.end, len(self._citations) + 1))
        return len(self._citations)

    def _repair(
        self, question: str, given: Sequence[Given], failed: list[tuple[int, Checked]]
    ) -> list[tuple[int, Checked]]:
        """Asks once more for what failed; returns what fails still. An answer out of tokens is not repaired."""
        structured = self._client.structured
        messages = prompts.repairing(question, given, [one for _, one in failed], self._language, structured)
        settings = self._client.settings
        spent = self.usage.tokens_in + self.usage.tokens_out
        size = int(_size(messages) * _OTHER_ENCODING) + output_tokens(settings)
        if spent + size > settings.chat_answer_tokens or size > settings.chat_context_tokens:
            return failed
        call = self._client_call(messages)
        parser = ClaimParser()
        repaired: list[DraftClaim] = []
        try:
            for piece in call:
                repaired += parser.feed(piece)
            repaired += parser.rest()
        except ModelError:
            return failed  # what was verified before stands
        finally:
            self.usage = together(self.usage, call.usage)
        still = list(failed)
        for (position, before), claim in zip(failed, _in_order(repaired, len(failed)), strict=True):
            checked = check(claim, given, self._language, self._alike) if claim else before
            if claim and not checked.fault and self._say(position, checked):
                still.remove((position, before))
        return still


def _in_order(claims: Sequence[DraftClaim], count: int) -> Iterable[DraftClaim | None]:
    """The claims, padded or cut to `count`."""
    return [*claims[:count], *([None] * (count - len(claims)))]


def _size(messages: Sequence[tuple[str, str]]) -> int:
    return sum(count_tokens(text) + 4 for _, text in messages)
