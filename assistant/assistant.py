"""The way of a question, step by step. Every step leaves its time on the answer; any step may end it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial as bound

import numpy as np
from numpy.typing import NDArray

from assistant import clarify, followup, freshness, privacy, sides, verification
from assistant.answer_type import holds_what_is_asked
from assistant.answering import extractive, modelled
from assistant.answering.grounding import with_law
from assistant.embedders import make_embedder
from assistant.events import FirstAnswer, StepBegan, Stream, Watch
from assistant.evidence import Sufficiency, WordWeights, choose, judge
from assistant.glossary import load_glossary
from assistant.models import Answer, Citation, Claim, Evidence, Status, Turn
from assistant.outcomes import outcome
from assistant.retrieval import retrieve
from assistant.scope import Scope, read_scope
from assistant.settings import Settings, load_weights
from assistant.sides import Side
from assistant.terms import content_words
from indexer.embedding import Embedder
from indexer.errors import IndexBroken, IndexMissing, LeidraadError
from indexer.generation import serving_folder
from indexer.index import Index, open_index
from indexer.models import Binding, Regime

logger = logging.getLogger(__name__)

LONGEST_QUESTION = 2_000
"""Characters; a whole e-mail is not a question."""

NO_MODEL = "Er is geen taalmodel aangesloten. Dit antwoord bestaat uit zinnen uit de bronnen."


class Assistant:
    """Answers questions from one index. Opened once and shared; safe to use from several threads."""

    def __init__(self, settings: Settings, embedder: Embedder | None = None) -> None:
        privacy.mask_logs()
        self.settings = settings
        self.embedder = embedder or make_embedder(settings)
        self.weights = load_weights()
        self.glossary = load_glossary(settings.corpus)
        self.model = modelled.Model(settings) if settings.mode == "generative" and settings.chat_url else None
        self._index: Index | None = None
        self._pointer = ""
        self._opening = threading.Lock()

    def index(self) -> Index:
        """The index of the generation that serves now; a new generation is opened when the pointer moved.

        Raises `IndexMissing` or `IndexBroken`.
        """
        pointer = serving_folder(self.settings.index).name
        if self._index is not None and pointer == self._pointer:
            return self._index
        with self._opening:
            if self._index is None or pointer != self._pointer:
                index = open_index(self.settings.index)
                if index.manifest.embedder != self.embedder.stamp:
                    raise IndexBroken(
                        f"The index was made with {index.manifest.embedder_name}, not with {self.embedder.name}; "
                        "make it anew with: leidraad index"
                    )
                # The old generation may still be answering somebody; it is let go of with its last reader.
                self._index, self._pointer = index, pointer
            return self._index

    def warm(self) -> None:
        """Loads what the first question would wait for. Quiet where there is no index yet."""
        try:
            index = self.index()
        except IndexMissing:
            self.embedder.embed_query("warm")
            return
        retrieve(index, self.embedder, "Wat is de Z-route?", frozenset(index.sources), self.weights)

    def ask(
        self,
        question: str,
        conversation: Sequence[Turn] = (),
        *,
        as_of: date | None = None,
        regime: Regime | None = None,
        collections: Iterable[str] | None = None,
        on_step: Callable[[str], None] | None = None,
        watch: Watch | None = None,
        stop: threading.Event | None = None,
    ) -> Answer:
        """A verified answer, a refusal or a question back; never an exception for anything a person typed.

        `as_of` and `regime`, when given, were chosen by the person. `collections` are those this person may read;
        None means all. `on_step` is told the name of each step as it begins; `watch` is told that too, and what a
        language model writes as it comes. Once `stop` is set the model is waited for no longer: what is verified by
        then is the answer, or sentences from the sources are.
        """
        walk = _Walk(on_step, watch, stop)
        masked = privacy.Masked(text="", kinds=())
        scope = Scope(language="nl", regime=regime, as_of=as_of or date.today())
        alone = ""
        try:
            with walk.step("privacy"):
                masked = privacy.mask(" ".join(question.split()))
            with walk.step("followup"):
                earlier = [
                    Turn(question=privacy.mask(turn.question).text, answer=privacy.mask(turn.answer).text)
                    for turn in conversation
                ]
                resolved = followup.resolve(masked.text, earlier)
                alone = resolved.question
                if self.model and alone != masked.text:
                    alone = self.model.standalone(masked.text, earlier, walk.stop) or alone
            with walk.step("scope"):
                scope = read_scope(alone, date.today(), as_of=as_of, regime=regime, earlier=resolved.earlier)
            ending = _unusable(masked.text, alone)
            if ending:
                return self._end(ending, masked, alone, scope, walk)
            with walk.step("open"):
                index = self.index()
            readable = None if collections is None else frozenset(collections)
            return self._answer(index, masked, alone, resolved.earlier, scope, readable, walk)
        except IndexMissing:
            return self._end("empty_index", masked, alone, scope, walk)
        except LeidraadError as error:
            logger.error("a question could not be answered: %s", error)
            return self._end("failed", masked, alone, scope, walk, warnings=[privacy.mask(str(error)).text])

    def ask_stream(
        self,
        question: str,
        conversation: Sequence[Turn] = (),
        *,
        as_of: date | None = None,
        regime: Regime | None = None,
        collections: Iterable[str] | None = None,
    ) -> Stream:
        """What `ask` does, as events while it happens; `Answered` comes last."""
        ask = bound(self.ask, question, conversation, as_of=as_of, regime=regime, collections=collections)
        return Stream(lambda watch, stop: ask(watch=watch, stop=stop))

    def _answer(
        self,
        index: Index,
        masked: privacy.Masked,
        question: str,
        earlier: str,
        scope: Scope,
        collections: frozenset[str] | None,
        walk: _Walk,
    ) -> Answer:
        allowed = index.allowed(scope.as_of, collections, scope.regime)
        if not allowed:
            return self._end("no_source_on_date", masked, question, scope, walk, index=index)
        with walk.step("retrieval"):
            ranked, vector, leads = retrieve(index, self.embedder, question, allowed, self.weights, self.glossary)
        with walk.step("evidence"):
            evidence = choose(ranked, self.weights)
            alternatives = self.glossary.alternatives(question)
            words = WordWeights(index, question, self.weights.evidence.unknown_weight, alternatives)
            gap = index.plain.nearest_gap(vector)
            enough = judge(evidence, words, self.weights, scope.language, gap, leads, index.covered)
        if self.model and enough.in_field and not enough.enough and not enough.known_gap:
            with walk.step("expansion"):
                wider = self._expanded(index, question, vector, allowed, walk.stop)
                if wider and judge(wider, words, self.weights, scope.language).enough:
                    evidence, enough = wider, judge(wider, words, self.weights, scope.language)
        if enough.known_gap:
            topic = enough.known_gap
            return self._end("known_gap", masked, question, scope, walk, index=index, evidence=evidence, topic=topic)
        if not enough.enough:
            key = "no_evidence" if enough.in_field else "out_of_field"
            return self._end(key, masked, question, scope, walk, index=index, evidence=evidence)

        parts, by_regime, local = self._sides(index, question, scope, allowed, evidence, words)
        partial = enough.coverage < self.weights.evidence.partial_coverage
        extract = bound(self._extract, index, question, allowed, words, vector)

        def finish(composed: modelled.Composed) -> Answer:
            with walk.step("verification"):
                claims, citations, dropped = self._verified(index, composed, evidence)
            if not claims:
                return self._end("unverified", masked, question, scope, walk, index=index, evidence=evidence)
            key = _key(by_regime, local, claims, partial)
            told = outcome(key).sentence(scope.language)
            if composed.failed:
                key, told = "model_failed", outcome("model_failed").sentence(scope.language)
            also = outcome(_key(by_regime, local, claims, partial)).sentence(scope.language)
            return Answer(
                question=masked.text,
                standalone_question=question,
                language=scope.language,
                status=Status.ANSWERED,
                outcome=key,
                completeness="partial" if partial or composed.cut_short else "complete",
                text=_text(claims, told),
                claims=tuple(claims),
                citations=tuple(citations),
                evidence=tuple(evidence),
                regime=scope.regime or _only_regime(citations),
                as_of=scope.as_of,
                mode=composed.mode,
                model=composed.model,
                prompt_version=composed.prompt_version,
                usage=composed.usage,
                masked=masked.kinds,
                timings_ms=walk.timings(),
                index_generation=index.name,
                warnings=(
                    *((also,) if composed.failed and also else ()),
                    *dropped,
                    *composed.notes,
                    *freshness.notes(index, citations, scope.as_of, collections),
                    *scope.notes(both_regimes=key == "both_regimes"),
                    *((NO_MODEL,) if self.settings.mode == "generative" and not self.model else ()),
                ),
            )

        with walk.step("answering"):
            claims, citations = extract(parts)
            if asked := clarify.needed(question, earlier, scope, claims, evidence):
                key = "clarify_fact"
                ended = self._end(key, masked, question, scope, walk, index=index, evidence=evidence, topic=asked.name)
                return ended.model_copy(update={"text": f"{ended.text} {asked.asks}", "choices": asked.choices})
            said = " ".join((*(claim.text for claim in claims), *(citation.quote for citation in citations)))
            if self.model is None and not holds_what_is_asked(question, said):
                return self._end("no_evidence", masked, question, scope, walk, index=index, evidence=evidence)
            if self.model is None:
                composed = modelled.extracted(claims, citations)
            else:
                composed = self.model.compose(
                    modelled.Task(index=index, question=question, language=scope.language, parts=parts),
                    extract=extract,
                    ground=bound(with_law, index, allowed=allowed),
                    alike=self.alike,
                    watch=walk.watch,
                    stop=walk.stop,
                    on_first=lambda first: walk.watch(FirstAnswer(answer=finish(first))),
                )
        return finish(composed)

    def _expanded(
        self,
        index: Index,
        question: str,
        vector: NDArray[np.float32],
        allowed: frozenset[str],
        stop: threading.Event,
    ) -> list[Evidence]:
        """What is found with search words of the model added; its similarity is that with the question as asked."""
        added = self.model.search_words(question, stop) if self.model else ()
        if not added:
            return []
        asked = " ".join((question, *added))
        found = choose(retrieve(index, self.embedder, asked, allowed, self.weights, self.glossary)[0], self.weights)
        alike = index.vectors.similarities(vector, [e.passage.id for e in found])
        # A question in plain words that the added words lead to says nothing about the question as asked.
        return [e.model_copy(update={"dense": alike[e.passage.id], "bridge": None}) for e in found]

    def _verified(
        self, index: Index, composed: modelled.Composed, evidence: Sequence[Evidence]
    ) -> tuple[list[Claim], list[Citation], list[str]]:
        cited = index.passages([citation.passage_id for citation in composed.citations])
        return verification.verify(
            composed.claims,
            composed.citations,
            {e.passage.id: e.passage for e in evidence} | cited,
            lambda source, start, end: index.document(source).text[start:end],
        )

    def alike(self, one: str, other: str) -> float:
        """Cosine of two texts."""
        first, second = self.embedder.embed_passages([one, other])
        return float(np.asarray(first) @ np.asarray(second))

    def _sides(
        self,
        index: Index,
        question: str,
        scope: Scope,
        allowed: frozenset[str],
        evidence: list[Evidence],
        words: WordWeights,
    ) -> tuple[list[Side], list[Side], list[Side]]:
        """The sides that the answer has (one without a label when it has none), those by regime, and local ones.

        Where the question does not name its regime, what the old law says is labelled, and both answer where both can.
        A municipality's own rule is said under its label, after the national one.
        """

        def find(own: frozenset[str]) -> list[Evidence]:
            return retrieve(index, self.embedder, question, own, self.weights, self.glossary)[0]

        def fits(chosen: Sequence[Evidence]) -> Sufficiency:
            return judge(chosen, words, self.weights, scope.language)

        by_regime: list[Side] = []
        if scope.regime is None:
            by_regime = sides.regime_sides(index, allowed, evidence, find, fits, self.weights)
        # The old law is never said without its label, nor a local text as the rule.
        plain = [e for e in evidence if scope.regime or e.passage.regime is not Regime.WI2013]
        local = sides.local_sides(plain, fits, self.weights)
        parts = by_regime + [side for side in local if side.label == sides.LOCAL_LABEL or not by_regime]
        if not parts:
            parts = [Side("", [e for e in plain if e.passage.binding is not Binding.LOCAL])]
        return parts, by_regime, local

    def _extract(
        self,
        index: Index,
        question: str,
        allowed: frozenset[str],
        words: WordWeights,
        vector: NDArray[np.float32],
        parts: Sequence[Side],
    ) -> tuple[list[Claim], list[Citation]]:
        """The sentences of the sources that answer, side by side."""
        answer = self.weights.answer
        share = {"sentences": max(1, answer.sentences // len(parts)), "words": answer.words // len(parts)}
        weights = self.weights.model_copy(update={"answer": answer.model_copy(update=share)})
        claims: list[Claim] = []
        citations: list[Citation] = []
        for label, side in parts:
            more, cited = extractive.answer(index, self.embedder, question, vector, side, words, weights, label)
            shift = len(citations)
            claims += [c.model_copy(update={"citations": tuple(n + shift for n in c.citations)}) for c in more]
            citations += [c.model_copy(update={"number": c.number + shift}) for c in cited]
        return with_law(index, claims, citations, allowed)

    def _end(
        self,
        key: str,
        masked: privacy.Masked,
        question: str,
        scope: Scope,
        walk: _Walk,
        *,
        index: Index | None = None,
        evidence: Sequence[Evidence] = (),
        warnings: Sequence[str] = (),
        topic: str = "",
    ) -> Answer:
        """An answer without claims: a refusal or a question back, with the nearest passages."""
        ending = outcome(key)
        return Answer(
            question=masked.text,
            standalone_question=question,
            language=scope.language,
            status=ending.status,
            outcome=key,
            text=ending.sentence(scope.language).format(contact=self.settings.contact_in(scope.language), topic=topic),
            evidence=tuple(evidence),
            regime=scope.regime,
            as_of=scope.as_of,
            masked=masked.kinds,
            timings_ms=walk.timings(),
            index_generation=index.name if index else None,
            warnings=tuple(warnings),
        )


def _unusable(question: str, alone: str) -> str | None:
    """The outcome's key for a question that cannot be searched with, else None."""
    if not any(character.isalnum() for character in question):
        return "empty_question"
    if len(question) > LONGEST_QUESTION:
        return "too_long"
    if not content_words(alone):
        return "clarify_subject"
    return None


def _key(by_regime: Sequence[Side], local: Sequence[Side], claims: Sequence[Claim], partial: bool) -> str:
    """The outcome of an answer with these sides. A difference with the law is told before anything else."""
    if local and len(local) == 1 and not by_regime:
        return "local_only"
    if local and sides.differ(claims):
        return "local_differs"
    if len(by_regime) > 1:
        return "both_regimes"
    if local:
        return "local_too"
    return "partial" if partial and not by_regime else "answered"


def _only_regime(citations: Sequence[Citation]) -> Regime | None:
    regimes = {citation.regime for citation in citations} - {None}
    return regimes.pop() if len(regimes) == 1 else None


def _text(claims: Sequence[Claim], sentence: str) -> str:
    """The answer as one text with citation numbers, under its labels where it has them."""
    lines: list[str] = []
    label = ""
    for claim in claims:
        if claim.label != label:
            label = claim.label
            lines.append(f"{label}:")
        lines.append(claim.text + "".join(f" [{number}]" for number in claim.citations))
    if sentence:
        lines.append(sentence)
    return "\n".join(lines)


class _Walk:
    """Times the steps of one question and tells who watches."""

    def __init__(
        self, on_step: Callable[[str], None] | None, watch: Watch | None = None, stop: threading.Event | None = None
    ) -> None:
        self._on_step = on_step
        self.watch = watch or (lambda _: None)
        self.stop = stop or threading.Event()
        self._timings: dict[str, float] = {}
        self._began = time.perf_counter()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        if self._on_step:
            self._on_step(name)
        self.watch(StepBegan(name=name))
        began = time.perf_counter()
        try:
            yield
        finally:
            self._timings[name] = round((time.perf_counter() - began) * 1000, 2)

    def timings(self) -> dict[str, float]:
        return {**self._timings, "total": round((time.perf_counter() - self._began) * 1000, 2)}
