"""The tokens that a day's answers took of the language model, kept beside the answers.

What an answer may take is set aside before the model is asked and corrected afterwards, so that several questions at
once, in one process or more, do not go over the day's limit together.
"""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime

from sqlalchemy import Date, DateTime, Float, Integer, String, create_engine, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from assistant.errors import RecordsError
from assistant.models import Usage
from assistant.records import Records
from assistant.tables import Base


class UsageRow(Base):
    """One answer's use of the model; no word of what was asked."""

    __tablename__ = "model_usage"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    day: Mapped[date] = mapped_column(Date, index=True)
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    model: Mapped[str] = mapped_column(String(200))
    prompt_version: Mapped[str] = mapped_column(String(32))
    tokens: Mapped[int] = mapped_column(Integer)
    tokens_in: Mapped[int] = mapped_column(Integer)
    tokens_out: Mapped[int] = mapped_column(Integer)
    first_token_ms: Mapped[float | None] = mapped_column(Float)
    cost: Mapped[float | None] = mapped_column(Float)


class Spending:
    """The table of usage, in the database of the records. Every method raises `RecordsError`."""

    def __init__(self, url: str) -> None:
        Records(url).close()  # brings the database to the newest migration
        self._engine = create_engine(url)

    def set_aside(self, tokens: int, most: int | None, model: str, prompt_version: str) -> str | None:
        """Sets tokens aside for one answer; its id, or None when the day would go over `most`."""
        now = datetime.now(UTC)
        row = UsageRow(
            id=uuid.uuid4().hex,
            day=now.date(),
            created=now,
            model=model[:200],
            prompt_version=prompt_version,
            tokens=tokens,
            tokens_in=0,
            tokens_out=0,
        )
        identity = row.id
        try:
            # The row is written before the sum is taken: of two at once, the later sum holds both.
            with Session(self._engine) as session, session.begin():
                session.add(row)
            if most is not None and self.tokens_on(now.date()) > most:
                with Session(self._engine) as session, session.begin():
                    session.delete(session.get_one(UsageRow, identity))
                return None
        except SQLAlchemyError as error:
            raise RecordsError(f"The use of the language model could not be kept ({type(error).__name__}).") from error
        return identity

    def settle(self, identity: str, usage: Usage) -> None:
        """Puts what was really taken in the place of what was set aside."""
        try:
            with Session(self._engine) as session, session.begin():
                row = session.get_one(UsageRow, identity)
                row.tokens = usage.tokens_in + usage.tokens_out
                row.tokens_in, row.tokens_out = usage.tokens_in, usage.tokens_out
                row.first_token_ms, row.cost = usage.first_token_ms, usage.cost
        except SQLAlchemyError as error:
            raise RecordsError(f"The use of the language model could not be kept ({type(error).__name__}).") from error

    def tokens_on(self, day: date) -> int:
        """The tokens taken or set aside on a day (UTC)."""
        try:
            with Session(self._engine) as session:
                return int(session.scalar(select(func.sum(UsageRow.tokens)).where(UsageRow.day == day)) or 0)
        except SQLAlchemyError as error:
            raise RecordsError(f"The use of the language model cannot be read ({type(error).__name__}).") from error

    def close(self) -> None:
        """Lets go of the database."""
        self._engine.dispose()
