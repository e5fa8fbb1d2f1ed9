"""An answer with a language model where there is one: its budget, its failures, and what is said instead.

Whatever the model does, something verified comes out: its own checked sentences, or sentences from the sources.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assistant import prompts
from assistant.answering import rewriting
from assistant.answering.checking import Alike
from assistant.answering.client import Call, ChatClient
from assistant.answering.generative import Writer, Written, most_tokens
from assistant.answering.thinking import AGAIN
from assistant.errors import ModelError, RecordsError
from assistant.events import Watch
from assistant.models import Citation, Claim, Mode, Turn, Usage
from assistant.scope import language_of
from assistant.settings import Settings
from assistant.sides import Side
from assistant.spending import Spending
from indexer.index import Index
from indexer.tokens import count_tokens

logger = logging.getLogger(__name__)

_NOTES = {
    "nl": {
        "dropped": "{count} van de zinnen van het taalmodel zijn weggelaten: ze waren niet terug te vinden in de bron.",
        "dropped_one": "Eén zin van het taalmodel is weggelaten: die was niet terug te vinden in de bron.",
        "broke_off": "Het taalmodel brak zijn antwoord af. U leest wat tot dan toe gecontroleerd was.",
        "stopped": "U hebt het taalmodel gestopt. U leest wat tot dan toe gecontroleerd was.",
        "stopped_first": "U hebt het taalmodel gestopt. Dit antwoord bestaat uit zinnen uit de bronnen.",
        "no_tokens": "Het taalmodel heeft vandaag zijn grens bereikt. Dit antwoord bestaat uit zinnen uit de bronnen.",
        "filled": "Onder '{label}' gaf het taalmodel niets; daar staan zinnen uit de bronnen.",
    },
    "en": {
        "dropped": "{count} sentences of the language model were left out: they could not be traced to the source.",
        "dropped_one": "One sentence of the language model was left out: it could not be traced to the source.",
        "broke_off": "The language model broke off its answer. You read what was checked by then.",
        "stopped": "You stopped the language model. You read what was checked by then.",
        "stopped_first": "You stopped the language model. This answer is made of sentences from the sources.",
        "no_tokens": "The language model reached today's limit. This answer is made of sentences from the sources.",
        "filled": "Under '{label}' the language model gave nothing; sentences from the sources stand there.",
    },
}

_SHORT_OUTPUT = 120
_SHORT_CALL = 1_000
"""Tokens that a call for one line may write, and that are set aside for it."""

Sentences = tuple[list[Claim], list[Citation]]


@dataclass(frozen=True)
class Task:
    """What is to be answered, from which sides."""

    index: Index
    question: str
    language: str
    parts: Sequence[Side]


@dataclass(frozen=True)
class Composed:
    """An answer's claims and citations before the last check, and how they came about.

    `failed`: a model was asked and gave nothing that holds. `cut_short`: it broke off or was stopped.
    """

    claims: Sequence[Claim]
    citations: Sequence[Citation]
    mode: Mode = Mode.EXTRACTIVE
    model: str | None = None
    prompt_version: str | None = None
    usage: Usage | None = None
    notes: tuple[str, ...] = ()
    failed: bool = False
    cut_short: bool = False


def extracted(claims: Sequence[Claim], citations: Sequence[Citation]) -> Composed:
    """Sentences from the sources, with no model in it."""
    return Composed(claims, citations)


class Model:
    """The language model that the settings name, with its budget. Safe to use from several threads."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.client = ChatClient(settings)
        self._spending: Spending | None = None
        self._opening = threading.Lock()

    def standalone(self, question: str, earlier: Sequence[Turn], stop: threading.Event) -> str | None:
        """A follow-up question made to stand alone, or None where the model gives nothing that can be trusted."""
        messages = prompts.rewriting(question, earlier, language_of(question))
        said = " ".join((*(turn.question for turn in earlier), question))
        return rewriting.trusted(self._short(messages, stop), said)

    def search_words(self, question: str, stop: threading.Event) -> tuple[str, ...]:
        """The law's own words for a question, as the model knows them; they only help to find."""
        return rewriting.search_words(self._short(prompts.expanding(question), stop))

    def _short(self, messages: Sequence[prompts.Message], stop: threading.Event) -> str:
        """A line from the model, within the day's budget; empty where it gives none, or none is wanted."""
        if not self.settings.chat_rewrite:
            return ""
        identity = self._set_aside(_SHORT_CALL)
        if identity is None:
            return ""
        call = self.client.call(messages, stop=stop, output_tokens=_SHORT_OUTPUT)
        try:
            text = "".join(call)
        except ModelError:
            return ""  # why is in the log; the question goes on as it was
        finally:
            self._settle(identity, call.usage)
        return "" if call.broke_off else text.rpartition(AGAIN)[2]

    def talk(
        self,
        messages: Sequence[prompts.Message],
        *,
        output_tokens: int,
        stop: threading.Event,
        schema: Mapping[str, Any] | None = None,
    ) -> Call:
        """A call for what is not an answer, such as a role in practice; its tokens are kept like any other.

        Reading it raises `ModelError`, also when the day's tokens are used up. The caller masks personal data.
        """

        def read(outer: Call) -> Iterator[str]:
            size = sum(count_tokens(text) + 4 for _, text in messages) + output_tokens
            identity = self._set_aside(size)
            if identity is None:
                raise ModelError("The language model reached today's limit.")
            call = self.client.call(messages, schema=schema, stop=stop, output_tokens=output_tokens)
            try:
                yield from call
            finally:
                outer.usage, outer.broke_off = call.usage, call.broke_off
                self._settle(identity, call.usage)

        return Call(read)

    def compose(
        self,
        task: Task,
        *,
        extract: Callable[[Sequence[Side]], Sentences],
        ground: Callable[[Sequence[Claim], Sequence[Citation]], Sentences],
        alike: Alike,
        watch: Watch,
        stop: threading.Event,
        on_first: Callable[[Composed], None],
    ) -> Composed:
        """The model's checked answer, or sentences from the sources.

        `extract` gives the sentences of some sides, `ground` adds the law under an explanation. `on_first` is given
        the sentences from the sources when the model is slow to begin.
        """
        notes = _NOTES[task.language]
        identity = self._set_aside(most_tokens(self.settings))
        if identity is None:
            return replace(extracted(*extract(task.parts)), notes=(notes["no_tokens"],))
        kept: list[Composed] = []

        def first() -> Composed:
            if not kept:
                kept.append(extracted(*extract(task.parts)))
            return kept[0]

        writer = Writer(
            self.client,
            task.index,
            alike,
            language=task.language,
            stop=stop,
            watch=watch,
            on_slow=lambda: on_first(first()),
        )
        try:
            written = writer.answer(task.question, task.parts)
        except ModelError as error:
            logger.warning("%s", error)
            written = Written(usage=writer.usage, broke_off=str(error))
        finally:
            self._settle(identity, writer.usage)
        dropped = _dropped(written.dropped, notes)
        if written.claims:
            claims, citations = ground(written.claims, written.citations)
            claims, citations, filled = _filled(task.parts, claims, citations, extract)
            cut = (notes["stopped" if stop.is_set() else "broke_off"],) if written.broke_off else ()
            silent = tuple(notes["filled"].format(label=label) for label in filled)
            told = (*cut, *dropped, *silent)
            composed = Composed(claims, citations, mode=Mode.GENERATIVE, notes=told, cut_short=bool(cut))
        elif stop.is_set():
            composed = replace(first(), notes=(notes["stopped_first"],))
        else:
            composed = replace(first(), notes=dropped, failed=True)
        return replace(composed, model=self.client.model, prompt_version=prompts.VERSION, usage=written.usage)

    def _set_aside(self, tokens: int) -> str | None:
        """The id under which tokens are set aside; None when the day has no room, or that cannot be told."""
        try:
            return self._table().set_aside(tokens, self.settings.chat_day_tokens, self.client.model, prompts.VERSION)
        except RecordsError as error:
            logger.error("%s", error)
            # Without the table a limit cannot be kept; without a limit there is nothing to keep.
            return None if self.settings.chat_day_tokens is not None else ""

    def _settle(self, identity: str, usage: Usage) -> None:
        if not identity:
            return
        try:
            self._table().settle(identity, usage)
        except RecordsError as error:
            logger.error("%s", error)

    def _table(self) -> Spending:
        with self._opening:
            if self._spending is None:
                self._spending = Spending(self.settings.records)
            return self._spending


def _dropped(count: int, notes: dict[str, str]) -> tuple[str, ...]:
    if not count:
        return ()
    return (notes["dropped_one"] if count == 1 else notes["dropped"].format(count=count),)


def _filled(
    parts: Sequence[Side],
    claims: Sequence[Claim],
    citations: Sequence[Citation],
    extract: Callable[[Sequence[Side]], Sentences],
) -> tuple[list[Claim], list[Citation], list[str]]:
    """The claims with, for each side that the model said nothing about, sentences from its sources."""
    said = {claim.label for claim in claims}
    silent = [side for side in parts if side.label not in said and side.evidence]
    if not silent:
        return list(claims), list(citations), []
    more, cited = extract(silent)
    shift = len(citations)
    every = [
        *claims,
        *(claim.model_copy(update={"citations": tuple(n + shift for n in claim.citations)}) for claim in more),
    ]
    order = [side.label for side in parts]
    every.sort(key=lambda claim: order.index(claim.label))
    numbered = [citation.model_copy(update={"number": citation.number + shift}) for citation in cited]
    return every, [*citations, *numbered], [side.label for side in silent]
