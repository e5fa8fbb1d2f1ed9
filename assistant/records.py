"""What is kept of questions and answers: masked, in one database, under numbered migrations.

SQLite by default; any database that SQLAlchemy knows by its URL. `migrations/` holds the migrations (Alembic),
`tables.py` the tables. `history.py`, `feedback.py`, `reviews.py` and `people.py` read and write them through
`Records.session`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import create_engine, event, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_fixed

from assistant.errors import RecordsError
from assistant.models import Answer, Status
from assistant.privacy import mask
from assistant.roles import LOCAL
from assistant.tables import AnswerRow, ConversationRow
from indexer.models import Frozen

SQLITE = "sqlite:///"
_TITLE = 90


class Unanswered(Frozen):
    """A question that the sources did not answer, and how often it was asked."""

    question: str
    times: int


class DayUse(Frozen):
    """How often the service was used on a day: answers by how they ended. No persons, no questions."""

    day: date
    answered: int = 0
    refused: int = 0
    clarify: int = 0


class Records:
    """The database, brought to the newest migration when it is opened."""

    def __init__(self, url: str) -> None:
        self._url = url
        try:
            if url.startswith(SQLITE):
                Path(url.removeprefix(SQLITE)).parent.mkdir(parents=True, exist_ok=True)
            # A database that was away for a moment must not cost the next person an error.
            self._engine = create_engine(url, pool_pre_ping=not url.startswith(SQLITE))
            if url.startswith(SQLITE):
                event.listen(self._engine, "connect", _wait_for_others)
            self._migrate()
        except CommandError as error:
            raise RecordsError(
                "The records were made by a newer version of Leidraad; install that one, or restore an older backup."
            ) from error
        except (SQLAlchemyError, OSError) as error:
            raise RecordsError(f"The records cannot be opened ({_reason(error)}).") from error

    @retry(
        retry=retry_if_exception_type(SQLAlchemyError), stop=stop_after_attempt(4), wait=wait_fixed(0.5), reraise=True
    )
    def _migrate(self) -> None:
        """Brings the database to the newest migration; tries again where another process does so at this moment."""
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        with self._engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    @contextmanager
    def session(self) -> Iterator[Session]:
        """One unit of work: kept when it ends well, undone when it does not. Raises `RecordsError`."""
        try:
            with Session(self._engine) as session, session.begin():
                yield session
        except SQLAlchemyError as error:
            raise RecordsError(f"The records do not take or give this ({_reason(error)}).") from error

    def keep(self, answer: Answer, conversation: str, person: str = LOCAL) -> str:
        """Keeps an answer (its personal data masked already) and returns its id. Raises `RecordsError`.

        A conversation that is not there yet begins with this answer and is called after its question.
        """
        identity = uuid.uuid4().hex
        now = datetime.now(UTC)
        row = AnswerRow(
            id=identity,
            conversation=conversation,
            created=now,
            question=answer.question,
            status=answer.status.value,
            outcome=answer.outcome,
            # The evidence can be found again from its ids; keeping its text would grow the database tenfold.
            answer=kept_form(answer),
        )
        with self.session() as session:
            session.add(row)
            known = session.get(ConversationRow, conversation)
            if known is None:
                title = " ".join(answer.question.split())[:_TITLE]
                session.add(
                    ConversationRow(id=conversation, person=person, title=title or "…", created=now, updated=now)
                )
            else:
                known.updated = now
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
        with self.session() as session:
            return [Unanswered(question=question, times=times) for question, times in session.execute(query)]

    def use(self, days: int = 30) -> list[DayUse]:
        """The last days on which anything was asked, newest first."""
        day = func.date(AnswerRow.created)
        query = select(day, AnswerRow.status, func.count()).group_by(day, AnswerRow.status).order_by(day.desc())
        found: dict[str, dict[str, int]] = {}
        with self.session() as session:
            for when, status, times in session.execute(query):
                found.setdefault(str(when), {})[status] = times
        return [DayUse.model_validate({"day": when, **counts}) for when, counts in list(found.items())[:days]]

    def count(self) -> int:
        """How many answers are kept."""
        with self.session() as session:
            return int(session.scalar(select(func.count()).select_from(AnswerRow)) or 0)

    def close(self) -> None:
        """Lets go of the database."""
        self._engine.dispose()


def kept_form(answer: Answer) -> dict[str, object]:
    """An answer as it is kept: all of it, of the evidence only the ids."""
    return answer.model_dump(mode="json", exclude={"evidence"}) | {
        "evidence": [evidence.passage.id for evidence in answer.evidence]
    }


def reopened(kept: dict[str, object]) -> Answer:
    """An answer as it was kept, without its evidence. Raises `ValueError` for one this version cannot read."""
    # A field that this version no longer has is left out: what was said and quoted stays readable after an upgrade.
    known = {name: value for name, value in kept.items() if name in Answer.model_fields}
    return Answer.model_validate({**known, "evidence": ()})


def evidence_ids(kept: dict[str, object]) -> list[str]:
    """The ids of the passages that were the answer's evidence."""
    ids = kept.get("evidence")
    return [str(identity) for identity in ids] if isinstance(ids, list) else []


def typed(text: str, limit: int = 2_000) -> str:
    """What somebody typed beside an answer (a remark, a title, a correction), fit to be kept: masked and bounded."""
    return mask(text.strip()[:limit]).text


def _wait_for_others(connection: object, _: object) -> None:
    connection.execute("PRAGMA busy_timeout = 10000")  # type: ignore[attr-defined]


def _reason(error: Exception) -> str:
    """The cause without the statement and its values, which may hold what somebody typed."""
    return str(getattr(error, "orig", None) or type(error).__name__)
