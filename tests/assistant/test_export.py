"""A paper comes out of both forms with all its text, readable by other tools, whatever a person typed."""

from __future__ import annotations

import io

import docx
import pytest
from pypdf import PdfReader

from assistant.export import Paper, PaperSection, PaperSource, file_name, to_docx, to_pdf

PAPER = Paper(
    title="Afweging: werk of les?",
    meta=("Datum: 3 maart 2026", "Opgesteld door: consulent"),
    sections=(
        PaperSection(
            heading="Overwegingen",
            paragraphs=("Eerste regel\ntweede regel", "Loon < norm & meer"),
            items=("vóór", "tegen"),
        ),
        PaperSection(paragraphs=("Zonder kop.",)),
    ),
    sources=(
        PaperSource(
            text="Wet inburgering 2021, artikel 11, lid 1",
            quote="drie jaar",
            url="https://wetten.overheid.nl/jci1.3:c:BWBR0044770&artikel=11&lid=1",
        ),
        PaperSource(text="Gids Z-route"),
    ),
    footer="Leidraad beslist niet",
)  # fmt: skip


def docx_text(data: bytes) -> str:
    return "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(data)).paragraphs)


def pdf_text(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)


def test_both_forms_hold_all_text_in_order() -> None:
    parts = [
        "Afweging: werk of les?", "Datum: 3 maart 2026", "Overwegingen", "tweede regel", "Loon < norm & meer", "vóór",
        "Zonder kop.", "Bronnen", "[1] Wet inburgering 2021, artikel 11, lid 1", "“drie jaar”", "[2] Gids Z-route",
    ]  # fmt: skip
    for text in (docx_text(to_docx(PAPER)), pdf_text(to_pdf(PAPER))):
        places = [text.index(part) for part in parts]
        assert places == sorted(places)


def test_headings_are_real_and_the_language_is_told() -> None:
    document = docx.Document(io.BytesIO(to_docx(PAPER)))
    headings = [p.text for p in document.paragraphs if p.style is not None and p.style.name == "Heading 1"]
    assert headings == ["Overwegingen", "Bronnen"]
    assert 'w:lang w:val="nl-NL"' in document.styles.element.xml
    assert document.sections[0].footer.paragraphs[0].text == "Leidraad beslist niet"
    reader = PdfReader(io.BytesIO(to_pdf(PAPER)))
    assert reader.root_object["/Lang"] == "nl-NL"
    assert reader.metadata is not None and reader.metadata.title == PAPER.title
    assert "Leidraad beslist niet" in reader.pages[0].extract_text()


def test_the_address_of_a_source_can_be_opened() -> None:
    url = PAPER.sources[0].url
    document = docx.Document(io.BytesIO(to_docx(PAPER)))
    assert url in {relation.target_ref for relation in document.part.rels.values()}
    notes = PdfReader(io.BytesIO(to_pdf(PAPER))).pages[0]["/Annots"]
    assert {note.get_object()["/A"]["/URI"] for note in notes} == {url}


@pytest.mark.parametrize("typed", ["</para><b>", "a\x00b\x0bc", "{x}&amp;<link href='file:///x'>", "<img src='x'/>"])
def test_what_a_person_typed_stays_text(typed: str) -> None:
    paper = Paper(title=typed, sections=(PaperSection(heading=typed, paragraphs=(typed,), items=(typed,)),))
    kept = typed.replace("\x00", "").replace("\x0b", "")
    assert docx_text(to_docx(paper)).count(kept) == 4
    assert pdf_text(to_pdf(paper)).count(kept) == 4


def test_letters_outside_the_fonts_keep_their_base_and_the_docx_keeps_all() -> None:
    paper = Paper(title="Ayşe", sections=(PaperSection(paragraphs=("≥ 20 uur → loon, سلام",)),))
    assert "Ayse" in pdf_text(to_pdf(paper)) and ">= 20 uur -> loon, ????" in pdf_text(to_pdf(paper))
    assert "Ayşe" in docx_text(to_docx(paper)) and "سلام" in docx_text(to_docx(paper))


def test_a_long_paper_numbers_its_pages() -> None:
    paper = PAPER.model_copy(update={"sections": tuple(PaperSection(paragraphs=("woord " * 400,)) for _ in range(6))})
    pages = PdfReader(io.BytesIO(to_pdf(paper))).pages
    assert len(pages) > 2
    assert pages[1].extract_text().rstrip().endswith("2") or "\n2" in pages[1].extract_text()


def test_a_file_name_is_safe() -> None:
    assert file_name("Afweging: werk / les é", "docx") == "afweging-werk-les-e.docx"
    assert file_name("…", "pdf") == "leidraad.pdf"
