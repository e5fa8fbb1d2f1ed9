"""How far somebody is with the learning paths, kept in the records: which questions, right or not, and when again.

What somebody typed as an answer is never kept.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import Boolean, Column, Date, Integer, MetaData, String, Table, delete, insert, select, update

from assistant.learning import Stand, after_answer
from assistant.records import Records

_TABLE = Table(
    "learning_progress",
    MetaData(),
    Column("person", String(128), primary_key=True),
    Column("question", String(60), primary_key=True),
    Column("first_right", Boolean, nullable=False),
    Column("last_right", Boolean, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("box", Integer, nullable=False),
    Column("due", Date),
    Column("answered", Date, nullable=False),
)


class Progress:
    """The progress of everybody, each under an id that the app gives."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def of(self, person: str) -> dict[str, Stand]:
        """How somebody stands, by question. Raises `RecordsError`."""
        query = select(_TABLE).where(_TABLE.c.person == person)
        with self._records.session() as session:
            rows = session.execute(query).mappings().all()
        return {
            row["question"]: Stand.model_validate({key: value for key, value in row.items() if key != "person"})
            for row in rows
        }

    def note(self, person: str, question: str, today: date, *, right: bool) -> Stand:
        """Keeps an answer to a question and gives how somebody stands now. Raises `RecordsError`."""
        mine = (_TABLE.c.person == person) & (_TABLE.c.question == question)
        with self._records.session() as session:
            row = session.execute(select(_TABLE).where(mine)).mappings().first()
            before = (
                Stand.model_validate({key: value for key, value in row.items() if key != "person"}) if row else None
            )
            stand = after_answer(before, question, today, right=right)
            values = stand.model_dump()
            if before is None:
                session.execute(insert(_TABLE).values(person=person, **values))
            else:
                session.execute(update(_TABLE).where(mine).values(**values))
        return stand

    def forget(self, person: str) -> None:
        """Removes all that is kept of somebody. Raises `RecordsError`."""
        with self._records.session() as session:
            session.execute(delete(_TABLE).where(_TABLE.c.person == person))
