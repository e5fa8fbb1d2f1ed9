"""Deleting what is kept no longer: old conversations, and everything of one person.

Erasing goes by the database itself, not by a list of tables: whichever table has a column that names a person (`OWNED`,
`MENTIONED`) is covered, also one that a later version adds. A column that only mentions somebody in what belongs to
others (the reviewer of a checked answer) is emptied of the name and the rest stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, MetaData, Table, delete, select, update

from assistant.audit import TERMINAL, Audit, Event
from assistant.records import Records
from assistant.tables import AnswerRow, ConversationRow, FeedbackRow, ReviewRow

OWNED = ("person", "owner", "asker", "author")
"""Columns that say whose a row is."""
MENTIONED = ("reviewer", "decided_by", "checked_by")
"""Columns that mention somebody in a row that is another's or everybody's."""
GONE = "verwijderd"
_KEPT = {"answers", "conversations", "audit", "alembic_version"}
_BATCH = 500


class Retention:
    """The end of what is kept. Everything here ends up in the audit log, as numbers."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def delete_older(self, days: int, now: datetime | None = None, actor: str = "") -> int:
        """Deletes conversations without a new answer in that many days; gives how many. Raises `RecordsError`.

        Their answers, feedback and undecided reviews go too. A decided review stays, without who asked.
        """
        if days <= 0:
            return 0
        before = (now or datetime.now(UTC)) - timedelta(days=days)
        with self._records.session() as session:
            old = list(session.scalars(select(ConversationRow.id).where(ConversationRow.updated < before)))
            _delete_conversations(session.connection(), old)
            known = select(ConversationRow.id)
            stray = delete(AnswerRow).where(AnswerRow.created < before, AnswerRow.conversation.not_in(known))
            session.execute(stray)
        if old:
            Audit(self._records).note(Event.EXPIRED, actor=actor, conversations=len(old), days=days)
        return len(old)

    def forget(self, person: str, actor: str = TERMINAL) -> dict[str, int]:
        """Erases everything of one person: how many rows of each table. Raises `RecordsError`."""
        told: dict[str, int] = {}
        with self._records.session() as session:
            connection = session.connection()
            own = list(session.scalars(select(ConversationRow.id).where(ConversationRow.person == person)))
            told["conversations"] = len(own)
            told["answers"] = _delete_conversations(connection, own)
            tables = MetaData()
            tables.reflect(bind=connection)
            for table in tables.sorted_tables:
                if table.name not in _KEPT and (count := _forget_in(connection, table, person)):
                    told[table.name] = told.get(table.name, 0) + count
        Audit(self._records).note(Event.ERASED, actor=actor, rows=sum(told.values()))
        return {name: count for name, count in told.items() if count}


def _forget_in(connection: Connection, table: Table, person: str) -> int:
    count = 0
    for name in MENTIONED:
        if name in table.c:
            count += connection.execute(update(table).where(table.c[name] == person).values({name: GONE})).rowcount
    if table.name == "reviews":
        # What a colleague checked is knowledge of the whole team by now: it stays, without who asked.
        decided = (table.c.asker == person) & table.c.decided.is_not(None)
        count += connection.execute(update(table).where(decided).values(asker=GONE)).rowcount
    if table.name == "people":
        count += connection.execute(delete(table).where(table.c.id == person)).rowcount
    for name in OWNED:
        if name in table.c:
            count += connection.execute(delete(table).where(table.c[name] == person)).rowcount
    return count


def _delete_conversations(connection: Connection, conversations: Sequence[str]) -> int:
    """Deletes these conversations with all that hangs on them; gives how many answers went."""
    gone = 0
    for start in range(0, len(conversations), _BATCH):
        some = conversations[start : start + _BATCH]
        answers = select(AnswerRow.id).where(AnswerRow.conversation.in_(some))
        connection.execute(delete(FeedbackRow).where(FeedbackRow.answer.in_(answers)))
        undecided = ReviewRow.decided.is_(None)
        connection.execute(delete(ReviewRow).where(ReviewRow.answer_id.in_(answers), undecided))
        connection.execute(update(ReviewRow).where(ReviewRow.answer_id.in_(answers)).values(asker=GONE))
        gone += connection.execute(delete(AnswerRow).where(AnswerRow.conversation.in_(some))).rowcount
        connection.execute(delete(ConversationRow).where(ConversationRow.id.in_(some)))
    return gone
