"""Flipped bytes: noticed at open, said in one sentence, and the last good generation serves."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.settings import load_settings
from assistant.status import service_status
from indexer.embedding import BundledEmbedder
from indexer.errors import IndexBroken
from indexer.generation import CURRENT, GENERATIONS, build
from indexer.index import open_index
from indexer.sealing import SEAL
from tests.indexer.test_generation import HashEmbedder, texts

OLD, NEW = "Een peer is groen.", "Een peer is geel."


@pytest.fixture
def pears(tmp_path: Path) -> Path:
    folder = tmp_path / "peren"
    folder.mkdir()
    (folder / "b.md").write_text(f"# Peren\n\n{OLD}\n", encoding="utf-8")
    return folder


@pytest.fixture
def index(pears: Path, tmp_path: Path) -> Path:
    """Two generations: an older one and the one that serves."""
    build(pears, tmp_path / "x", HashEmbedder())
    (pears / "b.md").write_text(f"# Peren\n\n{NEW}\n", encoding="utf-8")
    build(pears, tmp_path / "x", HashEmbedder())
    return tmp_path / "x"


def serving(index: Path) -> Path:
    return index / GENERATIONS / (index / CURRENT).read_text(encoding="utf-8")


def flip(path: Path, place: float) -> None:
    data = bytearray(path.read_bytes())
    data[int(place * (len(data) - 1))] ^= 0x01
    path.write_bytes(data)


def test_one_flipped_bit_in_any_file_is_noticed_and_the_last_good_generation_serves(index: Path) -> None:
    folder = serving(index)
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)
    names = {path.name for path in files}
    assert {"manifest.json", "lexical.sqlite", "chroma.sqlite3", "data_level0.bin", SEAL} <= names
    for path in files:
        right = path.read_bytes()
        for place in (0.0, 0.37, 1.0):
            flip(path, place)
            opened = open_index(index)
            # A flipped name in the seal reads as another file that is gone.
            said = {"manifest.json": "manifest", SEAL: "damaged"}.get(path.name, path.name)
            assert said in opened.damage, (path.name, place)
            assert [p.text for p in opened.passages_of("b")] == [OLD]
            opened.close()
            path.write_bytes(right)
    assert texts(index) == [NEW]


def test_a_file_that_is_gone_or_cut_short_or_added_is_noticed(index: Path) -> None:
    words = serving(index) / "lexical.sqlite"
    right = words.read_bytes()
    words.write_bytes(right[: len(right) // 2])
    assert texts(index) == [OLD]
    words.unlink()
    assert texts(index) == [OLD]
    words.write_bytes(right)
    (words.parent / "vreemd").write_text("x", encoding="utf-8")
    assert texts(index) == [OLD]


@pytest.mark.parametrize("pointer", [b"20\xff0101-000000-abcdef", b"", b"../../elders", b"nergens"])
def test_a_damaged_pointer_does_not_stop_the_answers(index: Path, pointer: bytes) -> None:
    (index / CURRENT).write_bytes(pointer)
    opened = open_index(index)
    assert opened.damage and [p.text for p in opened.passages_of("b")] == [NEW]
    opened.close()


def test_without_another_good_generation_it_is_said_what_to_do(index: Path) -> None:
    for folder in (index / GENERATIONS).iterdir():
        flip(folder / "lexical.sqlite", 0.5)
    with pytest.raises(IndexBroken, match=r"is damaged \(lexical.sqlite of generation .* make it anew with: leidraad"):
        open_index(index)


def test_indexing_again_mends_it_and_keeps_no_damaged_generation(index: Path, pears: Path) -> None:
    damaged = serving(index)
    flip(damaged / "lexical.sqlite", 0.5)
    assert build(pears, index, HashEmbedder()).changed
    assert texts(index) == [NEW]
    assert not damaged.exists()
    assert len(list((index / GENERATIONS).iterdir())) == 2
    assert not build(pears, index, HashEmbedder()).changed


def test_a_damaged_cache_of_vectors_costs_time_and_nothing_else(index: Path, pears: Path) -> None:
    (index / "embeddings.sqlite").write_bytes(b"kapot" * 1000)
    embedder = HashEmbedder()
    build(pears, index, embedder, rebuild=True)
    assert embedder.embedded == 1 and texts(index) == [NEW]


def test_opening_and_asking_leave_a_generation_as_it_was(index: Path) -> None:
    before = {path: path.read_bytes() for path in serving(index).rglob("*") if path.is_file()}
    for _ in range(3):
        opened = open_index(index)
        opened.nearest(HashEmbedder().embed_query("peer"), 1, frozenset(opened.sources))
        opened.close()
    assert {path: path.read_bytes() for path in serving(index).rglob("*") if path.is_file()} == before


def test_people_and_administrators_are_told(index_folder: Path, embedder: BundledEmbedder, tmp_path: Path) -> None:
    index = tmp_path / "kopie"
    shutil.copytree(index_folder, index)
    good = serving(index)
    shutil.copytree(good, index / GENERATIONS / "99990101-000000-aaaaaa")
    (index / CURRENT).write_text("99990101-000000-aaaaaa", encoding="utf-8")
    flip(index / GENERATIONS / "99990101-000000-aaaaaa" / "lexical.sqlite", 0.5)
    settings = load_settings(index=index)
    assistant = Assistant(settings, embedder)
    answer = assistant.ask("Hoe lang duurt het spaargesprek?")
    assert "45 minuten" in answer.text and answer.index_generation == good.name
    assert any("de nieuwste index is beschadigd" in warning for warning in answer.warnings)
    state = service_status(settings, embedder)
    assert state.generation == good.name and "lexical.sqlite of generation 99990101" in state.damage
    assistant.index().close()
