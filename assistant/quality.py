"""What the policy team sees: remarks and refused questions grouped by likeness, what was done with them, sources used.

Reads what the records keep; everything in it was masked before it was kept.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from sqlalchemy import DateTime, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from assistant.feedback import Feedback
from assistant.models import Citation, Status
from assistant.records import Records, reopened, typed
from assistant.reviews import ReviewState
from assistant.status import SourceState
from assistant.tables import AnswerRow, Base, ReviewRow
from assistant.terms import content_words
from indexer.lexical import stem
from indexer.models import Frozen, Source

_ALIKE = 0.6
"""Share of the stems of two questions that they have in common, from which they ask the same."""

_ANSWERS = 5_000
"""How many answers are looked through for what they cite, newest first."""


Item = TypeVar("Item")


class State(StrEnum):
    """What was done with a group of remarks."""

    OPEN = "open"
    ANSWERED = "answered"
    TURNED = "turned"
    CLOSED = "closed"


class Mark(Frozen):
    """What was done with a group, by whom as a role, and when."""

    key: str
    state: State = State.OPEN
    reply: str = ""
    role: str = ""
    changed: datetime | None = None


class MarkRow(Base):
    """What was done with one group of remarks or refused questions."""

    __tablename__ = "quality_marks"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    reply: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(String(64))
    changed: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Marks:
    """The marks in the records."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def all(self) -> dict[str, Mark]:
        """Every mark by its group's key."""
        with self._records.session() as session:
            return {
                row.key: Mark(key=row.key, state=State(row.state), reply=row.reply, role=row.role, changed=row.changed)
                for row in session.scalars(select(MarkRow))
            }

    def set(self, key: str, state: State, role: str, reply: str = "") -> None:
        """Marks a group; what was typed is masked. Raises `RecordsError`."""
        row = MarkRow(key=key, state=state.value, reply=typed(reply), role=role, changed=datetime.now(UTC))
        with self._records.session() as session:
            session.merge(row)


class Group(Frozen, Generic[Item]):
    """Askings of what is likely one question: the wording used most, how often, and the items, oldest first."""

    key: str
    question: str
    times: int
    items: tuple[Item, ...]


def grouped(
    items: Iterable[Item], question_of: Callable[[Item], str], times_of: Callable[[Item], int] = lambda _: 1
) -> list[Group[Item]]:
    """Items (oldest first) grouped by their questions' words, the most asked first.

    The first question of a group gives the group its key, so that a mark stays with it as it grows.
    """
    groups: list[tuple[frozenset[str], str, list[Item]]] = []
    for item in items:
        question = question_of(item)
        stems = frozenset(stem(word) for word in content_words(question)) or frozenset((question.casefold(),))
        for known, _, members in groups:
            if len(known & stems) >= _ALIKE * len(known | stems):
                members.append(item)
                break
        else:
            key = hashlib.sha256(" ".join(sorted(stems)).encode()).hexdigest()
            groups.append((stems, key, [item]))
    found = []
    for _, key, members in groups:
        wordings: Counter[str] = Counter()
        for item in members:
            wordings[question_of(item)] += times_of(item)
        best = wordings.most_common(1)[0][0]
        found.append(Group[Item](key=key, question=best, times=wordings.total(), items=tuple(members)))
    return sorted(found, key=lambda group: (-group.times, group.question))


def inbox(feedback: Sequence[Feedback]) -> list[Group[Feedback]]:
    """Remarks that need somebody, grouped: thumbs down and reported citations, with thumbs up left out."""
    wanted = [one for one in feedback if one.feeling.value != "up"]
    return grouped(sorted(wanted, key=lambda one: one.created), lambda one: one.question)


class Refused(Frozen):
    """A refused question, how often it was asked in these words, and by which outcome it was refused."""

    question: str
    outcome: str
    times: int
    last: date


def gaps(records: Records) -> list[Group[Refused]]:
    """What the sources did not answer, grouped by likeness, the most asked first."""
    query = (
        select(AnswerRow.question, AnswerRow.outcome, AnswerRow.created)
        .where(AnswerRow.status == Status.REFUSED.value)
        .order_by(AnswerRow.created.desc())
        .limit(_ANSWERS)
    )
    found: dict[tuple[str, str], list[date]] = {}
    with records.session() as session:
        for question, outcome, created in session.execute(query):
            found.setdefault((question, outcome), []).append(created.date())
    refused = [Refused(question=q, outcome=o, times=len(days), last=max(days)) for (q, o), days in found.items()]
    return grouped(refused[::-1], lambda one: one.question, lambda one: one.times)


class SourceUse(Frozen):
    """How often a source was cited, when last, and whether it is ageing."""

    id: str
    title: str
    times: int
    last: date | None
    ageing: bool
    holds_today: bool


def source_use(
    records: Records, states: Sequence[SourceState], sources: Mapping[str, Source], collections: frozenset[str] | None
) -> list[SourceUse]:
    """Every source that may be read, the most cited first. `collections` None means all."""
    times: Counter[str] = Counter()
    last: dict[str, date] = {}
    query = (
        select(AnswerRow.answer, AnswerRow.created)
        .where(AnswerRow.status == Status.ANSWERED.value)
        .order_by(AnswerRow.created.desc())
        .limit(_ANSWERS)
    )
    with records.session() as session:
        for kept, created in session.execute(query):
            for identity in _cited(kept):
                times[identity] += 1
                last.setdefault(identity, created.date())
    readable = [
        s for s in states if s.id in sources and (collections is None or sources[s.id].collection in collections)
    ]
    use = [
        SourceUse(
            id=s.id,
            title=s.title,
            times=times[s.id],
            last=last.get(s.id),
            ageing=s.ageing,
            holds_today=s.holds_today,
        )
        for s in readable
    ]
    return sorted(use, key=lambda one: (-one.times, one.title))


def _cited(kept: dict[str, Any]) -> set[str]:
    """The sources that a kept answer cites."""
    citations = kept.get("citations")
    return {str(c["source_id"]) for c in citations if "source_id" in c} if isinstance(citations, list) else set()


class Waiting(Frozen):
    """An answer that a colleague was asked to look at and that nobody has looked at yet."""

    question: str
    since: date


def waiting_reviews(
    records: Records, sources: Mapping[str, Source], collections: frozenset[str] | None
) -> list[Waiting]:
    """The open reviews, oldest first; none that rests on a source that may not be read here."""
    query = select(ReviewRow).where(ReviewRow.state == ReviewState.OPEN.value).order_by(ReviewRow.created)
    with records.session() as session:
        found = [(reopened(row.answer), row.created.date()) for row in session.scalars(query)]
    return [
        Waiting(question=answer.question, since=since)
        for answer, since in found
        if all(_readable(citation, sources, collections) for citation in answer.citations)
    ]


def _readable(citation: Citation, sources: Mapping[str, Source], collections: frozenset[str] | None) -> bool:
    source = sources.get(citation.source_id)
    return collections is None or (source is not None and source.collection in collections)
