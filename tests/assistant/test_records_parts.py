"""History, feedback, reviews and people, on a real database."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.errors import RecordsError
from assistant.feedback import FeedbackBox, Feeling
from assistant.history import History
from assistant.models import Answer
from assistant.people import People
from assistant.records import Records
from assistant.reviews import Reviews, ReviewState
from assistant.roles import Person, Role

QUESTION = "Hoe lang duurt het spaargesprek?"
ASKER = Person(id="a", name="A", roles=frozenset({Role.PROFESSIONAL}), collections=frozenset({"public"}))
REVIEWER = Person(id="b", name="B", roles=frozenset({Role.REVIEWER}), collections=frozenset({"public"}))


@pytest.fixture
def records(database_url: str) -> Iterator[Records]:
    made = Records(database_url)
    yield made
    made.close()


@pytest.fixture(scope="module")
def answer(assistant: Assistant) -> Answer:
    return assistant.ask(QUESTION)


def test_a_person_finds_renames_and_deletes_own_conversations_only(records: Records, answer: Answer) -> None:
    records.keep(answer, "c1", "a")
    records.keep(answer, "c2", "b")
    mine = History(records, "a")
    assert [(c.id, c.title, c.turns) for c in mine.conversations()] == [("c1", QUESTION, 1)]
    mine.rename("c1", "Klant belt 06-12345678 terug")
    assert mine.conversations()[0].title == "Klant belt [telefoonnummer] terug"
    assert mine.conversations("SPAARGESPREK")[0].id == "c1" and mine.conversations("100%") == []
    assert mine.open("c1")[0].answer.text == answer.text
    for touch in (mine.open, mine.delete, lambda c: mine.rename(c, "x")):
        with pytest.raises(RecordsError):
            touch("c2")
    mine.delete("c1")
    assert mine.conversations() == [] and records.count() == 1


def test_feedback_replaces_the_earlier_thumb_and_masks_the_remark(records: Records, answer: Answer) -> None:
    box = FeedbackBox(records)
    kept = records.keep(answer, "c1", "a")
    box.give(kept, "a", Feeling.UP)
    box.give(kept, "a", Feeling.DOWN, ["incomplete", "made up"], "Mijn klant Fatima Yusuf belde")
    box.give(kept, "a", Feeling.CITATION, ["wrong_place"], citation=1)
    box.give(kept, "a", Feeling.CITATION, ["unreadable"], citation=1)
    report, thumb = box.inbox()
    assert (report.feeling, report.citation, report.reasons) == (Feeling.CITATION, 1, ("unreadable",))
    assert thumb.reasons == ("incomplete",) and "Fatima" not in thumb.remark and thumb.question == QUESTION
    assert box.given(kept, "a") is Feeling.DOWN and box.given(kept, "b") is None
    History(records, "a").delete("c1")
    assert box.inbox() == []


def test_a_confirmed_answer_comes_back_until_a_source_changes(
    records: Records, assistant: Assistant, answer: Answer
) -> None:
    sources = assistant.index().sources
    reviews = Reviews(records)
    kept = records.keep(answer, "c1", ASKER.id)
    reviews.ask(kept, answer, ASKER, sources)
    reviews.ask(kept, answer, ASKER, sources)
    assert reviews.checked(answer, ASKER, sources) is None
    assert reviews.queue(ASKER.model_copy(update={"roles": frozenset(Role)}), sources) == []
    (waiting,) = reviews.queue(REVIEWER, sources)
    reviews.decide(waiting.id, REVIEWER, ReviewState.CONFIRMED, sources)
    assert reviews.queue(REVIEWER, sources) == []
    assert reviews.of_answers([kept])[kept].state is ReviewState.CONFIRMED
    again = assistant.ask("hoe lang duurt het  SPAARGESPREK")
    found = reviews.checked(again, ASKER, sources)
    assert found is not None and found.role is Role.REVIEWER and found.decided is not None
    source_id = answer.citations[0].source_id
    changed = {**sources, source_id: sources[source_id].model_copy(update={"sha256": "0"})}
    assert reviews.checked(again, ASKER, changed) is None
    ended = sources[source_id].model_copy(update={"valid_to": answer.as_of - timedelta(days=1)})
    assert reviews.checked(again, ASKER, {**sources, source_id: ended}) is None
    assert reviews.checked(assistant.ask("Wie mag er mee naar het spaargesprek?"), ASKER, sources) is None


def test_a_correction_needs_words_and_sources_and_a_refusal_its_reason(
    records: Records, assistant: Assistant, answer: Answer
) -> None:
    sources = assistant.index().sources
    reviews = Reviews(records)
    kept = records.keep(answer, "c1", ASKER.id)
    reviews.ask(kept, answer, ASKER, sources)
    (waiting,) = reviews.queue(REVIEWER, sources)
    for state, note, cited in [
        (ReviewState.CORRECTED, "Zie de gids.", ()),
        (ReviewState.CORRECTED, " ", answer.citations),
        (ReviewState.REFUSED, "", ()),
    ]:
        with pytest.raises(RecordsError):
            reviews.decide(waiting.id, REVIEWER, state, sources, note, cited)
    with pytest.raises(RecordsError):
        reviews.decide(waiting.id, ASKER, ReviewState.CONFIRMED, sources)
    reviews.decide(
        waiting.id, REVIEWER, ReviewState.CORRECTED, sources, "Bel 06-12345678; het duurt 45 minuten.", answer.citations
    )
    found = reviews.checked(answer, ASKER, sources)
    assert found is not None and found.note == "Bel [telefoonnummer]; het duurt 45 minuten." and found.citations
    with pytest.raises(RecordsError):
        reviews.decide(waiting.id, REVIEWER, ReviewState.CONFIRMED, sources)


def test_a_review_of_a_hidden_collection_reaches_only_who_may_read_it(
    records: Records, assistant: Assistant, answer: Answer
) -> None:
    hidden = {k: s.model_copy(update={"collection": "intern"}) for k, s in assistant.index().sources.items()}
    insider = REVIEWER.model_copy(update={"id": "c", "collections": frozenset({"public", "intern"})})
    reviews = Reviews(records)
    kept = records.keep(answer, "c1", ASKER.id)
    reviews.ask(kept, answer, ASKER, hidden)
    assert reviews.queue(REVIEWER, hidden) == []
    (waiting,) = reviews.queue(insider, hidden)
    with pytest.raises(RecordsError):
        reviews.decide(waiting.id, REVIEWER, ReviewState.CONFIRMED, hidden)
    reviews.decide(waiting.id, insider, ReviewState.CONFIRMED, hidden)
    assert reviews.checked(answer, REVIEWER, hidden) is None
    assert reviews.checked(answer, insider, hidden) is not None


def test_roles_read_what_they_are_granted_and_the_manager_all(records: Records) -> None:
    people = People(records)
    people.grant(Role.PROFESSIONAL, ["intern", "public"])
    assert people.readable([Role.PROFESSIONAL]) == {"public", "intern"}
    assert people.readable([Role.TRAINER]) == {"public"}
    assert people.readable([Role.TRAINER, Role.PROFESSIONAL]) == {"public", "intern"}
    assert people.readable([Role.MANAGER]) is None
    people.grant(Role.PROFESSIONAL, [])
    assert people.readable([Role.PROFESSIONAL]) == {"public"}
    people.put("x", "Xandra", [Role.TRAINER])
    people.put("x", "Xandra", [Role.REVIEWER])
    assert [(p.name, p.roles) for p in people.known()] == [("Xandra", frozenset({Role.REVIEWER}))]
    people.remove("x")
    assert people.known() == []


def test_conversations_from_before_there_were_persons_are_the_local_users(tmp_path: Path, answer: Answer) -> None:
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine

    path = tmp_path / "old.sqlite"
    config = Config()
    config.set_main_option("script_location", "assistant/migrations")
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
    with sqlite3.connect(path) as old:
        old.execute(
            "INSERT INTO answers VALUES ('1', 'oud', '2026-01-01 10:00:00', ?, 'answered', 'answered', ?)",
            (QUESTION, answer.model_dump_json(exclude={"evidence"})),
        )
    old.close()
    records = Records(f"sqlite:///{path}")
    assert [c.title for c in History(records, "lokaal").conversations()] == [QUESTION]
    assert History(records, "lokaal").open("oud")[0].answer.text == answer.text
    records.close()


def test_use_counts_without_persons_or_questions(records: Records, assistant: Assistant, answer: Answer) -> None:
    records.keep(answer, "c1", "a")
    records.keep(assistant.ask("Wat kost een rijbewijs B gemiddeld?"), "c1", "a")
    (today,) = records.use()
    assert (today.answered, today.refused, today.clarify) == (1, 1, 0)


def test_processes_that_start_at_once_share_one_new_database(database_url: str) -> None:
    code = "import sys; from assistant.records import Records; Records(sys.argv[1]).close()"
    started = [subprocess.Popen([sys.executable, "-c", code, database_url]) for _ in range(4)]
    assert [process.wait(timeout=60) for process in started] == [0, 0, 0, 0]
