"""A colleague looks along: an answer goes to who reviews, and comes back confirmed, corrected or refused.

Asking is a choice and never a gate: the asker has the answer meanwhile. What was confirmed or corrected is offered
first when the same question returns, as long as none of its sources has changed and the reader may read them all.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from enum import StrEnum

from sqlalchemy import select

from assistant.errors import RecordsError
from assistant.models import Answer, Citation
from assistant.records import Records, evidence_ids, kept_form, reopened, typed
from assistant.roles import Person, Role
from assistant.tables import ReviewRow
from indexer.models import Frozen, Source


class ReviewState(StrEnum):
    """How far a review is."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    REFUSED = "refused"


class Review(Frozen):
    """An answer with what a colleague said of it. It names neither asker nor reviewer, only the reviewer's role."""

    id: str
    answer_id: str
    created: datetime
    answer: Answer
    evidence: tuple[str, ...] = ()
    state: ReviewState
    role: Role | None = None
    decided: datetime | None = None
    note: str = ""
    citations: tuple[Citation, ...] = ()


class Reviews:
    """The reviews of an installation."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def ask(self, answer_id: str, answer: Answer, asker: Person, sources: Mapping[str, Source]) -> None:
        """Asks a colleague to look at an answer; asking twice changes nothing. Raises `RecordsError`."""
        with self._records.session() as session:
            if session.scalar(select(ReviewRow.id).where(ReviewRow.answer_id == answer_id)):
                return
            session.add(
                ReviewRow(
                    id=uuid.uuid4().hex,
                    answer_id=answer_id,
                    asker=asker.id,
                    created=datetime.now(UTC),
                    question_key=question_key(answer),
                    answer=kept_form(answer),
                    sources=_stamps(answer.citations, sources),
                    state=ReviewState.OPEN.value,
                    note="",
                    citations=[],
                )
            )

    def queue(self, reviewer: Person, sources: Mapping[str, Source]) -> list[Review]:
        """What waits for this reviewer, oldest first: not their own, and nothing from what they may not read."""
        if not reviewer.reviews:
            return []
        query = (
            select(ReviewRow)
            .where(ReviewRow.state == ReviewState.OPEN.value, ReviewRow.asker != reviewer.id)
            .order_by(ReviewRow.created)
        )
        with self._records.session() as session:
            found = [_review(row) for row in session.scalars(query)]
        return [review for review in found if readable(review.answer.citations, reviewer, sources)]

    def decide(
        self,
        review_id: str,
        reviewer: Person,
        state: ReviewState,
        sources: Mapping[str, Source],
        note: str = "",
        citations: Iterable[Citation] = (),
    ) -> None:
        """Says what the reviewer found. A correction needs words and at least one citation; a refusal its reason.

        Raises `RecordsError` for who may not review this, for a review that was decided already, and for a correction
        or refusal without what it needs.
        """
        cited = tuple(citations)
        words = typed(note, 4_000)
        if not reviewer.reviews:
            raise RecordsError("Only a reviewer decides a review.")
        if state is ReviewState.CORRECTED and not (words and cited):
            raise RecordsError("A correction needs words and at least one source.")
        if state is ReviewState.REFUSED and not words:
            raise RecordsError("A refusal needs its reason.")
        with self._records.session() as session:
            row = session.get(ReviewRow, review_id, with_for_update=True)
            if row is None or row.state != ReviewState.OPEN.value or row.asker == reviewer.id:
                raise RecordsError("This review is not open to you.")
            if not readable((*_review(row).answer.citations, *cited), reviewer, sources):
                raise RecordsError("This review is not open to you.")
            row.state, row.reviewer, row.role = state.value, reviewer.id, Role.REVIEWER.value
            row.decided, row.note = datetime.now(UTC), words
            row.citations = [citation.model_dump(mode="json") for citation in cited]
            if state is ReviewState.CORRECTED:
                row.sources = _stamps(cited, sources)

    def of_answers(self, answer_ids: Iterable[str]) -> dict[str, Review]:
        """The reviews of these answers, by answer id."""
        with self._records.session() as session:
            rows = session.scalars(select(ReviewRow).where(ReviewRow.answer_id.in_(list(answer_ids))))
            return {row.answer_id: _review(row) for row in rows}

    def checked(self, answer: Answer, reader: Person, sources: Mapping[str, Source]) -> Review | None:
        """The newest review that confirmed or corrected an answer to this same question; None when there is none that
        still stands: every source is there unchanged, holds on the answer's day and may be read by this person."""
        query = (
            select(ReviewRow)
            .where(
                ReviewRow.question_key == question_key(answer),
                ReviewRow.state.in_([ReviewState.CONFIRMED.value, ReviewState.CORRECTED.value]),
            )
            .order_by(ReviewRow.decided.desc())
        )
        with self._records.session() as session:
            rows = [(dict(row.sources), _review(row)) for row in session.scalars(query)]
        for stamps, review in rows:
            if stamps and all(_stands(identity, stamp, answer.as_of, sources) for identity, stamp in stamps.items()):
                shown = review.citations or review.answer.citations
                if readable(shown, reader, sources):
                    return review
        return None


def question_key(answer: Answer) -> str:
    """What two askings of the same question share: its words in order, without capitals and signs, and the regime."""
    words = re.findall(r"\w+", (answer.standalone_question or answer.question).casefold())
    return hashlib.sha256("\n".join((" ".join(words), str(answer.regime or ""))).encode()).hexdigest()


def readable(citations: Iterable[Citation], person: Person, sources: Mapping[str, Source]) -> bool:
    """Whether a person may read every source that is cited. A source that is gone is nobody's to read."""
    return all(
        citation.source_id in sources and person.may_read(sources[citation.source_id].collection)
        for citation in citations
    )


def _stamps(citations: Iterable[Citation], sources: Mapping[str, Source]) -> dict[str, str]:
    return {c.source_id: sources[c.source_id].sha256 if c.source_id in sources else "" for c in citations}


def _stands(identity: str, stamp: str, day: date, sources: Mapping[str, Source]) -> bool:
    source = sources.get(identity)
    return source is not None and source.sha256 == stamp and source.holds_on(day)


def _review(row: ReviewRow) -> Review:
    return Review(
        id=row.id,
        answer_id=row.answer_id,
        created=row.created,
        answer=reopened(row.answer),
        evidence=tuple(evidence_ids(row.answer)),
        state=ReviewState(row.state),
        role=Role(row.role) if row.role else None,
        decided=row.decided,
        note=row.note,
        citations=tuple(Citation.model_validate(citation) for citation in row.citations),
    )
