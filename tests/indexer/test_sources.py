"""The manifest: what it adds, and how its mistakes are told."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from indexer.errors import ManifestError
from indexer.models import Binding, Kind
from indexer.sources import discover, read_manifest
from tests.samples import law


def write(folder: Path, toml: str) -> Path:
    (folder / "a.md").write_text("# Appels\n\nEen appel is rood.\n", encoding="utf-8")
    (folder / "sources.toml").write_text(toml, encoding="utf-8")
    return folder


def test_an_entry_adds_to_what_the_file_tells(tmp_path: Path) -> None:
    write(tmp_path, '[[source]]\nfile = "a.md"\nid = "appels"\nkind = "policy"\nvalid_to = 2024-12-31\n')
    (source,), unreadable = discover(tmp_path)
    assert (source.id, source.title, source.kind) == ("appels", "Appels", Kind.POLICY)
    assert (source.binding, source.valid_to) == (Binding.GUIDANCE, date(2024, 12, 31))
    assert unreadable == ()


def test_an_entry_by_official_id_covers_all_versions(tmp_path: Path) -> None:
    write(tmp_path, '[[source]]\nbwb = "BWBR0099001"\ntopics = ["sparen"]\n')
    for day in ("2022-01-01", "2024-06-01"):
        (tmp_path / f"{day}.xml").write_text(law(day=day), encoding="utf-8")
    laws = [source for source in discover(tmp_path)[0] if source.kind is Kind.LAW]
    assert [law.topics for law in laws] == [("sparen",), ("sparen",)]
    assert [law.valid_to for law in laws] == [date(2024, 5, 31), None]


def test_local_files_are_local_policy(tmp_path: Path) -> None:
    (tmp_path / "local").mkdir()
    (tmp_path / "local" / "werkinstructie.txt").write_text("Werkinstructie\n\nWij bellen eerst.\n", encoding="utf-8")
    (source,), _ = discover(tmp_path)
    assert (source.kind, source.binding) == (Kind.LOCAL, Binding.LOCAL)


def test_same_names_get_ids_of_their_own(tmp_path: Path) -> None:
    for name in ("x/nota.md", "x/nota.txt", "y/nota.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("Een nota met tekst.\n", encoding="utf-8")
    ids = [source.id for source in discover(tmp_path)[0]]
    assert len(set(ids)) == 3


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        ('[[source]]\nfile = "a.md"\n\ntitel = "x"\n', "line 4: source 'a.md' has an unknown key 'titel'"),
        ('[[bron]]\nfile = "a.md"\n', "line 1: unknown key 'bron'"),
        (
            '[[source]]\nfile = "a.md"\n[[source]]\nid = "a.md"\nbwb = "BWBR0099001"\n',
            "line 3: the id 'a.md' is used twice",
        ),
        ('[[source]]\nbwb = "BWBR99"\n', "'BWBR99' is not a BWB id"),
        ('[[source]]\ncvdr = "12"\n', "'12' is not a CVDR id"),
        ('[[source]]\nfile = "weg.md"\n', "names a missing file: weg.md"),
        ('[[source]]\ntitle = "x"\n', "exactly one of bwb, cvdr, file or url"),
        ('[[source]]\nfile = "a.md"\nkind = "roman"\n', r"\(kind\)"),
        ("[[source]\n", "is not valid TOML"),
    ],
)
def test_mistakes_are_named_by_line_or_id(tmp_path: Path, toml: str, sentence: str) -> None:
    with pytest.raises(ManifestError, match=sentence):
        read_manifest(write(tmp_path, toml))


def test_an_organisations_own_list_adds_to_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "local").mkdir()
    (tmp_path / "local" / "a.txt").write_text("Tekst.", encoding="utf-8")
    (tmp_path / "sources.toml").write_text("[[source]]\nbwb = 'BWBR0044770'\n", encoding="utf-8")
    own = tmp_path / "local" / "sources.toml"
    own.write_text("[[source]]\nfile = 'local/a.txt'\ncollection = 'intern'\n", encoding="utf-8")
    assert [entry.key for entry in read_manifest(tmp_path)] == ["BWBR0044770", "local/a.txt"]
    assert [source.collection for source in discover(tmp_path)[0]] == ["intern"]
    own.write_text("\n[[source]]\nbwb = 'BWBR0044770'\n", encoding="utf-8")
    with pytest.raises(ManifestError, match=r"local/sources.toml, line 2: the id 'BWBR0044770' is used twice"):
        read_manifest(tmp_path)
