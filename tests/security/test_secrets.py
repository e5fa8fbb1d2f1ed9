"""Secrets: never in a log, an error, a record, what is printed, or the process list."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.audit import settings_in_force
from assistant.errors import RecordsError
from assistant.records import Records
from assistant.settings import load_settings
from assistant.settings_view import in_force

KEY, PASSWORD = "sk-proef-0123456789", "wachtwoord-van-de-proef"


@pytest.fixture
def secret_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEIDRAAD_EMBEDDING_KEY", KEY)
    monkeypatch.setenv("LEIDRAAD_EMBEDDING_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("LEIDRAAD_EMBEDDING_MODEL", "proef")


def test_settings_show_no_secret_however_they_are_printed(
    secret_settings: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEIDRAAD_RECORDS", f"postgresql+psycopg://leidraad:{PASSWORD}@db/leidraad")
    settings = load_settings()
    shown = repr(in_force(settings)) + repr(settings_in_force(settings))
    assert KEY not in shown + repr(settings) + str(settings) + settings.model_dump_json()
    assert PASSWORD not in shown


def test_a_failing_endpoint_tells_no_key(
    secret_settings: None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "a.md").write_text("# A\n\nTekst.\n", encoding="utf-8")
    leidraad = Path(sys.executable).parent / "leidraad"
    done = subprocess.run(
        [leidraad, "index", "--corpus", tmp_path / "c", "--index", tmp_path / "x"],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert KEY not in done.stdout + done.stderr and "Traceback" not in done.stderr


def test_a_database_that_refuses_tells_no_password(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(RecordsError) as caught:
        Records(f"postgresql+psycopg://leidraad:{PASSWORD}@127.0.0.1:9/leidraad?connect_timeout=2")
    assert "cannot be opened" in str(caught.value)
    assert PASSWORD not in str(caught.value) + caplog.text


def test_a_wrong_setting_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEIDRAAD_THREADS", PASSWORD)
    leidraad = Path(sys.executable).parent / "leidraad"
    done = subprocess.run([leidraad, "status"], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1 and "'threads' is wrong" in " ".join(done.stderr.split())
    assert PASSWORD not in done.stdout + done.stderr


def test_no_command_takes_a_secret_as_an_argument() -> None:
    # What is given as an argument can be read by everybody on the machine.
    root = Path(__file__).resolve().parent.parent.parent
    commands = [*(root / "assistant" / "terminal").glob("*.py"), root / "evals" / "terminal.py"]
    options = [name for path in commands for name in re.findall(r'"--([a-z-]+)"', path.read_text(encoding="utf-8"))]
    assert {"index", "person", "questions"} <= set(options)
    assert not [name for name in options if re.search("key|secret|password|token", name)]
