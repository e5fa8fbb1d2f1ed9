"""The audit log: it grows, it shows tampering, it holds no personal data, and it takes many writers."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.audit import TERMINAL, Audit, Event, settings_in_force
from assistant.records import Records
from assistant.settings import load_settings


@pytest.fixture
def records(database_url: str) -> Iterator[Records]:
    opened = Records(database_url)
    yield opened
    opened.close()


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """A log of four entries in a file that an intruder can write."""
    path = tmp_path / "r.sqlite"
    opened = Records(f"sqlite:///{path}")
    for number in range(4):
        Audit(opened).note(Event.INDEX_CHANGED, actor=TERMINAL, passages=number)
    opened.close()
    yield path


def tampered(path: Path, statement: str) -> str:
    connection = sqlite3.connect(path)
    for verb in ("update", "delete"):
        connection.execute(f"DROP TRIGGER audit_no_{verb}")
    connection.execute(statement)
    connection.commit()
    connection.close()
    records = Records(f"sqlite:///{path}")
    broken = Audit(records).verify().broken
    records.close()
    return broken


def test_entries_follow_each_other(records: Records) -> None:
    log = Audit(records)
    assert log.verify().entries == 0
    first = log.note(Event.STARTED, **settings_in_force(load_settings()))
    second = log.note(Event.SIGNED_IN, actor="p-17", roles="professional")
    assert (second.number, second.previous) == (2, first.hash)
    assert [entry.hash for entry in log.entries()] == [first.hash, second.hash]
    verdict = log.verify(expect=first.hash)
    assert (verdict.entries, verdict.head, verdict.broken) == (2, second.hash, "")


def test_the_database_refuses_to_change_or_shorten_it(records: Records) -> None:
    from sqlalchemy import text

    from assistant.errors import RecordsError

    Audit(records).note(Event.STARTED)
    for statement in ("UPDATE audit SET actor = 'x'", "DELETE FROM audit"):
        with pytest.raises(RecordsError, match="only grows"), records.session() as session:
            session.execute(text(statement))
    assert Audit(records).verify().entries == 1


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE audit SET actor = 'x' WHERE number = 2", "Entry 2 was changed"),
        ("UPDATE audit SET details = '{\"passages\": 9}' WHERE number = 4", "Entry 4 was changed"),
        ("UPDATE audit SET details = '[]' WHERE number = 3", "Entry 3 of the audit log cannot be read"),
        ("UPDATE audit SET at = '2020-01-01T00:00:00+00:00' WHERE number = 1", "Entry 1 was changed"),
        ("DELETE FROM audit WHERE number = 2", "Entry 2 is missing"),
        ("DELETE FROM audit WHERE number = 1", "Entry 1 is missing"),
    ],
)
def test_tampering_shows(file: Path, statement: str, sentence: str) -> None:
    assert sentence in tampered(file, statement)


def test_entries_cut_off_the_end_show_beside_a_hash_noted_earlier(file: Path) -> None:
    records = Records(f"sqlite:///{file}")
    noted = Audit(records).verify().head
    records.close()
    assert tampered(file, "DELETE FROM audit WHERE number = 4") == ""
    records = Records(f"sqlite:///{file}")
    assert "noted earlier is not in the log" in Audit(records).verify(expect=noted).broken
    records.close()


def test_it_holds_no_personal_data(records: Records, caplog: pytest.LogCaptureFixture) -> None:
    log = Audit(records)
    with caplog.at_level("INFO"):
        entry = log.note(Event.REFUSED, actor="j.jansen@waterdam.nl", reason="gebeld op 06-12345678")
    told = entry.model_dump_json() + caplog.text
    assert "jansen" not in told and "12345678" not in told
    assert entry.hash in caplog.text
    assert entry.actor == log.pseudonym("j.jansen@waterdam.nl") != log.pseudonym("k.jansen@waterdam.nl")


WRITER = """
import sys
from assistant.audit import Audit, Event
from assistant.records import Records
log = Audit(Records(sys.argv[1]))
for n in range(8):
    log.note(Event.SIGNED_IN, actor=f"{sys.argv[2]}-{n}")
"""


def test_several_processes_write_one_chain(records: Records, database_url: str) -> None:
    root = Path(__file__).resolve().parent.parent.parent
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, database_url, str(n)], cwd=root, stderr=subprocess.PIPE)
        for n in range(3)
    ]
    for writer in writers:
        assert writer.wait(timeout=120) == 0, writer.stderr.read().decode() if writer.stderr else ""
        if writer.stderr:
            writer.stderr.close()
    verdict = Audit(records).verify()
    assert (verdict.entries, verdict.broken) == (24, "")
