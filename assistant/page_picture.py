"""A page of a PDF as a picture, with a quote marked on it."""

from __future__ import annotations

import io
import threading
import unicodedata
from pathlib import Path

import pypdfium2
from PIL import Image, ImageDraw

from indexer.files import file_hash
from indexer.models import Frozen, Source

_PDFIUM = threading.Lock()
"""PDFium is not safe to use from several threads at once."""

_SCALE = 2.0
_MARK = (255, 233, 154)
_SHORTEST = 24
"""Letters; a shorter piece of a quote that runs on to another page could stand anywhere."""


class PagePicture(Frozen):
    """A page as PNG. `marked` tells whether the quote was found on it; `pages` how many the file has."""

    png: bytes
    marked: bool
    pages: int


def original(corpus: Path, source: Source) -> Path | None:
    """The file that a source was indexed from; None when it is gone or is no longer the same."""
    path = corpus / source.file
    try:
        return path if file_hash(path) == source.sha256 else None
    except OSError:
        return None


def page_picture(path: Path, page_index: int, quote: str = "") -> PagePicture | None:
    """A page (zero-based) of a PDF, with as much of the quote marked as stands on it.

    None for a file or page that cannot be drawn: the passage is then read as text.
    """
    try:
        with _PDFIUM:
            return _draw(path, page_index, quote)
    except (pypdfium2.PdfiumError, OSError, IndexError):
        return None


def _draw(path: Path, page_index: int, quote: str) -> PagePicture:
    pdf = pypdfium2.PdfDocument(path)
    try:
        if not 0 <= page_index < len(pdf):
            raise IndexError(page_index)
        page = pdf[page_index]
        picture = page.render(scale=_SCALE).to_pil().convert("RGB")
        text = page.get_textpage()
        boxes = []
        span = _span(text.get_text_range(), quote)
        if span:
            text.count_rects(span[0], span[1] - span[0])
            boxes = [text.get_rect(number) for number in range(text.count_rects(span[0], span[1] - span[0]))]
            picture = _marked(picture, boxes, page.get_height())
        out = io.BytesIO()
        picture.save(out, "PNG", optimize=True)
        return PagePicture(png=out.getvalue(), marked=bool(boxes), pages=len(pdf))
    finally:
        pdf.close()


def _marked(picture: Image.Image, boxes: list[tuple[float, float, float, float]], height: float) -> Image.Image:
    """The picture as if a highlighter went over these boxes (PDF points, from the bottom left)."""
    ink = Image.new("RGB", picture.size, (255, 255, 255))
    draw = ImageDraw.Draw(ink)
    for left, bottom, right, top in boxes:
        draw.rectangle(
            (left * _SCALE - 2, (height - top) * _SCALE - 2, right * _SCALE + 2, (height - bottom) * _SCALE + 2),
            fill=_MARK,
        )
    from PIL import ImageChops

    return ImageChops.multiply(picture, ink)


def _span(page: str, quote: str) -> tuple[int, int] | None:
    """Where a quote stands in a page's own text: first character and one past the last.

    White space, hyphens and the shape of letters (ligatures, curly quotes) are passed over. A quote that began on the
    page before, or runs on to the next, is found by the part that stands here.
    """
    letters, places = _bare(page)
    wanted, _ = _bare(quote)
    if not wanted:
        return None
    at = letters.find(wanted)
    if at >= 0:
        return places[at], places[at + len(wanted) - 1] + 1
    for length in range(len(wanted) - 1, _SHORTEST - 1, -1):
        at = letters.find(wanted[:length])
        if at >= 0:
            return places[at], places[at + length - 1] + 1
        at = letters.find(wanted[-length:])
        if at >= 0:
            return places[at], places[at + length - 1] + 1
    return None


def _bare(text: str) -> tuple[str, list[int]]:
    """The letters, digits and symbols of a text, and the place of each."""
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for letter in unicodedata.normalize("NFKD", character).casefold():
            if letter.isalnum() or letter in "€%§":
                letters.append(letter)
                places.append(place)
    return "".join(letters), places
