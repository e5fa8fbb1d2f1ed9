"""Backup and restore, in use, on real parts; uploads; background upkeep; settings without secrets."""

from __future__ import annotations

import shutil
import tarfile
import threading
from pathlib import Path

import pytest
from filelock import FileLock

from assistant.assistant import Assistant
from assistant.backup import backup, restore
from assistant.errors import BackupError
from assistant.history import History
from assistant.models import Status
from assistant.records import Records
from assistant.settings import Settings, load_settings
from assistant.settings_view import in_force
from assistant.upkeep import Job, update_index
from assistant.uploads import LARGEST, Upload, add, safe_name
from indexer.embedding import BundledEmbedder
from indexer.errors import IndexBusy, ManifestError
from indexer.generation import build, serving_folder
from indexer.sources import discover

QUESTION = "Hoe lang duurt het spaargesprek?"


def installation(folder: Path, corpus: Path) -> Settings:
    """Settings of an installation in a folder, with a corpus of its own."""
    shutil.copytree(corpus, folder / "corpus")
    return load_settings(
        corpus=folder / "corpus", index=folder / "index", records=f"sqlite:///{folder / 'records.sqlite'}"
    )


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, corpus: Path, embedder: BundledEmbedder) -> Settings:
    """An installation in use: an index, a conversation, texts of its own."""
    settings = installation(tmp_path_factory.mktemp("filled"), corpus)
    build(settings.corpus, settings.index, embedder)
    assistant = Assistant(settings, embedder)
    records = Records(settings.records)
    records.keep(assistant.ask(QUESTION), "gesprek", "a")
    records.close()
    assistant.index().close()
    return settings


@pytest.fixture(scope="module")
def packed(filled: Settings, embedder: BundledEmbedder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup that was made while somebody asks and something is written."""
    file = tmp_path_factory.mktemp("backup") / "b.tar.gz"
    assistant, records = Assistant(filled, embedder), Records(filled.records)
    stop = threading.Event()

    def use() -> None:
        while not stop.is_set():
            records.keep(assistant.ask(QUESTION), "druk", "b")

    user = threading.Thread(target=use)
    user.start()
    try:
        report = backup(filled, file)
    finally:
        stop.set()
        user.join()
        records.close()
        assistant.index().close()
    assert report.records and report.generation and "corpus/local/spaarverordening.xml" in report.files
    return file


def test_a_backup_made_in_use_gives_back_conversations_index_and_texts(
    packed: Path, tmp_path: Path, embedder: BundledEmbedder
) -> None:
    settings = load_settings(
        corpus=tmp_path / "corpus", index=tmp_path / "index", records=f"sqlite:///{tmp_path / 'data' / 'r.sqlite'}"
    )
    (tmp_path / "corpus").mkdir()
    restore(settings, packed)
    assistant = Assistant(settings, embedder)
    assert assistant.ask(QUESTION).status is Status.ANSWERED
    assistant.index().close()
    records = Records(settings.records)
    assert [c.title for c in History(records, "a").conversations()] == [QUESTION]
    records.close()
    assert (tmp_path / "corpus" / "local" / "spaarverordening.xml").is_file()


def test_restoring_over_what_is_in_use_brings_the_old_state_and_loses_no_file(
    packed: Path, filled: Settings, embedder: BundledEmbedder
) -> None:
    records = Records(filled.records)
    History(records, "a").delete("gesprek")
    local = filled.corpus / "local"
    before = (local / "spaarverordening.xml").read_bytes()
    (local / "spaarverordening.xml").write_text("anders", encoding="utf-8")
    (local / "nieuw.txt").write_text("Later toegevoegd.", encoding="utf-8")
    restore(filled, packed)
    assert [c.title for c in History(records, "a").conversations()] == [QUESTION]  # the same open connection sees it
    records.close()
    assert (local / "spaarverordening.xml").read_bytes() == before
    assert (local / "spaarverordening.xml.before-restore").read_text(encoding="utf-8") == "anders"
    assert (local / "nieuw.txt").exists()
    assert Assistant(filled, embedder).ask(QUESTION).status is Status.ANSWERED


def test_a_damaged_or_foreign_file_changes_nothing(packed: Path, filled: Settings, tmp_path: Path) -> None:
    serving = serving_folder(filled.index)
    broken = tmp_path / "half.tar.gz"
    broken.write_bytes(packed.read_bytes()[:-2_000])
    foreign = tmp_path / "x.tar.gz"
    with tarfile.open(foreign, "w:gz") as archive:
        archive.add(packed, "../../../tmp/weg")
    text = tmp_path / "brief.txt"
    text.write_text("geen reservekopie", encoding="utf-8")
    changed = tmp_path / "changed.tar.gz"
    with tarfile.open(packed) as old, tarfile.open(changed, "w:gz") as new:
        old.extractall(tmp_path / "open", filter="data")
        (tmp_path / "open" / "corpus" / "local" / "spaarverordening.xml").write_text("anders", encoding="utf-8")
        for path in sorted((tmp_path / "open").rglob("*")):
            if path.is_file():
                new.add(path, path.relative_to(tmp_path / "open").as_posix())
    for file in (broken, foreign, text, changed, tmp_path / "weg.tar.gz"):
        with pytest.raises(BackupError):
            restore(filled, file)
    assert serving_folder(filled.index) == serving
    assert not list(filled.index.glob(".restore-*"))


def test_nothing_is_restored_while_the_index_is_written(
    packed: Path, filled: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.backup.PATIENCE", 0.1)
    with FileLock(filled.index / "write.lock"), pytest.raises(IndexBusy):
        restore(filled, packed)


def test_a_backup_that_cannot_be_written_says_so(filled: Settings, tmp_path: Path) -> None:
    with pytest.raises(BackupError):
        backup(filled, tmp_path / "geen-map" / "b.tar.gz")


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Werkinstructie intake.docx", "Werkinstructie intake.docx"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("map\\onder\\plan.PDF", "plan.pdf"),
        ("<b>x</b>.md", "b-.md"),
        (".verborgen.txt", "verborgen.txt"),
        ("CON.txt", ""),
        ("...", ""),
        ("regel\nnieuw\x00.txt", "regel-nieuw-.txt"),
    ],
)
def test_names_of_uploads_are_made_safe(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_uploads_land_in_local_with_their_collection_and_refusals_say_why(tmp_path: Path) -> None:
    (tmp_path / "local").mkdir()
    (tmp_path / "local" / "er-al.txt").write_text("oud", encoding="utf-8")
    added = add(
        tmp_path,
        [
            Upload(name="map/instructie.txt", data=b"Bel eerst de coach."),
            Upload(name="er-al.txt", data=b"nieuw"),
            Upload(name="er-al.txt", data=b"oud"),
            Upload(name="plaatje.exe", data=b"MZ"),
            Upload(name="leeg.txt", data=b""),
            Upload(name="groot.txt", data=b"x" * (LARGEST + 1)),
            Upload(name="stuk.docx", data=b"geen docx"),
        ],
        "intern",
    )
    assert [(a.file, a.refused) for a in added] == [
        ("local/instructie.txt", ""), ("", "name_taken"), ("", "already"), ("", "unknown_kind"), ("", "empty"),
        ("", "too_large"), ("", "unreadable_file"),
    ]  # fmt: skip
    assert (tmp_path / "local" / "er-al.txt").read_text(encoding="utf-8") == "oud"
    found = {source.file: source.collection for source in discover(tmp_path)[0]}
    assert found == {"local/instructie.txt": "intern", "local/er-al.txt": "public"}
    # The shipped list stays as it was shipped, so that the next version can replace it.
    assert not (tmp_path / "sources.toml").exists() and (tmp_path / "local" / "sources.toml").exists()


def test_a_mistake_in_the_list_of_sources_leaves_no_file_behind(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text("[[source]]\nfile = 'weg.txt'\n", encoding="utf-8")
    for collection in ("intern", "Niet Goed"):
        with pytest.raises(ManifestError):
            add(tmp_path, [Upload(name="a.txt", data=b"Tekst.")], collection)
    assert not list(tmp_path.rglob("a.txt")) and not (tmp_path / "local" / "sources.toml").exists()
    assert "weg.txt" in (tmp_path / "sources.toml").read_text(encoding="utf-8")


def test_reading_in_goes_on_in_the_background_while_the_old_index_answers(
    tmp_path: Path, corpus: Path, embedder: BundledEmbedder
) -> None:
    settings = installation(tmp_path, corpus)
    build(settings.corpus, settings.index, embedder)
    assistant = Assistant(settings, embedder)
    old = assistant.index().name
    (settings.corpus / "extra.txt").write_text("Extra\n\nDe spaarpot is groen.\n", encoding="utf-8")
    job, steps = Job(), []
    go = threading.Event()

    def work(step):  # type: ignore[no-untyped-def]
        go.wait(30)
        return update_index(settings, embedder, lambda what, share: (steps.append((what, share)), step(what, share)))

    assert job.start(work) and not job.start(work)
    assert assistant.ask(QUESTION).index_generation == old and job.running
    go.set()
    job.wait(60)
    assert not job.running and job.told[0].startswith("Ingelezen: 9 bronnen")
    assert {"Documenten lezen", "Passages verwerken"} <= {what for what, _ in steps}
    assert assistant.ask("Welke kleur heeft de spaarpot?").index_generation != old
    assistant.index().close()
    assert update_index(settings, embedder, lambda *_: None) == [
        "Er is niets veranderd: de index past al bij de bronnen."
    ]


def test_a_job_that_fails_says_so(caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: object) -> list[str]:
        raise ValueError("onverwacht")

    job = Job()
    job.start(fail)
    job.wait(10)
    assert "gestopt door een fout" in job.told[0] and "onverwacht" in caplog.text


def test_settings_are_shown_without_what_is_secret() -> None:
    settings = load_settings(embedding_key="geheim", records="postgresql://u:wachtwoord@host/db")
    shown = {one.name: one for one in in_force(settings)}
    assert shown["embedding_key"].secret and shown["embedding_key"].value == ""
    assert shown["records"].value == "postgresql://…@host/db"
    assert all(one.meaning for one in shown.values())
