"""Backup and restore of an installation, one file each way, while it is in use.

A backup is a .tar.gz with the records (SQLite's own online copy), the generation that serves, the municipality's own
and official texts, sources.toml, and `backup.json` with the hash of every file. Restoring checks all of it before it
changes anything; what is here and not in the backup stays.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from filelock import FileLock, Timeout
from pydantic import ValidationError

from assistant.errors import BackupError
from assistant.records import SQLITE, Records
from assistant.settings import Settings
from indexer import sealing
from indexer.errors import IndexBusy, IndexMissing, LeidraadError
from indexer.files import file_hash, replace_file
from indexer.generation import CURRENT, GENERATIONS, read_manifest, serving_folder
from indexer.models import Frozen
from indexer.sources import LOCAL_FOLDER, OFFICIAL_FOLDER
from indexer.sources import MANIFEST as SOURCES

FORMAT = 1

PATIENCE = 5.0
"""Seconds to wait for who is writing the index."""

_CONTENTS = "backup.json"
_RECORDS = "records.sqlite"
_PLACES = ("index", "corpus")
_LARGEST = 64 * 1024**3
"""Bytes of all files in a backup together; more is no backup of ours."""


class BackupReport(Frozen):
    """What a backup holds. `records` is False when they are in a database that has its own backups."""

    format: int = FORMAT
    created: datetime
    generation: str | None
    records: bool
    files: dict[str, str]


def backup(settings: Settings, target: Path) -> BackupReport:
    """Writes a backup; the file appears whole or not at all. Raises `BackupError`."""
    try:
        with tempfile.TemporaryDirectory(prefix=".leidraad-", dir=target.absolute().parent) as name:
            folder = Path(name)
            stage = folder / "stage"
            generation = _stage(settings, stage)
            paths = sorted(path for path in stage.rglob("*") if path.is_file())
            report = BackupReport(
                created=datetime.now(UTC),
                generation=generation,
                records=(stage / _RECORDS).exists(),
                files={path.relative_to(stage).as_posix(): file_hash(path) for path in paths},
            )
            (stage / _CONTENTS).write_text(report.model_dump_json(indent=1), encoding="utf-8")
            packed = folder / "packed"
            with tarfile.open(packed, "w:gz", compresslevel=6) as archive:
                for path in (stage / _CONTENTS, *paths):
                    archive.add(path, path.relative_to(stage).as_posix(), recursive=False)
            packed.chmod(0o600)  # it holds what people asked
            packed.replace(target)
            return report
    except (OSError, sqlite3.Error) as error:
        raise BackupError(f"The backup could not be made: {error}.") from error


def restore(settings: Settings, file: Path) -> BackupReport:
    """Puts back what a backup holds. Raises `BackupError` for a file that is no whole backup (nothing has then changed)
    and `IndexBusy` while the index is written."""
    settings.index.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.index) as name:
            stage = Path(name)
            report = _unpack(file, stage)
            _check(report, stage)
            if report.records and not settings.records.startswith(SQLITE):
                raise BackupError("The backup holds records of SQLite, but this installation keeps them elsewhere.")
            with _writing(settings.index):
                if report.records:
                    _restore_records(stage / _RECORDS, settings.records)
                _restore_corpus(stage / "corpus", settings.corpus)
                _restore_generation(stage / "index", settings.index, report.generation)
            return report
    except (OSError, sqlite3.Error) as error:
        raise BackupError(f"The backup could not be restored: {error}.") from error


def _stage(settings: Settings, stage: Path) -> str | None:
    """Copies everything; the name of the generation, None where there is no index yet."""
    stage.mkdir()
    if settings.records.startswith(SQLITE):
        path = Path(settings.records.removeprefix(SQLITE))
        if path.exists():
            _copy_database(path, stage / _RECORDS)
    for part in (LOCAL_FOLDER, OFFICIAL_FOLDER):
        if (settings.corpus / part).is_dir():
            shutil.copytree(settings.corpus / part, stage / "corpus" / part, ignore=shutil.ignore_patterns(".*"))
    if (settings.corpus / SOURCES).exists():
        (stage / "corpus").mkdir(exist_ok=True)
        shutil.copy2(settings.corpus / SOURCES, stage / "corpus" / SOURCES)
    try:
        generation = serving_folder(settings.index)
    except IndexMissing:
        return None
    for path in sorted(generation.rglob("*")):
        if not path.is_file():
            continue
        copy = stage / "index" / path.relative_to(generation)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
    return generation.name


def _copy_database(path: Path, copy: Path) -> None:
    """A whole copy of a SQLite database that others are using."""
    with closing(sqlite3.connect(path, timeout=30)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)


def _unpack(file: Path, stage: Path) -> BackupReport:
    try:
        with tarfile.open(file, "r:gz") as archive:
            size = 0
            for member in archive:
                parts = PurePosixPath(member.name).parts
                known = member.name in (_CONTENTS, _RECORDS) or (len(parts) > 1 and parts[0] in _PLACES)
                size += member.size
                if not known or not member.isfile() or ".." in parts or size > _LARGEST:
                    raise BackupError(f"{file} is not a backup of Leidraad: it holds '{member.name}'.")
                archive.extract(member, stage, filter="data")
        report = BackupReport.model_validate(json.loads((stage / _CONTENTS).read_text(encoding="utf-8")))
    except (tarfile.TarError, EOFError, ValidationError, ValueError, FileNotFoundError) as error:
        raise BackupError(f"{file} is not a whole backup of Leidraad.") from error
    if report.format != FORMAT:
        raise BackupError(f"{file} was made by another version of Leidraad.")
    return report


def _check(report: BackupReport, stage: Path) -> None:
    """Every file that was backed up is here and is as it was, and the index and records can be opened."""
    for name, stamp in report.files.items():
        path = stage / name
        if not path.is_file() or file_hash(path) != stamp:
            raise BackupError(f"The backup is damaged: '{name}' is not as it was.")
    if report.generation is not None:
        try:
            name = read_manifest(stage / "index").name
            sealing.check(stage / "index")
        except LeidraadError as error:
            raise BackupError(f"The index in the backup cannot serve: {error}") from error
        if name != report.generation or PurePosixPath(name).name != name:
            raise BackupError("The backup is damaged: its index is not the one it names.")
    if report.records:
        with closing(sqlite3.connect(stage / _RECORDS)) as records:
            if records.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise BackupError("The backup is damaged: its records cannot be read.")


@contextmanager
def _writing(index: Path) -> Iterator[None]:
    try:
        lock = FileLock(index / "write.lock", timeout=PATIENCE)
        with lock:
            yield
    except Timeout as error:
        raise IndexBusy(f"Another process is writing the index in {index}; try again when it is done.") from error


def _restore_records(copy: Path, url: str) -> None:
    path = Path(url.removeprefix(SQLITE))
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(copy)) as source, closing(sqlite3.connect(path, timeout=30)) as target:
        source.backup(target)
    Records(url).close()  # brings older records to the newest migration


def _restore_corpus(stage: Path, corpus: Path) -> None:
    for path in sorted(p for p in stage.rglob("*") if p.is_file()) if stage.is_dir() else ():
        target = corpus / path.relative_to(stage)
        if target.exists() and file_hash(target) != file_hash(path):
            shutil.copy2(target, target.with_name(f"{target.name}.before-restore"))
        target.parent.mkdir(parents=True, exist_ok=True)
        replace_file(target, path.read_bytes())


def _restore_generation(stage: Path, index: Path, name: str | None) -> None:
    if name is None:
        return
    target = index / GENERATIONS / name
    if not sealing.is_sound(target):
        shutil.rmtree(target, ignore_errors=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        stage.rename(target)
    replace_file(index / CURRENT, name.encode())
