"""Disks that are full or may not be written: nothing is lost, and it is said in one sentence."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path

import pytest

from assistant.errors import RecordsError
from assistant.models import Answer, Status
from assistant.records import Records
from indexer.errors import IndexError_
from indexer.generation import CURRENT, build
from tests.faults.breaking import read_only, small_disk
from tests.indexer.test_generation import HashEmbedder, texts


def answer(text: str = "Dat staat niet in de bronnen.") -> Answer:
    return Answer(
        question="Vraag?", standalone_question="Vraag?", language="nl", status=Status.REFUSED, outcome="no_evidence",
        text=text, as_of=date(2026, 3, 2),
    )  # fmt: skip


def fill(folder: Path) -> None:
    """Leaves not a byte on a small disk."""
    with (folder / "vol").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            pass


def test_a_disk_that_fills_while_indexing_leaves_the_old_index_answering(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "a.md").write_text("# Appels\n\nEen appel is rood.\n", encoding="utf-8")
    with small_disk(tmp_path / "schijf", 8) as disk:
        build(corpus, disk / "x", HashEmbedder())
        pointer = (disk / "x" / CURRENT).read_text(encoding="utf-8")
        for number in range(40):
            words = "\n\n".join(f"Zin {n} over appel {number} en nog {n * 7} peren." for n in range(2_000))
            (corpus / f"groot-{number}.md").write_text(f"# Appels {number}\n\n{words}\n", encoding="utf-8")
        with pytest.raises(IndexError_, match="old one still serves"):
            build(corpus, disk / "x", HashEmbedder())
        assert (disk / "x" / CURRENT).read_text(encoding="utf-8") == pointer
        assert texts(disk / "x") == ["Een appel is rood."]
        # With room again it goes on by itself: what was half written is cleared away.
        for path in corpus.glob("groot-*.md"):
            path.unlink()
        (corpus / "a.md").write_text("# Appels\n\nEen appel is groen.\n", encoding="utf-8")
        build(corpus, disk / "x", HashEmbedder())
        assert texts(disk / "x") == ["Een appel is groen."]


def test_a_full_disk_while_saving_loses_nothing_that_was_kept(tmp_path: Path) -> None:
    with small_disk(tmp_path / "schijf", 2) as disk:
        records = Records(f"sqlite:///{disk / 'r.sqlite'}")
        kept = [records.keep(answer(), "a") for _ in range(5)]
        fill(disk)
        with pytest.raises(RecordsError, match="full"):
            for _ in range(50):
                kept.append(records.keep(answer("x" * 20_000), "a"))
        assert records.count() == len(kept)
        (disk / "vol").unlink()
        records.keep(answer(), "a")
        assert records.count() == len(kept) + 1
        records.close()


def test_a_read_only_disk_answers_and_says_that_it_cannot_be_written(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "a.md").write_text("# Appels\n\nEen appel is rood.\n", encoding="utf-8")
    with small_disk(tmp_path / "schijf", 8) as disk:
        build(corpus, disk / "x", HashEmbedder())
        records = Records(f"sqlite:///{disk / 'r.sqlite'}")
        records.keep(answer(), "a")
        records.close()
        read_only(disk)
        assert texts(disk / "x") == ["Een appel is rood."]
        with pytest.raises(IndexError_, match=r"cannot be written: Read-only file system"):
            build(corpus, disk / "x", HashEmbedder(), rebuild=True)
        again = Records(f"sqlite:///{disk / 'r.sqlite'}")
        with pytest.raises(RecordsError, match="readonly"):
            again.keep(answer(), "a")
        assert again.count() == 1
        again.close()


def test_no_room_for_the_working_copy_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "a.md").write_text("# Appels\n\nEen appel is rood.\n", encoding="utf-8")
    build(corpus, tmp_path / "x", HashEmbedder())
    with small_disk(tmp_path / "tijdelijk", 1) as disk:
        fill(disk)
        monkeypatch.setattr(tempfile, "tempdir", str(disk))
        with pytest.raises(IndexError_, match="no copy of its vectors could be made"):
            texts(tmp_path / "x")
        (disk / "vol").unlink()
        assert texts(tmp_path / "x") == ["Een appel is rood."]
