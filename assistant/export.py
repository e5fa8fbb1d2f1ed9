"""A simple paper for a file or a colleague, as DOCX or PDF: title, particulars, sections, and the sources it rests on.

What a page wants on paper it puts in a `Paper`; both forms hold the same text in the same order. Personal data
must be masked before it comes here.
"""

from __future__ import annotations

import io
import re
import unicodedata
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, ListFlowable, ListItem, Paragraph, SimpleDocTemplate

from indexer.models import Frozen

DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF_TYPE = "application/pdf"


class PaperSection(Frozen):
    """A heading with paragraphs and a list under it; any of them may be empty."""

    heading: str = ""
    paragraphs: tuple[str, ...] = ()
    items: tuple[str, ...] = ()


class PaperSource(Frozen):
    """A source as it is cited: `text` names it with its place and version, `quote` is verbatim, `url` opens it."""

    text: str
    quote: str = ""
    url: str | None = None


class Paper(Frozen):
    """All that is written, in reading order. `meta` are lines under the title, such as the date.

    Sources are numbered from 1 in their order, so that a text may refer to "[1]".
    """

    title: str
    meta: tuple[str, ...] = ()
    sections: tuple[PaperSection, ...] = ()
    sources: tuple[PaperSource, ...] = ()
    sources_heading: str = "Bronnen"
    footer: str = ""
    language: str = "nl-NL"


def file_name(title: str, ending: str) -> str:
    """A file name that every system takes: "Afweging: werk of les" becomes "afweging-werk-of-les.docx"."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().casefold()
    return f"{re.sub(r'[^a-z0-9]+', '-', plain).strip('-')[:60] or 'leidraad'}.{ending}"


# -- DOCX ----------------------------------------------------------------------------------------------------


def to_docx(paper: Paper) -> bytes:
    """The paper as a DOCX file, with real headings and lists, so that a screen reader finds its way."""
    document = docx.Document()
    document.core_properties.title = _clean(paper.title)
    document.core_properties.author = "Leidraad"
    document.core_properties.language = paper.language
    _set_language(document, paper.language)
    document.add_heading(_clean(paper.title), level=0)
    for line in paper.meta:
        document.add_paragraph(_clean(line), style="Subtitle")
    for section in paper.sections:
        if section.heading:
            document.add_heading(_clean(section.heading), level=1)
        for text in section.paragraphs:
            document.add_paragraph(_clean(text))
        for item in section.items:
            document.add_paragraph(_clean(item), style="List Bullet")
    if paper.sources:
        document.add_heading(_clean(paper.sources_heading), level=1)
        for number, source in enumerate(paper.sources, start=1):
            cited = document.add_paragraph(f"[{number}] {_clean(source.text)} ")
            if source.url:
                _add_link(cited, source.url)
            if source.quote:
                document.add_paragraph(f"“{_clean(source.quote)}”", style="Quote")
    if paper.footer:
        document.sections[0].footer.paragraphs[0].text = _clean(paper.footer)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _set_language(document: Any, language: str) -> None:
    """Tells word processor and screen reader the language, and sets a readable size."""
    defaults = document.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    spoken = defaults.find(qn("w:lang"))
    if spoken is None:
        spoken = OxmlElement("w:lang")
        defaults.append(spoken)
    spoken.set(qn("w:val"), language)
    document.styles["Normal"].font.size = Pt(11)
    subtitle = document.styles["Subtitle"].font
    subtitle.size, subtitle.italic = Pt(11), False
    link = document.styles.add_style("Hyperlink", WD_STYLE_TYPE.CHARACTER)
    link.font.underline = True


def _add_link(paragraph: Any, url: str) -> None:
    """Adds a link that can be clicked; the library has no call for it."""
    relation = paragraph.part.relate_to(url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), relation)
    run = paragraph.add_run(url, style="Hyperlink")._r
    link.append(run)
    paragraph._p.append(link)


# -- PDF -----------------------------------------------------------------------------------------------------

_INK, _BLUE, _GREY = HexColor("#1b1b1b"), HexColor("#154273"), HexColor("#535353")
_BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=10.5, leading=15, spaceAfter=6, textColor=_INK)
_TITLE = ParagraphStyle(
    "title", parent=_BODY, fontName="Helvetica-Bold", fontSize=18, leading=23, spaceAfter=4, textColor=_BLUE
)
_META = ParagraphStyle("meta", parent=_BODY, fontSize=9.5, leading=13, spaceAfter=1, textColor=_GREY)
_HEADING = ParagraphStyle(
    "heading", parent=_BODY, fontName="Helvetica-Bold", fontSize=12.5, leading=17, spaceBefore=10,
    spaceAfter=3, keepWithNext=1, textColor=_BLUE,
)  # fmt: skip
_QUOTE = ParagraphStyle("quote", parent=_BODY, leftIndent=8 * mm, fontName="Helvetica-Oblique", alignment=TA_LEFT)


def to_pdf(paper: Paper) -> bytes:
    """The paper as a PDF file on A4 with page numbers.

    The standard fonts hold the letters of western Europe. Another letter is written without its accent where it
    has one, else as "?"; the DOCX keeps every letter.
    """
    story: list[Flowable] = [_paragraph(paper.title, _TITLE)]
    story += [_paragraph(line, _META) for line in paper.meta]
    for section in paper.sections:
        if section.heading:
            story.append(_paragraph(section.heading, _HEADING))
        story += [_paragraph(text, _BODY) for text in section.paragraphs]
        if section.items:
            story.append(
                ListFlowable([ListItem(_paragraph(item, _BODY)) for item in section.items], bulletType="bullet")
            )
    if paper.sources:
        story.append(_paragraph(paper.sources_heading, _HEADING))
        for number, source in enumerate(paper.sources, start=1):
            text = f"[{number}] {_marked_up(source.text)}"
            if source.url:
                text += f" <link href={quoteattr(source.url)} color='#154273'>{_marked_up(source.url)}</link>"
            story.append(Paragraph(text, _BODY))
            if source.quote:
                story.append(_paragraph(f"“{source.quote}”", _QUOTE))

    def decorate(canvas: Any, template: Any) -> None:
        canvas.setFont("Helvetica", 8.5)
        canvas.setFillColor(_GREY)
        canvas.drawString(22 * mm, 12 * mm, _printable(paper.footer)[:110])
        canvas.drawRightString(A4[0] - 22 * mm, 12 * mm, f"{template.page}")

    file = io.BytesIO()
    SimpleDocTemplate(
        file, pagesize=A4, title=_printable(paper.title), author="Leidraad", lang=paper.language,
        leftMargin=22 * mm, rightMargin=22 * mm, topMargin=20 * mm, bottomMargin=22 * mm,
    ).build(story, onFirstPage=decorate, onLaterPages=decorate)  # fmt: skip
    return file.getvalue()


def _paragraph(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(_marked_up(text), style)


def _marked_up(text: str) -> str:
    return escape(_printable(text)).replace("\n", "<br/>")


_SIGNS = str.maketrans({"→": "->", "←": "<-", "≥": ">=", "≤": "<=", "‑": "-", "−": "-", "\u202f": " "})


def _printable(text: str) -> str:
    """Text in the letters of the standard fonts."""
    pieces = []
    for letter in _clean(text).translate(_SIGNS):
        try:
            letter.encode("cp1252")
            pieces.append(letter)
        except UnicodeEncodeError:
            base = unicodedata.normalize("NFKD", letter).encode("cp1252", "ignore").decode("cp1252")
            pieces.append(base or ("" if unicodedata.combining(letter) else "?"))
    return "".join(pieces)


def _clean(text: str) -> str:
    """Text without control characters, which neither form can hold; line breaks stay."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]", "", text.replace("\r\n", "\n"))
