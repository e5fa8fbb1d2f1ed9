"""What a program can have done: ask, search, open a passage, list sources, give feedback. HTTP and MCP share it.

Every call names its caller, and nothing of a collection that the caller may not read shows in anything it gets.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from datetime import date
from typing import Literal

from pydantic import Field
from sqlalchemy import select

from assistant import privacy, reading
from assistant.answering.extractive import cite
from assistant.assistant import Assistant
from assistant.errors import RecordsError
from assistant.feedback import FeedbackBox, Feeling
from assistant.models import Answer, Evidence, Turn
from assistant.records import Records
from assistant.retrieval import retrieve
from assistant.service.keys import Caller
from assistant.service.limits import Gate
from assistant.service.metrics import Metrics
from assistant.service.problems import Problem
from assistant.tables import AnswerRow, ConversationRow
from indexer.errors import IndexMissing, LeidraadError
from indexer.index import Index
from indexer.models import Binding, Frozen, Kind, Passage, Regime, Source

logger = logging.getLogger(__name__)

Door = Literal["api", "mcp"]

NOT_KEPT = "Dit antwoord kon niet worden bewaard; feedback erop is niet mogelijk."
_PROBLEMS = frozenset({"failed", "empty_index"})
_LAST_TURNS = 10


class AskRequest(Frozen):
    """A question. `conversation_id`, from an earlier reply, continues that conversation."""

    question: str = Field(max_length=20_000, description="in Dutch or English, at most 2,000 characters")
    conversation_id: str | None = Field(default=None, pattern="^[0-9a-f]{32}$")
    as_of: date | None = Field(default=None, description="answer as the rules were on this day")
    regime: Regime | None = Field(default=None, description="the law that holds for the client, where it is known")
    evidence: int = Field(default=3, ge=0, le=20, description="how many of the passages found to send along")


class AskReply(Frozen):
    """An answer with the ids by which to go on. `id` is null where it could not be kept."""

    id: str | None
    conversation_id: str
    answer: Answer


class SearchRequest(Frozen):
    """What to look for."""

    query: str = Field(min_length=1, max_length=2_000)
    limit: int = Field(default=10, ge=1, le=50)
    as_of: date | None = None
    regime: Regime | None = None


class SearchHit(Frozen):
    """A passage that was found, best first."""

    passage_id: str
    source_id: str
    title: str
    kind: Kind
    binding: Binding
    locator: str
    text: str
    score: float
    valid_from: date | None
    valid_to: date | None


class SearchReply(Frozen):
    """The passages found; `masked` names the kinds of personal data that were left out of the search."""

    hits: tuple[SearchHit, ...]
    masked: tuple[str, ...]
    index_generation: str


class PassageReply(Frozen):
    """A passage with the text around it in its document."""

    passage: Passage
    opened: reading.OpenedPassage
    holds_today: bool


class SourceReply(Frozen):
    """A source that may be read."""

    id: str
    work: str
    title: str
    kind: Kind
    binding: Binding
    publisher: str
    language: str
    url: str | None
    licence: str | None
    valid_from: date | None
    valid_to: date | None
    holds_today: bool
    collection: str


class FeedbackRequest(Frozen):
    """What somebody thought of an answer, or found wrong with one of its citations."""

    answer_id: str = Field(pattern="^[0-9a-f]{32}$")
    feeling: Feeling
    reasons: tuple[str, ...] = Field(default=(), max_length=10)
    remark: str = Field(default="", max_length=2_000, description="masked before it is kept")
    citation: int | None = Field(default=None, ge=1)


class Desk:
    """Serves callers from one assistant and one database. Its methods are called in worker threads."""

    def __init__(self, assistant: Assistant, records: Records, gate: Gate, metrics: Metrics) -> None:
        self.assistant = assistant
        self.records = records
        self.gate = gate
        self.metrics = metrics

    def ask(
        self, caller: Caller, request: AskRequest, door: Door, on_step: Callable[[str], None] | None = None
    ) -> AskReply:
        """A verified answer, kept under the caller. Raises `Problem` where there can be none at all."""
        conversation = request.conversation_id or uuid.uuid4().hex
        turns = self._turns(caller, request.conversation_id) if request.conversation_id else []
        answer = self.assistant.ask(
            request.question,
            turns,
            as_of=request.as_of,
            regime=request.regime,
            collections=caller.collections,
            on_step=on_step,
        )
        identity: str | None = None
        try:
            identity = self.records.keep(answer, conversation, caller.person)
        except RecordsError as error:
            logger.error("%s", error)
            answer = answer.model_copy(update={"warnings": (*answer.warnings, NOT_KEPT)})
        self.metrics.answered(answer, door, kept=identity is not None)
        logger.info(
            "answered",
            extra={"event": "answer", "key": caller.id, "outcome": answer.outcome, "mode": answer.mode.value},
        )
        if answer.outcome in _PROBLEMS:
            raise Problem(answer.outcome)
        answer = answer.model_copy(update={"evidence": answer.evidence[: request.evidence]})
        return AskReply(id=identity, conversation_id=conversation, answer=answer)

    def search(self, caller: Caller, request: SearchRequest) -> SearchReply:
        """The passages that bear on a question, best first. Raises `Problem`."""
        index = self.index()
        masked = privacy.mask(request.query.strip())
        allowed = index.allowed(request.as_of or date.today(), caller.collections, request.regime)
        assistant = self.assistant
        ranked: list[Evidence] = []
        if allowed and any(character.isalnum() for character in masked.text):
            try:
                ranked, *_ = retrieve(
                    index, assistant.embedder, masked.text, allowed, assistant.weights, assistant.glossary
                )
            except LeidraadError as error:
                logger.error("a search failed: %s", error)
                raise Problem("failed") from error
        hits = tuple(
            SearchHit(
                passage_id=found.passage.id,
                source_id=found.passage.source_id,
                title=index.sources[found.passage.source_id].title,
                kind=found.passage.kind,
                binding=found.passage.binding,
                locator=found.passage.locator,
                text=found.passage.text,
                score=found.score,
                valid_from=found.passage.valid_from,
                valid_to=found.passage.valid_to,
            )
            for found in ranked[: request.limit]
        )
        return SearchReply(hits=hits, masked=masked.kinds, index_generation=index.name)

    def passage(self, caller: Caller, identity: str) -> PassageReply:
        """A passage in its place. Raises `Problem` alike for one that is not there and one that may not be read."""
        index = self.index()
        passage = index.passage(identity)
        if passage is None or passage.collection not in caller.collections:
            raise Problem("not_found")
        citation = cite(index, passage, passage.start, passage.end, 1)
        today = date.today()
        return PassageReply(
            passage=passage,
            opened=reading.open_citation(index, citation, today),
            holds_today=index.sources[passage.source_id].holds_on(today),
        )

    def sources(self, caller: Caller) -> tuple[SourceReply, ...]:
        """The sources that this caller may read, in order of title. Raises `Problem`."""
        index = self.index()
        today = date.today()
        readable = [source for source in index.sources.values() if source.collection in caller.collections]
        return tuple(_source(source, today) for source in sorted(readable, key=lambda s: (s.title, s.id)))

    def feedback(self, caller: Caller, request: FeedbackRequest) -> None:
        """Keeps feedback on an answer of this caller's own. Raises `Problem`."""
        if (request.feeling is Feeling.CITATION) != (request.citation is not None):
            raise Problem("invalid_request")
        query = (
            select(AnswerRow.id)
            .join(ConversationRow, ConversationRow.id == AnswerRow.conversation)
            .where(AnswerRow.id == request.answer_id, ConversationRow.person == caller.person)
        )
        try:
            with self.records.session() as session:
                known = session.scalar(query)
            if known is None:
                raise Problem("not_found")
            box = FeedbackBox(self.records)
            box.give(
                request.answer_id, caller.person, request.feeling, request.reasons, request.remark, request.citation
            )
        except RecordsError as error:
            logger.error("%s", error)
            raise Problem("not_kept") from error

    def index(self) -> Index:
        """The index that serves. Raises `Problem`."""
        try:
            return self.assistant.index()
        except IndexMissing as error:
            raise Problem("empty_index") from error
        except LeidraadError as error:
            logger.error("%s", error)
            raise Problem("failed") from error

    def ready(self) -> str:
        """The generation that serves; also asks the vectors and the database. Raises `Problem` where one is away."""
        index = self.index()
        try:
            if index.vector_count() != index.manifest.vectors:
                logger.error("the vectors of generation %s are not all there; run: leidraad index", index.name)
                raise Problem("failed")
            self.records.count()
        except RecordsError as error:
            raise Problem("not_kept") from error
        except LeidraadError as error:
            logger.error("%s", error)
            raise Problem("failed") from error
        return index.name

    def _turns(self, caller: Caller, conversation: str) -> list[Turn]:
        """The last exchanges of a conversation, in order. Raises `Problem` when it is not this caller's own."""
        query = (
            select(AnswerRow.question, AnswerRow.answer)
            .where(AnswerRow.conversation == conversation)
            .order_by(AnswerRow.created.desc())
            .limit(_LAST_TURNS)
        )
        try:
            with self.records.session() as session:
                known = session.get(ConversationRow, conversation)
                if known is None or known.person != caller.person:
                    raise Problem("not_found")
                rows = session.execute(query).all()
            return [Turn(question=question, answer=str(kept.get("text", ""))) for question, kept in reversed(rows)]
        except RecordsError as error:
            logger.error("%s", error)
            raise Problem("not_kept") from error


def _source(source: Source, today: date) -> SourceReply:
    return SourceReply(holds_today=source.holds_on(today), **source.model_dump(include=set(SourceReply.model_fields)))
