"""What people think of answers, and mistakes they report in citations. Remarks are masked before they are kept."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import delete, select

from assistant.records import Records, typed
from assistant.tables import AnswerRow, FeedbackRow
from indexer.models import Frozen


class Feeling(StrEnum):
    """What a piece of feedback says."""

    UP = "up"
    DOWN = "down"
    CITATION = "citation"


REASONS = ("wrong", "incomplete", "wrong_source", "outdated", "unclear", "other")
"""Why an answer did not help; the words are in `interface.toml`."""

CITATION_REASONS = ("not_supporting", "wrong_place", "not_in_force", "unreadable", "other")
"""What is wrong with a citation."""


class Feedback(Frozen):
    """One piece of feedback, with the question it is about. It names nobody."""

    id: str
    answer_id: str
    created: datetime
    feeling: Feeling
    citation: int | None
    reasons: tuple[str, ...]
    remark: str
    question: str


class FeedbackBox:
    """Where feedback goes and is read."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def give(
        self,
        answer_id: str,
        person: str,
        feeling: Feeling,
        reasons: Iterable[str] = (),
        remark: str = "",
        citation: int | None = None,
    ) -> None:
        """Keeps feedback. A later thumb of the same person replaces the earlier one; so does a later report of the
        same citation. Raises `RecordsError`."""
        same = (FeedbackRow.kind == feeling.value) if feeling is Feeling.CITATION else FeedbackRow.citation.is_(None)
        where = [FeedbackRow.answer == answer_id, FeedbackRow.person == person, same]
        if feeling is Feeling.CITATION:
            where.append(FeedbackRow.citation == citation)
        known = REASONS if feeling is not Feeling.CITATION else CITATION_REASONS
        with self._records.session() as session:
            session.execute(delete(FeedbackRow).where(*where))
            session.add(
                FeedbackRow(
                    id=uuid.uuid4().hex,
                    answer=answer_id,
                    person=person,
                    created=datetime.now(UTC),
                    kind=feeling.value,
                    citation=citation,
                    reasons=[reason for reason in reasons if reason in known],
                    remark=typed(remark),
                )
            )

    def given(self, answer_id: str, person: str) -> Feeling | None:
        """The thumb that a person gave an answer."""
        query = select(FeedbackRow.kind).where(
            FeedbackRow.answer == answer_id, FeedbackRow.person == person, FeedbackRow.citation.is_(None)
        )
        with self._records.session() as session:
            kind = session.scalar(query)
        return Feeling(kind) if kind else None

    def inbox(self, limit: int = 200) -> list[Feedback]:
        """All feedback, newest first."""
        query = (
            select(FeedbackRow, AnswerRow.question)
            .join(AnswerRow, AnswerRow.id == FeedbackRow.answer)
            .order_by(FeedbackRow.created.desc())
            .limit(limit)
        )
        with self._records.session() as session:
            return [
                Feedback(
                    id=row.id,
                    answer_id=row.answer,
                    created=row.created,
                    feeling=Feeling(row.kind),
                    citation=row.citation,
                    reasons=tuple(row.reasons),
                    remark=row.remark,
                    question=question,
                )
                for row, question in session.execute(query)
            ]
