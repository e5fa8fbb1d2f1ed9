"""A person's own conversations: finding, reopening, renaming and deleting them. Nobody sees another's."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from assistant.errors import RecordsError
from assistant.models import Answer
from assistant.records import Records, reopened, typed
from assistant.tables import AnswerRow, ConversationRow, FeedbackRow, ReviewRow
from indexer.models import Frozen

_TITLE = 90


class Conversation(Frozen):
    """A conversation in the list."""

    id: str
    title: str
    updated: datetime
    turns: int


class KeptAnswer(Frozen):
    """An answer with the id that it is kept under."""

    id: str
    answer: Answer


class History:
    """One person's conversations."""

    def __init__(self, records: Records, person: str) -> None:
        self._records = records
        self._person = person

    def conversations(self, search: str = "", limit: int = 50) -> list[Conversation]:
        """The newest first. `search` finds words in titles and questions."""
        query = (
            select(ConversationRow, func.count(AnswerRow.id))
            .outerjoin(AnswerRow, AnswerRow.conversation == ConversationRow.id)
            .where(ConversationRow.person == self._person)
            .group_by(ConversationRow.id)
            .order_by(ConversationRow.updated.desc())
            .limit(limit)
        )
        for word in search.split():
            asked = select(AnswerRow.conversation).where(AnswerRow.question.icontains(word, autoescape=True))
            query = query.where(
                or_(ConversationRow.title.icontains(word, autoescape=True), ConversationRow.id.in_(asked))
            )
        with self._records.session() as session:
            return [
                Conversation(id=row.id, title=row.title, updated=row.updated, turns=turns)
                for row, turns in session.execute(query)
            ]

    def open(self, conversation: str) -> list[KeptAnswer]:
        """The answers of a conversation, in order. Raises `RecordsError` when it is not this person's."""
        with self._records.session() as session:
            self._own(session, conversation)
            rows = session.scalars(
                select(AnswerRow).where(AnswerRow.conversation == conversation).order_by(AnswerRow.created)
            )
            found: list[KeptAnswer] = []
            for row in rows:
                try:
                    found.append(KeptAnswer(id=row.id, answer=reopened(row.answer)))
                except ValueError as error:
                    raise RecordsError("This conversation was kept by another version of Leidraad.") from error
            return found

    def rename(self, conversation: str, title: str) -> None:
        """Gives a conversation another title; an empty one changes nothing. Raises `RecordsError`."""
        new = " ".join(typed(title, _TITLE).split())
        with self._records.session() as session:
            row = self._own(session, conversation)
            row.title = new or row.title

    def delete(self, conversation: str) -> None:
        """Deletes a conversation with its answers, feedback and reviews that nobody decided. Raises `RecordsError`."""
        with self._records.session() as session:
            row = self._own(session, conversation)
            answers = list(session.scalars(select(AnswerRow.id).where(AnswerRow.conversation == conversation)))
            session.execute(delete(FeedbackRow).where(FeedbackRow.answer.in_(answers)))
            session.execute(delete(ReviewRow).where(ReviewRow.answer_id.in_(answers), ReviewRow.decided.is_(None)))
            session.execute(delete(AnswerRow).where(AnswerRow.conversation == conversation))
            session.delete(row)

    def _own(self, session: Session, conversation: str) -> ConversationRow:
        row = session.get(ConversationRow, conversation)
        if row is None or row.person != self._person:
            raise RecordsError("There is no such conversation.")
        return row
