"""kill -9 at random moments, two writers at once, a database that goes away, a clock that jumps."""

from __future__ import annotations

import random
import signal
import textwrap
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from assistant.audit import Audit, Event
from assistant.errors import RecordsError
from assistant.records import Records
from assistant.retention import Retention
from indexer.generation import CURRENT, GENERATIONS, build
from indexer.index import open_index
from tests.databases import running_postgres
from tests.faults.breaking import start
from tests.faults.test_disks import answer
from tests.indexer.test_generation import HashEmbedder, texts

INDEXER = """
    import sys, time
    from pathlib import Path
    from indexer.errors import LeidraadError
    from indexer.generation import build
    from indexer.progress import Silent
    from tests.indexer.test_generation import HashEmbedder
    import indexer.index, indexer.vectors

    class Slow(Silent):
        def advance(self, done, label=""):
            time.sleep(0.004)

    class SlowEmbedder(HashEmbedder):
        def embed_passages(self, texts, on_progress=None):
            time.sleep(0.05)
            return super().embed_passages(texts)

    print("begin", flush=True)
    try:
        build(Path(sys.argv[1]), Path(sys.argv[2]), SlowEmbedder(), rebuild=True, progress=Slow())
        print("done", flush=True)
    except LeidraadError as error:
        print(error, flush=True)
"""

KEEPER = """
    import sys
    from assistant.audit import Audit, Event
    from assistant.records import Records
    from tests.faults.test_disks import answer

    records = Records(sys.argv[1])
    while True:
        print(records.keep(answer(), "gesprek"), flush=True)
        Audit(records).note(Event.STARTED)
"""


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for number in range(30):
        (folder / f"{number}.md").write_text(f"# Appel {number}\n\nAppel {number} is rood.\n", encoding="utf-8")
    return folder


def script(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "proef.py"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return path


@pytest.mark.faults
def test_an_indexer_killed_at_twenty_random_moments_never_costs_an_answer(corpus: Path, tmp_path: Path) -> None:
    index = tmp_path / "x"
    build(corpus, index, HashEmbedder())
    expected = texts(index)
    program = script(tmp_path, INDEXER)
    clock = random.Random(11)
    process = start(program, corpus, index)
    assert process.stdout and process.stdout.readline() == "begin\n"
    begun = time.monotonic()
    assert process.stdout.readline() == "done\n"
    length = time.monotonic() - begun
    process.communicate(timeout=60)
    killed = 0
    for _ in range(60):
        process = start(program, corpus, index)
        assert process.stdout and process.stdout.readline() == "begin\n"
        time.sleep(clock.uniform(0, length))
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        killed += process.returncode == -signal.SIGKILL
        opened = open_index(index)
        assert opened.damage == ""
        opened.close()
        assert texts(index) == expected
        if killed == 20:
            break
    assert killed == 20
    build(corpus, index, HashEmbedder(), rebuild=True)
    assert texts(index) == expected
    assert len(list((index / GENERATIONS).iterdir())) == 2, "what the killed ones left is cleared away"


@pytest.mark.faults
def test_two_indexers_at_once_give_one_index_and_one_clear_refusal(corpus: Path, tmp_path: Path) -> None:
    program = script(tmp_path, INDEXER)
    both = [start(program, corpus, tmp_path / "x") for _ in range(2)]
    said = sorted(process.communicate(timeout=120)[0].splitlines()[-1] for process in both)
    assert said[1] == "done"
    assert said[0].startswith("Another process is writing the index") or said[0] == "done"
    assert len(texts(tmp_path / "x")) == 30


@pytest.mark.faults
@pytest.mark.parametrize("delay", [0.1, 0.5, 1.3])
def test_what_was_acknowledged_before_a_kill_is_there_after_it(database_url: str, tmp_path: Path, delay: float) -> None:
    process = start(script(tmp_path, KEEPER), database_url)
    assert process.stdout
    acknowledged = [process.stdout.readline().strip()]
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    rest, told = process.communicate(timeout=60)
    lines = rest.splitlines(keepends=True)
    acknowledged += [line.strip() for line in lines if line.endswith("\n")]
    assert process.returncode == -signal.SIGKILL and len(acknowledged[0]) == 32, told
    records = Records(database_url)
    assert len(acknowledged) <= records.count() <= len(acknowledged) + 1
    verdict = Audit(records).verify()
    assert verdict.broken == "" and abs(verdict.entries - len(acknowledged)) <= 1
    records.keep(answer(), "gesprek")
    records.close()


@pytest.mark.faults
def test_a_database_that_stops_and_starts_loses_nothing() -> None:
    with running_postgres() as server:
        records = Records(server.fresh("records"))
        records.keep(answer(), "a")
        server.stop()
        for _ in range(2):
            with pytest.raises(RecordsError, match="records do not take") as caught:
                records.keep(answer(), "a")
            assert "Vraag?" not in str(caught.value)
        with pytest.raises(RecordsError, match="cannot be opened"):
            Records(server.url("records"))
        server.start()
        records.keep(answer(), "a")
        assert records.count() == 2
        records.close()


def test_a_clock_that_is_set_back_deletes_nothing_and_breaks_nothing(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = Records(f"sqlite:///{tmp_path / 'r.sqlite'}")
    Audit(records).note(Event.STARTED)
    records.keep(answer(), "a")
    assert Retention(records).delete_older(30, datetime.now(UTC) - timedelta(days=4000)) == 0
    assert records.count() == 1
    build(corpus, tmp_path / "x", HashEmbedder())

    class Earlier(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime(2001, 1, 1, tzinfo=UTC)

    monkeypatch.setattr("indexer.generation.datetime", Earlier)
    monkeypatch.setattr("assistant.audit.datetime", Earlier)
    for _ in range(3):
        report = build(corpus, tmp_path / "x", HashEmbedder(), rebuild=True)
    Audit(records).note(Event.INDEX_CHANGED)
    assert report.manifest.created.date() == date(2001, 1, 1)
    assert (tmp_path / "x" / CURRENT).read_text(encoding="utf-8") == report.manifest.name
    assert len(texts(tmp_path / "x")) == 30
    assert Audit(records).verify().broken == ""
    records.close()
