"""What is kept no longer: old conversations go by themselves, one person's data in one command."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import MetaData, select, text

from assistant.audit import Audit
from assistant.models import Answer, Status
from assistant.people import People
from assistant.records import Records
from assistant.retention import Retention
from assistant.roles import Role
from assistant.tables import AnswerRow, ConversationRow, FeedbackRow, ReviewRow

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PERSON = "anna-0815"


@pytest.fixture
def records(database_url: str) -> Iterator[Records]:
    opened = Records(database_url)
    yield opened
    opened.close()


def answer(question: str) -> Answer:
    return Answer(
        question=question,
        standalone_question=question,
        language="nl",
        status=Status.REFUSED,
        outcome="no_evidence",
        text="Dat staat niet in de bronnen.",
        as_of=date(2026, 3, 2),
    )


def review(records: Records, answer_id: str, asker: str, *, decided: bool, reviewer: str = "bea") -> None:
    with records.session() as session:
        session.add(
            ReviewRow(
                id=f"{answer_id[:20]}-{decided}", answer_id=answer_id, asker=asker, created=NOW, question_key="q",
                answer={}, sources={}, state="confirmed" if decided else "waiting",
                reviewer=reviewer if decided else None, role="reviewer" if decided else None,
                decided=NOW if decided else None, note="", citations=[],
            )
        )  # fmt: skip


def age(records: Records, conversation: str, days: int) -> None:
    with records.session() as session:
        row = session.get(ConversationRow, conversation)
        assert row is not None
        row.updated = NOW - timedelta(days=days)


def everything(records: Records) -> str:
    """All that the database holds, as one text."""
    with records.session() as session:
        tables = MetaData()
        tables.reflect(bind=session.connection())
        return "\n".join(str(tuple(row)) for table in tables.sorted_tables for row in session.execute(select(table)))


def test_conversations_go_when_they_were_kept_long_enough(records: Records) -> None:
    for name, days in (("oud", 31), ("nieuw", 29)):
        identity = records.keep(answer(f"Vraag {name}?"), name, PERSON)
        review(records, identity, PERSON, decided=False)
        with records.session() as session:
            session.add(
                FeedbackRow(
                    id=name, answer=identity, person="bea", created=NOW, kind="up", citation=None, reasons=[], remark=""
                )
            )
        age(records, name, days)
    assert Retention(records).delete_older(30, NOW) == 1
    left = everything(records)
    assert "Vraag nieuw?" in left and "Vraag oud?" not in left
    with records.session() as session:
        assert [row.id for row in session.scalars(select(FeedbackRow))] == ["nieuw"]
        assert len(list(session.scalars(select(ReviewRow)))) == 1
    assert [(e.event, e.details) for e in Audit(records).entries()] == [("expired", {"conversations": 1, "days": 30})]
    assert Retention(records).delete_older(30, NOW) == 0
    assert Retention(records).delete_older(0, NOW + timedelta(days=9999)) == 0


def test_a_checked_answer_outlives_the_conversation_without_its_asker(records: Records) -> None:
    identity = records.keep(answer("Vraag?"), "oud", PERSON)
    review(records, identity, PERSON, decided=True)
    age(records, "oud", 400)
    Retention(records).delete_older(365, NOW)
    with records.session() as session:
        assert [(row.asker, row.reviewer) for row in session.scalars(select(ReviewRow))] == [("verwijderd", "bea")]
    assert PERSON not in everything(records)


def test_one_persons_data_is_erased_everywhere_and_nobody_elses(records: Records) -> None:
    own = records.keep(answer("Vraag van Anna?"), "a", PERSON)
    other = records.keep(answer("Vraag van Bea?"), "b", "bea")
    review(records, own, PERSON, decided=True)
    review(records, other, "bea", decided=True, reviewer=PERSON)
    People(records).put(PERSON, "Anna", [Role.REVIEWER])
    People(records).put("bea", "Bea", [Role.PROFESSIONAL])
    with records.session() as session:
        session.add(
            FeedbackRow(
                id="f", answer=other, person=PERSON, created=NOW, kind="down", citation=None, reasons=[], remark="anna"
            )
        )
        # A table of a later version, which this one knows nothing about.
        session.execute(text("CREATE TABLE oefeningen (id VARCHAR(9), person VARCHAR(99))"))
        session.execute(text(f"INSERT INTO oefeningen VALUES ('1', '{PERSON}'), ('2', 'bea')"))
    told = Retention(records).forget(PERSON)
    left = everything(records)
    assert PERSON not in left and "Vraag van Anna?" not in left and "anna" not in left.lower()
    assert "Vraag van Bea?" in left and "('2', 'bea')" in left
    assert told == {"conversations": 1, "answers": 1, "feedback": 1, "people": 1, "reviews": 1, "oefeningen": 1}
    with records.session() as session:
        assert session.scalar(select(AnswerRow.id)) == other
    assert [entry.event for entry in Audit(records).entries()] == ["erased"]
    assert Retention(records).forget(PERSON) == {}
