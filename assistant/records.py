"""What is kept of questions and answers: masked, in one database, under numbered migrations.

SQLite by default; any database that SQLAlchemy knows by its URL. `migrations/` holds the migrations (Alembic).
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import JSON, DateTime, Engine, String, Text, create_engine, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from assistant.errors import RecordsError
from assistant.models import Answer, Status
from indexer.models import Frozen


class Base(DeclarativeBase):
    """The tables."""


class AnswerRow(Base):
    """One answer, with the whole of it as JSON beside what is searched by."""

    __tablename__ = "answers"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    conversation: Mapped[str] = mapped_column(String(32), index=True)
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    question: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(16), index=True)
    outcome: Mapped[str] = mapped_column(String(32))
    answer: Mapped[dict[str, object]] = mapped_column(JSON)


class Unanswered(Frozen):
    """A question that the sources did not answer, and how often it was asked."""

    question: str
    times: int


class Records:
    """The database, brought to the newest migration when it is opened."""

    def __init__(self, url: str) -> None:
        self._url = url
        try:
            if url.startswith("sqlite:///"):
                Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
            self._engine = create_engine(url)
            self._migrate()
        except (SQLAlchemyError, OSError) as error:
            raise RecordsError(f"The records cannot be opened ({_reason(error)}).") from error

    def _migrate(self) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        with self._engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    @property
    def engine(self) -> Engine:
        """The open database, for the modules that keep tables of their own in it."""
        return self._engine

    def keep(self, answer: Answer, conversation: str) -> str:
        """Keeps an answer (its personal data masked already) and returns its id. Raises `RecordsError`."""
        identity = uuid.uuid4().hex
        row = AnswerRow(
            id=identity,
            conversation=conversation,
            created=datetime.now(UTC),
            question=answer.question,
            status=answer.status.value,
            outcome=answer.outcome,
            # The evidence can be found again from its ids; keeping its text would grow the database tenfold.
            answer=answer.model_dump(mode="json", exclude={"evidence"})
            | {"evidence": [evidence.passage.id for evidence in answer.evidence]},
        )
        try:
            with Session(self._engine) as session, session.begin():
                session.add(row)
        except SQLAlchemyError as error:
            raise RecordsError(f"The answer could not be kept ({_reason(error)}).") from error
        return identity

    def unanswered(self, limit: int = 100) -> list[Unanswered]:
        """Questions that were refused, most often asked first."""
        count = func.count()
        query = (
            select(AnswerRow.question, count)
            .where(AnswerRow.status == Status.REFUSED.value)
            .group_by(AnswerRow.question)
            .order_by(count.desc(), AnswerRow.question)
            .limit(limit)
        )
        with Session(self._engine) as session:
            return [Unanswered(question=question, times=times) for question, times in session.execute(query)]

    def count(self) -> int:
        """How many answers are kept."""
        with Session(self._engine) as session:
            return int(session.scalar(select(func.count()).select_from(AnswerRow)) or 0)

    def close(self) -> None:
        """Lets go of the database."""
        self._engine.dispose()


def _reason(error: Exception) -> str:
    """The cause without the statement and its values, which may hold what somebody typed."""
    return str(getattr(error, "orig", None) or type(error).__name__)
