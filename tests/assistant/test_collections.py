"""Two collections and two roles: nothing of one shows to who may only read the other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.copy_text import as_text
from assistant.history import History
from assistant.library import find, outline, shelf, versions
from assistant.models import Answer, Status
from assistant.people import People
from assistant.reading import open_citation, references
from assistant.records import Records
from assistant.reviews import Reviews, ReviewState, readable
from assistant.roles import Person, Role
from assistant.settings import load_settings
from indexer.embedding import BundledEmbedder
from indexer.generation import build
from indexer.models import Source
from tests.samples import law

SECRETS = ("kluisprocedure", "rode map", "12 minuten")
QUESTION = "Hoeveel minuten duurt het openen van de kluis?"
OPEN_QUESTION = "Hoeveel minuten duurt het spaargesprek?"


@pytest.fixture(scope="module")
def settings_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("collections")


@pytest.fixture(scope="module")
def two(settings_folder: Path, embedder: BundledEmbedder) -> Iterator[Assistant]:
    """An assistant over a public guide and law, one guide for client managers and one for trainers."""
    corpus = settings_folder / "corpus"
    corpus.mkdir()
    (corpus / "open.md").write_text(
        "---\ntitle: Het spaargesprek\nkind: guide\n---\n# Het spaargesprek\n\nHet spaargesprek duurt 45 minuten. "
        "Zie ook artikel 1 van de Wet sparen.\n",
        encoding="utf-8",
    )
    (corpus / "kluis.md").write_text(
        "---\ntitle: Kluisprocedure\nkind: guide\n---\n# Kluisprocedure\n\nHet openen van de kluis duurt 12 minuten. "
        "De code ligt in de rode map.\n",
        encoding="utf-8",
    )
    (corpus / "sleutel.md").write_text(
        "---\ntitle: Sleutelplan\nkind: guide\n---\n# Sleutelplan\n\nDe trainer haalt de sleutelbos om 8 uur op.\n",
        encoding="utf-8",
    )
    (corpus / "BWBR0099001_2022-01-01_0.xml").write_text(law(), encoding="utf-8")
    (corpus / "BWBR0099001_2024-06-01_0.xml").write_text(law(day="2024-06-01", term="vijf"), encoding="utf-8")
    (corpus / "sources.toml").write_text(
        '[[source]]\nfile = "kluis.md"\ncollection = "kluis"\n'
        '[[source]]\nfile = "sleutel.md"\ncollection = "sleutel"\n'
        '[[source]]\nbwb = "BWBR0099001"\ncollection = "kluis"\n',
        encoding="utf-8",
    )
    index = settings_folder / "index"
    build(corpus, index, embedder)
    made = Assistant(load_settings(corpus=corpus, index=index), embedder)
    yield made
    made.index().close()


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    made = Records(f"sqlite:///{tmp_path / 'r.sqlite'}")
    yield made
    made.close()


@pytest.fixture
def people(records: Records) -> tuple[Person, Person]:
    """A client manager who reads `kluis`, and a reviewing trainer who reads `sleutel`."""
    book = People(records)
    book.grant(Role.PROFESSIONAL, ["kluis"])
    book.grant(Role.TRAINER, ["sleutel"])
    manager = book.person("k", "K", [Role.PROFESSIONAL])
    trainer = book.person("t", "T", [Role.TRAINER, Role.REVIEWER])
    return manager, trainer


def shows_nothing(text: str) -> bool:
    return not any(secret in text.lower() for secret in SECRETS)


def ask(two: Assistant, question: str, person: Person) -> Answer:
    return two.ask(question, collections=person.collections)


def mine(two: Assistant, person: Person) -> dict[str, Source]:
    return {k: s for k, s in two.index().sources.items() if person.may_read(s.collection)}


def test_who_may_read_it_gets_the_answer(two: Assistant, people: tuple[Person, Person]) -> None:
    answer = ask(two, QUESTION, people[0])
    assert answer.status is Status.ANSWERED and "12 minuten" in answer.text


def test_no_passage_title_near_miss_or_warning_reaches_who_may_not(
    two: Assistant, people: tuple[Person, Person]
) -> None:
    for question in (QUESTION, "Kluisprocedure", "Wat staat er in artikel 1 van de Wet sparen?", OPEN_QUESTION):
        answer = ask(two, question, people[1])
        everything = answer.model_copy(update={"question": "", "standalone_question": ""}).model_dump_json()
        assert shows_nothing(everything) and "spaarplichtige" not in everything
        assert {e.passage.collection for e in answer.evidence} <= {"public", "sleutel"}
        assert shows_nothing(as_text(answer, date(2026, 1, 1)).replace(question, ""))


def test_no_title_count_outline_or_version_reaches_who_may_not(two: Assistant, people: tuple[Person, Person]) -> None:
    manager, trainer = people
    manifest = two.index().manifest
    seen = shelf(manifest, mine(two, trainer), two.settings, date(2026, 1, 1))
    assert sorted(h.source.title for h in seen) == ["Het spaargesprek", "Sleutelplan"]
    assert versions(mine(two, trainer)) == {} and len(versions(mine(two, manager))) == 1
    document = two.index().document("kluis")
    assert [p.title for p in outline(document)] == ["Kluisprocedure"]
    assert find(document, outline(document), "rode  MAP")[0].found == "rode map"


def test_a_reference_does_not_lead_to_what_may_not_be_read(two: Assistant, people: tuple[Person, Person]) -> None:
    manager, trainer = people
    citation = ask(two, OPEN_QUESTION, trainer).citations[0]
    opened = open_citation(two.index(), citation, date(2026, 1, 1))
    text = opened.before + opened.quote + opened.after
    assert references(two.index(), citation, text, frozenset(mine(two, manager)))
    assert references(two.index(), citation, text, frozenset(mine(two, trainer))) == ()


def test_no_review_or_checked_answer_reaches_who_may_not(
    two: Assistant, people: tuple[Person, Person], records: Records
) -> None:
    manager, trainer = people
    sources = two.index().sources
    answer = ask(two, QUESTION, manager)
    kept = records.keep(answer, "c", manager.id)
    reviews = Reviews(records)
    reviews.ask(kept, answer, manager, sources)
    assert reviews.queue(trainer, sources) == []
    colleague = manager.model_copy(update={"id": "c", "roles": frozenset({Role.REVIEWER})})
    (waiting,) = reviews.queue(colleague, sources)
    reviews.decide(waiting.id, colleague, ReviewState.CONFIRMED, sources)
    assert reviews.checked(answer, manager, sources) is not None
    assert reviews.checked(answer, trainer, sources) is None


def test_a_grant_that_is_taken_back_closes_the_history_too(
    two: Assistant, people: tuple[Person, Person], records: Records
) -> None:
    manager, trainer = people
    answer = ask(two, QUESTION, manager)
    records.keep(answer, "c", manager.id)
    assert History(records, trainer.id).conversations() == []
    People(records).grant(Role.PROFESSIONAL, [])
    later = People(records).person("k", "K", [Role.PROFESSIONAL])
    assert readable(answer.citations, manager, two.index().sources)
    assert not readable(answer.citations, later, two.index().sources)
    assert ask(two, QUESTION, later).status is not Status.ANSWERED


def test_the_manager_reads_all(two: Assistant, records: Records) -> None:
    manager = People(records).person("b", "B", [Role.MANAGER])
    assert ask(two, QUESTION, manager).status is Status.ANSWERED
    assert len(mine(two, manager)) == 5
