"""PDF, Word, web pages, Markdown and plain text: what is read, where it stands, and what is told when it is not."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections import Counter
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from indexer import readers
from indexer.errors import ReadError
from indexer.models import Document, SectionKind, Source
from indexer.readers import guards
from tests.samples import GUIDE, PAGE, write_docx, write_pdf


def read(path: Path) -> Document:
    fields = {"id": "x", "work": "x", "title": "x", "kind": "report", "binding": "finding"} | readers.describe(path)
    document = readers.read(path, Source(file=path.name, sha256="", **fields))
    for section in document.sections:
        assert document.text[section.start : section.end].strip()
    return document


def section_texts(document: Document) -> list[str]:
    return [document.text[s.start : s.end] for s in document.sections]


def test_pdf_loses_headers_and_page_numbers(tmp_path: Path) -> None:
    document = read(write_pdf(tmp_path / "a.pdf"))
    assert "Pagina" not in document.text
    assert "Waterdam" not in document.text
    assert document.source.title == "Spaarbeleid in de praktijk"
    assert document.facts["pages"] == 3
    assert "Pagina 2" in document.pages[1].raw


def test_pdf_joins_a_broken_word_only_where_it_is_known(tmp_path: Path) -> None:
    text = read(write_pdf(tmp_path / "a.pdf")).text
    assert "die een spaarcoach inzetten zien" in text  # "spaarcoach" stands elsewhere unbroken
    canvas = Canvas(str(tmp_path / "b.pdf"))
    for height, line in (
        (700, "De wet regelt de leer-"),
        (687, "en werktrajecten en de 24-"),
        (674, "wekenplicht goed."),
    ):
        canvas.drawString(60, height, line)
    canvas.save()
    text = read(tmp_path / "b.pdf").text
    assert "leer- en werktrajecten en de 24-wekenplicht goed." in text


def test_pdf_sentence_over_a_page_break_stays_one_run(tmp_path: Path) -> None:
    document = read(write_pdf(tmp_path / "a.pdf"))
    assert "en dat verdient zich binnen twee jaar terug." in document.text
    pages = [(s.page, s.heading_path) for s in document.sections if s.kind is SectionKind.BODY]
    assert pages == [
        ("1", ("Waarom sparen helpt",)),
        ("2", ("Waarom sparen helpt",)),
        ("2", ("Samenwerken met banken",)),
        ("3", ("Conclusie",)),
    ]


def test_pdf_footnotes_stand_apart_with_their_page(tmp_path: Path) -> None:
    document = read(write_pdf(tmp_path / "a.pdf"))
    notes = [s for s in document.sections if s.kind is SectionKind.FOOTNOTE]
    assert [n.locator for n in notes] == ["p. 1, voetnoot 1"]
    assert document.text[notes[0].start : notes[0].end].endswith("in zes gemeenten.")


def test_pdf_page_without_text_is_told(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "scan.pdf"))
    canvas.drawString(60, 700, "Een hele zin met ruim voldoende leesbare tekst op deze eerste bladzijde.")
    canvas.showPage()
    canvas.rect(50, 50, 300, 300)
    canvas.showPage()
    canvas.save()
    assert read(tmp_path / "scan.pdf").warnings == ("page 2 has almost no text: a scan?",)


def test_real_report_reads_as_published(sources: Path) -> None:
    pdf = read(sources / "learn" / "learn-technische-aanbevelingen.pdf")
    published = (sources / "learn" / "learn-technische-aanbevelingen.txt").read_text(encoding="utf-8").split()
    # Footnotes move behind the text, so the words are compared as a bag.
    missing = Counter(published) - Counter(pdf.text.split())
    assert sum(missing.values()) < 0.01 * len(published)
    assert pdf.facts["pages"] == 33
    assert "technische aanbevelingen 12" not in pdf.text


def test_docx_keeps_order_lists_and_tables(tmp_path: Path) -> None:
    document = read(write_docx(tmp_path / "a.docx"))
    assert section_texts(document) == [
        "De consulent controleert de inleg voordat hij de spaarsubsidie uitbetaalt.",
        "- Vraag het spaarboekje op.\n- Noteer de inleg in het dossier.",
        "Bedragen per kwartaal\nalleenstaande\t€ 75",
    ]
    assert document.sections[1].heading_path == ("Werkinstructie spaarsubsidie", "Stappen")
    assert document.source.title == "Werkinstructie spaarsubsidie"


def test_html_keeps_the_body_and_drops_the_menus(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text(PAGE, encoding="utf-8")
    document = read(path)
    assert document.source.title == "Spaarcoach aanvragen"
    assert document.source.language == "nl"
    assert "wijkteam beslist binnen veertien dagen" in " ".join(document.text.split())
    assert not {"Contact", "alert", "Cookies"} & set(document.text.replace("(", " ").split())
    assert document.sections[-1].heading_path[-1] == "Aanvragen"


def test_markdown_reads_as_plain_text_under_its_headings(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(GUIDE, encoding="utf-8")
    document = read(path)
    assert document.source.id == "gids-spaargesprek"
    assert "**" not in document.text
    assert document.sections[0].locator == "Het spaargesprek: voorbereiden en voeren"
    assert section_texts(document)[1].splitlines()[0] == "- De klant mag een tolk meenemen naar het spaargesprek."
    assert (document.sections[2].kind, section_texts(document)[2]) == (
        SectionKind.TABLE,
        "stuk\twaarvoor\nspaarboekje\tbewijs van inleg",
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("---\ntitel: x\n---\nTekst.", "line 2: unknown key 'titel'"),
        ("---\ntitle: [x\n---\nTekst.", "not valid YAML"),
        ("---\ntitle: x\nTekst.", "does not end"),
    ],
)
def test_front_matter_mistakes_are_named_by_line(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "a.md"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ReadError, match=reason):
        readers.describe(path)


def test_text_is_reflowed_in_any_usual_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    body = "Eerste regel van een alinea\ndie doorloopt met café.\n\nVolgende alinea staat los.\n"
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
        path.write_bytes(body.encode(encoding))
        assert read(path).text.splitlines()[0] == "Eerste regel van een alinea die doorloopt met café."


def _zip_bomb(path: Path) -> None:
    """A DOCX of a few MB whose one part unpacks to 10 GB, with a directory that says 1 kB."""
    chunk = bytes(1 << 20)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = b"".join(packer.compress(chunk) for _ in range(10_240)) + packer.flush()
    name = b"word/document.xml"
    head = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 8, 0, 0, 0, len(data), 1024, len(name), 0) + name
    entry = struct.pack(
        "<4sHHHHHHIIIHHHHHII", b"PK\1\2", 20, 20, 0, 8, 0, 0, 0, len(data), 1024, len(name), 0, 0, 0, 0, 0, 0
    ) + name  # fmt: skip
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 1, 1, len(entry), len(head) + len(data), 0)
    path.write_bytes(head + data + entry + end)


def test_a_docx_that_unpacks_to_ten_gigabytes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = tmp_path / "groot.docx"
    with zipfile.ZipFile(honest, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", bytes(20_000_000))
    monkeypatch.setattr(guards, "MAX_UNPACKED_BYTES", 10_000_000)
    with pytest.raises(ReadError, match="unpacks to more than 10 MB"):
        read(honest)
    _zip_bomb(tmp_path / "leugen.docx")
    with pytest.raises(ReadError, match=r"unpacks to more than|container is broken"):
        read(tmp_path / "leugen.docx")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("leeg.docx", b"", "is empty"),
        ("geen.docx", b"geen zip", "container is broken"),
        ("kapot.pdf", b"%PDF-1.7\nkapot", "is a broken PDF"),
        ("plaatje.pdf", b"\x89PNG\r\n", "is not a PDF"),
        ("binair.txt", b"\x00\x01\x02" * 100, "NUL bytes"),
        ("leeg.md", b"# Titel\n", "has no text"),
        ("vreemd.xyz", b"x", "of a kind that is not read"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_clause(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ReadError, match=reason) as caught:
        read(path)
    assert str(caught.value).startswith(f"{name}: ")


def test_a_password_protected_pdf_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="protected with a password"):
        read(write_pdf(tmp_path / "slot.pdf", password="geheim"))


def test_a_file_without_permission_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "dicht.txt"
    path.write_text("tekst", encoding="utf-8")

    def refuse(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # root may read everything, so chmod would prove nothing here
    with pytest.raises(ReadError, match="no permission"):
        readers.describe(path)
