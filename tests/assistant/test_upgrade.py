"""What an earlier release left: its records open in the newest one, its index says in one sentence what to do."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.audit import Audit, Event
from assistant.history import History
from assistant.records import Records
from assistant.roles import LOCAL
from assistant.settings import load_settings
from indexer.embedding import BundledEmbedder
from indexer.errors import IndexBroken
from indexer.generation import build
from indexer.index import open_index
from tests.samples import GUIDE

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
RELEASES = sorted(FIXTURES.glob("release-*.tar.xz"))


@pytest.fixture(params=RELEASES, ids=lambda path: path.name.removesuffix(".tar.xz"))
def release(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """An installation as that release left it."""
    with tarfile.open(request.param) as archive:
        archive.extractall(tmp_path / "release", filter="data")
    return tmp_path / "release"


def test_there_is_a_fixture_of_the_first_release() -> None:
    assert "release-0.1.tar.xz" in {path.name for path in RELEASES}


def test_records_of_an_earlier_release_are_migrated_and_lose_nothing(release: Path) -> None:
    records = Records(f"sqlite:///{release / 'records.sqlite'}")
    assert records.count() == 2
    history = History(records, LOCAL)
    (conversation,) = history.conversations()
    answers = [kept.answer for kept in history.open(conversation.id)]
    assert [answer.question for answer in answers] == [
        "Hoe lang duurt het spaargesprek?",
        "Wat kost een rijbewijs B gemiddeld?",
    ]
    assert answers[0].citations[0].quote in GUIDE.replace("**", "")
    Audit(records).note(Event.STARTED)
    records.keep(answers[0], conversation.id)
    records.close()
    again = Records(f"sqlite:///{release / 'records.sqlite'}")
    assert again.count() == 3
    again.close()


def test_an_index_of_an_earlier_release_opens_or_says_what_to_do(release: Path, embedder: BundledEmbedder) -> None:
    corpus = release / "corpus"
    corpus.mkdir()
    (corpus / "gids.md").write_text(GUIDE, encoding="utf-8")
    settings = load_settings(index=release / "index", corpus=corpus)
    try:
        open_index(release / "index").close()
    except IndexBroken as error:
        assert str(error) == (
            f"The index in {release / 'index'} was made by another version of Leidraad; run: leidraad index"
        )
        answer = Assistant(settings, embedder).ask("Hoe lang duurt het spaargesprek?")
        assert (answer.outcome, answer.warnings) == ("failed", (str(error),))
    report = build(corpus, release / "index", embedder)
    assert report.changed
    answer = Assistant(settings, embedder).ask("Hoe lang duurt het spaargesprek?")
    assert "45 minuten" in answer.text


def test_a_newer_database_is_refused_in_one_sentence(release: Path, tmp_path: Path) -> None:
    import sqlite3

    from assistant.errors import RecordsError

    shutil.copy(release / "records.sqlite", tmp_path / "later.sqlite")
    connection = sqlite3.connect(tmp_path / "later.sqlite")
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    with pytest.raises(RecordsError, match="made by a newer version of Leidraad"):
        Records(f"sqlite:///{tmp_path / 'later.sqlite'}")
