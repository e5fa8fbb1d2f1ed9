"""Building an index: what it holds, what it does again, and what a crash leaves."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from indexer import generation, lexical
from indexer.embedding import BundledEmbedder
from indexer.errors import CorpusError, IndexBroken, IndexBusy, IndexError_, IndexMissing
from indexer.generation import CURRENT, GENERATIONS, build
from indexer.index import Index, open_index
from indexer.progress import Silent
from tests.samples import law, write_pdf


class HashEmbedder:
    """Vectors from the letters of a text: quick, and equal for equal texts. Counts what it embeds."""

    stamp, name, dimensions, notice = "hash-1", "letters", 32, None

    def __init__(self) -> None:
        self.embedded = 0

    def embed_passages(self, texts: Sequence[str], on_progress: object = None) -> np.ndarray:
        self.embedded += len(texts)
        rows = np.array(
            [[text.count(chr(97 + i)) + 0.1 for i in range(26)] + [len(text), 1, 1, 1, 1, 1] for text in texts]
        )
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)

    embed_questions = embed_passages

    def embed_query(self, text: str) -> np.ndarray:
        return self.embed_passages([text])[0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "a.md").write_text("# Appels\n\nEen appel is rood.\n", encoding="utf-8")
    (corpus / "b.md").write_text("# Peren\n\nEen peer is groen.\n", encoding="utf-8")
    return corpus


def texts(index: Path) -> list[str]:
    opened = open_index(index)
    try:
        return sorted(p.text for source in opened.sources for p in opened.passages_of(source))
    finally:
        opened.close()


def test_every_kind_of_document_becomes_passages(index_folder: Path) -> None:
    index = open_index(index_folder)
    files = {source.file: source for source in index.sources.values()}
    assert len(files) == 8
    assert "README.md" not in files
    assert index.count() == index.vectors.count() == index.manifest.passages > 15
    for source in index.sources.values():
        document = index.document(source.id)
        for passage in index.passages_of(source.id):
            assert document.text[passage.start : passage.end] == passage.text
    index.close()


def test_a_version_ends_where_the_next_begins(index_folder: Path) -> None:
    index = open_index(index_folder)
    old = index.sources["BWBR0099001@2022-01-01"]
    assert old.valid_to == date(2024, 5, 31)
    in_2023, now = index.allowed(date(2023, 1, 1)), index.allowed(date(2025, 1, 1))
    assert {s for s in in_2023 if s.startswith("BWBR")} == {"BWBR0099001@2022-01-01"}
    assert {s for s in now if s.startswith("BWBR")} == {"BWBR0099001@2024-06-01"}
    assert "drie jaar" in index.article("BWBR0099001", "1", in_2023, "1")[0].text
    assert "vijf jaar" in index.article("BWBR0099001", "1", now, "1")[0].text
    index.close()


def test_what_may_not_be_read_is_not_found(folder: Path, tmp_path: Path) -> None:
    (folder / "sources.toml").write_text('[[source]]\nfile = "b.md"\ncollection = "intern"\n', encoding="utf-8")
    embedder = HashEmbedder()
    build(folder, tmp_path / "x", embedder)
    index = open_index(tmp_path / "x")
    allowed = index.allowed(date.today(), ["public"])
    assert allowed == {"a"}
    vector = embedder.embed_query("peer")
    assert {i for i, _ in index.nearest(vector, 10, allowed)} == {"a/appels"}
    assert index.by_stems(["peer"], 10, allowed) == []
    assert index.nearest(vector, 10, frozenset()) == []
    index.close()


def test_stems_and_word_parts_are_found(index_folder: Path) -> None:
    index = open_index(index_folder)
    everything = frozenset(index.sources)
    assert index.by_stems(["verlengingen"], 5, everything)[0][0].startswith("BWBR0099001")
    # "coach" stands only inside "spaarcoach".
    assert index.by_stems(["coach"], 5, everything) == []
    assert index.frequency("coach") > 0
    assert index.by_stems(['aan" OR', "(", "*"], 5, everything) is not None
    index.close()


def test_words_keep_to_the_allowed_sources_however_many_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = tmp_path / "many"
    corpus.mkdir()
    for number in range(12):
        (corpus / f"gids-{number:02}.md").write_text(
            f"# Gids {number}\n\nEen kweepeer voor {number}.\n", encoding="utf-8"
        )
    build(corpus, tmp_path / "many-index", HashEmbedder())
    index = open_index(tmp_path / "many-index")
    allowed = frozenset(f"gids-{number:02}" for number in range(0, 12, 2))
    by_spans = index.by_stems(["kweepeer"], 20, allowed)
    monkeypatch.setattr("indexer.index._MOST_SPANS", 3)
    assert index.by_stems(["kweepeer"], 20, allowed) == by_spans
    assert {identity.split("/")[0] for identity, _ in by_spans} == allowed
    assert index.by_stems(["kweepeer"], 20, frozenset({"weg"})) == []
    index.close()


def test_a_common_stem_counts_only_beside_nothing_rarer(tmp_path: Path) -> None:
    corpus = tmp_path / "fruit"
    corpus.mkdir()
    for number in range(40):
        rare = " en een mispel" if number == 7 else ""
        (corpus / f"gids-{number:02}.md").write_text(f"# Gids {number}\n\nEen appel{rare}.\n", encoding="utf-8")
    build(corpus, tmp_path / "fruit-index", HashEmbedder())
    index = open_index(tmp_path / "fruit-index")
    everything = frozenset(index.sources)
    assert [identity.split("/")[0] for identity, _ in index.by_stems(["appel", "mispel"], 50, everything)] == [
        "gids-07"
    ]
    assert len(index.by_stems(["appel"], 50, everything)) == 40
    index.close()


def test_an_unchanged_folder_builds_nothing(folder: Path, tmp_path: Path) -> None:
    embedder = HashEmbedder()
    first = build(folder, tmp_path / "x", embedder)
    second = build(folder, tmp_path / "x", embedder)
    assert (first.changed, second.changed) == (True, False)
    assert second.manifest.name == first.manifest.name
    assert embedder.embedded == 2


def test_a_change_embeds_only_what_changed(folder: Path, tmp_path: Path) -> None:
    embedder = HashEmbedder()
    build(folder, tmp_path / "x", embedder)
    (folder / "b.md").write_text("# Peren\n\nEen peer is geel.\n", encoding="utf-8")
    report = build(folder, tmp_path / "x", embedder)
    assert (report.embedded, report.reused) == (1, 1)
    assert texts(tmp_path / "x") == ["Een appel is rood.", "Een peer is geel."]
    (folder / "a.md").unlink()
    build(folder, tmp_path / "x", embedder)
    assert texts(tmp_path / "x") == ["Een peer is geel."]


def test_another_engine_embeds_everything_anew(folder: Path, tmp_path: Path) -> None:
    build(folder, tmp_path / "x", HashEmbedder())
    other = HashEmbedder()
    other.stamp = "hash-2"  # type: ignore[misc]
    report = build(folder, tmp_path / "x", other)
    assert (report.changed, report.reused) == (True, 0)


def test_only_two_generations_are_kept(folder: Path, tmp_path: Path) -> None:
    for _ in range(4):
        report = build(folder, tmp_path / "x", HashEmbedder(), rebuild=True)
    kept = {path.name for path in (tmp_path / "x" / GENERATIONS).iterdir()}
    assert len(kept) == 2
    assert report.manifest.name in kept


def test_what_cannot_be_read_is_named_and_the_rest_is_indexed(folder: Path, tmp_path: Path) -> None:
    (folder / "kapot.pdf").write_bytes(b"%PDF-1.7\nkapot")
    write_pdf(folder / "slot.pdf", password="geheim")
    (folder / "leeg.docx").write_bytes(b"")
    (folder / "recept.xml").write_text("<recept/>", encoding="utf-8")
    report = build(folder, tmp_path / "x", HashEmbedder())
    reasons = {u.file: u.reason for u in report.manifest.unreadable}
    assert set(reasons) == {"kapot.pdf", "slot.pdf", "leeg.docx", "recept.xml"}
    assert "password" in reasons["slot.pdf"]
    assert texts(tmp_path / "x") == ["Een appel is rood.", "Een peer is groen."]


def test_folders_without_documents_are_told(tmp_path: Path) -> None:
    (tmp_path / "leeg").mkdir()
    for corpus, reason in (("leeg", "no document that can be read"), ("nergens", "There is no folder")):
        with pytest.raises(CorpusError, match=reason):
            build(tmp_path / corpus, tmp_path / "x", HashEmbedder())
    assert not (tmp_path / "x" / CURRENT).exists()


def test_two_writers_do_not_meet(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    with FileLock(tmp_path / "x" / "write.lock"), pytest.raises(IndexBusy):
        build(folder, tmp_path / "x", HashEmbedder())


def test_a_generation_that_fails_its_check_never_serves(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = build(folder, tmp_path / "x", HashEmbedder())
    monkeypatch.setattr(Index, "count", lambda self: 1)
    with pytest.raises(IndexBroken, match="old one still serves"):
        build(folder, tmp_path / "x", HashEmbedder(), rebuild=True)
    monkeypatch.undo()
    assert (tmp_path / "x" / CURRENT).read_text(encoding="utf-8") == first.manifest.name
    assert len(texts(tmp_path / "x")) == 2


def test_a_full_disk_leaves_the_old_one_serving(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = build(folder, tmp_path / "x", HashEmbedder())

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(lexical, "write", full)
    with pytest.raises(IndexError_, match="No space left"):
        build(folder, tmp_path / "x", HashEmbedder(), rebuild=True)
    assert (tmp_path / "x" / CURRENT).read_text(encoding="utf-8") == first.manifest.name


def test_a_damaged_index_is_noticed(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(IndexMissing):
        open_index(tmp_path / "x")
    report = build(folder, tmp_path / "x", HashEmbedder())
    path = tmp_path / "x" / GENERATIONS / report.manifest.name
    words = path / lexical.FILE
    data = bytearray(words.read_bytes())
    data[len(data) // 2] ^= 0xFF
    words.write_bytes(data)
    with pytest.raises(IndexBroken, match="is damaged"):
        open_index(tmp_path / "x")
    shutil.rmtree(path / "chroma")
    (path / "manifest.json").write_text('{"format": 99}', encoding="utf-8")
    with pytest.raises(IndexBroken, match="another version"):
        open_index(tmp_path / "x")


CRASH = """
    import os, signal, sys
    from pathlib import Path
    from indexer import generation
    from tests.indexer.test_generation import HashEmbedder

    point = int(sys.argv[3])
    steps = 0

    def step(*_):
        global steps
        steps += 1
        if steps == point:
            os.kill(os.getpid(), signal.SIGKILL)

    class Watch:
        stage = advance = staticmethod(step)

    write = generation.replace_file

    def replace_file(path, data):
        step()  # before each of the two files that make a generation serve
        write(path, data)

    generation.replace_file = replace_file
    generation.build(Path(sys.argv[1]), Path(sys.argv[2]), HashEmbedder(), rebuild=True, progress=Watch())
    print("done", steps)
"""


def test_a_kill_at_any_point_leaves_the_old_index_answering(folder: Path, tmp_path: Path) -> None:
    index = tmp_path / "x"
    first = build(folder, index, HashEmbedder())
    (folder / "b.md").write_text("# Peren\n\nEen peer is geel.\n", encoding="utf-8")
    script = tmp_path / "crash.py"
    script.write_text(textwrap.dedent(CRASH), encoding="utf-8")
    root = Path(generation.__file__).parent.parent
    killed = 0
    for point in range(1, 40):
        done = subprocess.run(
            [sys.executable, str(script), str(folder), str(index), str(point)],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": str(root)},
            timeout=60,
            check=False,
        )
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL, done.stderr
        killed += 1
        assert (index / CURRENT).read_text(encoding="utf-8") == first.manifest.name
        assert texts(index) == ["Een appel is rood.", "Een peer is groen."]
    assert killed >= 8
    assert texts(index) == ["Een appel is rood.", "Een peer is geel."]
    assert len(list((index / GENERATIONS).iterdir())) == 2


def test_progress_tells_every_passage_once(folder: Path, tmp_path: Path) -> None:
    seen: dict[str, list[int]] = {}

    class Watch(Silent):
        def stage(self, name: str, total: int) -> None:
            self.name = name
            seen[name] = [total, 0]

        def advance(self, done: int, label: str = "") -> None:
            seen[self.name][1] += done

    embedder = HashEmbedder()
    progress = Watch()
    original = embedder.embed_passages

    def telling(texts: Sequence[str], on_progress: object = None) -> np.ndarray:
        assert callable(on_progress)
        on_progress(len(texts))
        return original(texts)

    embedder.embed_passages = telling  # type: ignore[method-assign]
    build(folder, tmp_path / "x", embedder, progress=progress)
    assert seen == {"read": [2, 2], "embed": [2, 2], "write": [3, 3]}


def test_bundled_model_finds_by_meaning(index_folder: Path, embedder: BundledEmbedder) -> None:
    index = open_index(index_folder)
    vector = embedder.embed_query("Op welk moment van de week gaat de balie dicht?")
    best = index.nearest(vector, 1, frozenset(index.sources))[0][0]
    assert best.startswith("notitie")
    index.close()


def test_a_long_law_article_is_cut_between_items_only(tmp_path: Path) -> None:
    items = "".join(
        f"<li><li.nr>{n}.</li.nr><al>het {n}e soort inkomen dat de spaarplichtige het jaar daarvoor ontving;</al></li>"
        for n in range(1, 60)
    )
    body = (
        "<artikel><kop><label>Artikel</label><nr>31</nr></kop><lid><lidnr>2</lidnr><al>Niet meegeteld wordt:</al>"
        f"<lijst>{items}</lijst></lid></artikel>"
    )
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "wet.xml").write_text(law(body=body), encoding="utf-8")
    build(tmp_path / "c", tmp_path / "x", HashEmbedder())
    index = open_index(tmp_path / "x")
    passages = index.passages_of("BWBR0099001@2022-01-01")
    assert len(passages) > 2
    assert all(p.locator == "artikel 31, lid 2" and p.tokens <= 420 for p in passages)
    assert all("Niet meegeteld wordt:" in p.searchable for p in passages)
    assert "\n".join(p.text for p in passages).count("soort inkomen") == 59
    assert all(p.text.endswith(";") for p in passages)
    index.close()


def test_a_thread_a_question_leaves_no_file_open(index_folder: Path) -> None:
    import threading

    descriptors = Path("/proc/self/fd")
    if not descriptors.is_dir():
        pytest.skip("open files can only be counted where there is a /proc")
    index = open_index(index_folder)

    def ask() -> None:
        assert index.count() > 0

    def opened() -> int:
        return sum(link.resolve().name == "lexical.sqlite" for link in descriptors.iterdir() if link.is_symlink())

    before = opened()
    for _ in range(20):
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    assert opened() <= before + 2
    index.close()
