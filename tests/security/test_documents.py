"""Documents as weapons: bombs, entities, paths that lead out, links to elsewhere, names and texts full of markup."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path

import docx
import pytest

from indexer import readers
from indexer.errors import CorpusError, ManifestError, ReadError
from indexer.generation import build
from indexer.models import Binding, Kind, Source
from indexer.readers import guards
from indexer.sources import discover
from tests.indexer.test_generation import HashEmbedder, texts
from tests.samples import law


def source(path: Path) -> Source:
    return Source(id="x", work="x", title="x", kind=Kind.GUIDE, binding=Binding.GUIDANCE, file=path.name, sha256="")


def test_an_archive_bomb_costs_a_reason_and_little_time(tmp_path: Path) -> None:
    path = tmp_path / "bom.docx"
    block = b"\0" * (1 << 20)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("word/document.xml", "w") as part:
        for _ in range(guards.MAX_UNPACKED_BYTES // len(block) + 2):
            part.write(block)
    assert path.stat().st_size < 1_000_000
    begun = time.monotonic()
    with pytest.raises(ReadError, match="unpacks to more than"):
        readers.read(path, source(path))
    assert time.monotonic() - begun < 20


def test_a_container_with_too_many_parts_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "veel.docx"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(guards.MAX_ENTRIES + 1):
            archive.writestr(f"{number}.xml", "")
    with pytest.raises(ReadError, match="holds more than"):
        readers.read(path, source(path))


LAUGHS = '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><toestand bwb-id="&b;"/>'
OUTSIDE = '<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><toestand bwb-id="&x;"/>'


@pytest.mark.parametrize("text", [LAUGHS, OUTSIDE])
def test_entities_in_a_law_are_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "wet.xml").write_text(text, encoding="utf-8")
    (tmp_path / "goed.xml").write_text(law(), encoding="utf-8")
    found, unreadable = discover(tmp_path)
    assert [s.file for s in found] == ["goed.xml"]
    assert "declares entities" in unreadable[0].reason


def test_entities_inside_a_word_document_are_refused_and_nothing_is_read_from_disk(tmp_path: Path) -> None:
    (tmp_path / "geheim.txt").write_text("HET-GEHEIM", encoding="utf-8")
    whole = io.BytesIO()
    docx.Document().save(whole)
    path = tmp_path / "brief.docx"
    evil = (
        f'<!DOCTYPE d [<!ENTITY x SYSTEM "{(tmp_path / "geheim.txt").as_uri()}">]>'
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r>'
        "<w:t>voor &x; na</w:t></w:r></w:p></w:body></w:document>"
    )
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(name, evil if name == "word/document.xml" else old.read(name))
    try:
        text = readers.read(path, source(path)).text
    except ReadError:
        text = ""
    assert "GEHEIM" not in text


@pytest.mark.parametrize("file", ["../buiten.md", "/etc/passwd", "sub/../../buiten.md"])
def test_sources_toml_cannot_name_a_file_outside_the_folder(file: str, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "a.md").write_text("# A\n\nTekst.\n", encoding="utf-8")
    (tmp_path / "buiten.md").write_text("# B\n\nHET-GEHEIM\n", encoding="utf-8")
    (corpus / "sources.toml").write_text(f'[[source]]\nfile = "{file}"\n', encoding="utf-8")
    try:
        build(corpus, tmp_path / "x", HashEmbedder())
    except (ManifestError, CorpusError):
        return
    assert not any("GEHEIM" in text for text in texts(tmp_path / "x"))


def test_active_parts_of_a_web_page_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "p.html"
    path.write_text(
        "<html lang=nl><head><title>Pagina</title><script>geheim()</script></head><body><main><h1>Kop</h1>"
        "<p onclick='boos()'>Dit is een gewone alinea met genoeg woorden om als inhoud te worden herkend, toch?</p>"
        "<iframe src='https://elders.example'>kader</iframe><style>p{color:red}</style></main></body></html>",
        encoding="utf-8",
    )
    text = readers.read(path, source(path)).text
    assert "gewone alinea" in text
    assert not any(word in text for word in ("geheim()", "boos()", "elders.example", "color:red"))
