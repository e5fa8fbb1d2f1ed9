"""Puts a reading text together from headings and paragraphs, and notes where its sections are."""

from __future__ import annotations

from indexer.models import Section, SectionKind


class TextBuilder:
    """Writes headings and paragraphs, one a line; sections lie between headings (and between pages)."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._headings: list[tuple[int, str]] = []
        self._open: int | None = None
        self._page: tuple[str, int] | None = None
        self.sections: list[Section] = []

    @property
    def text(self) -> str:
        """What was written so far."""
        return "".join(self._pieces)

    def heading(self, text: str, level: int) -> None:
        """A heading of a level (1 is the highest); ends the section before it."""
        self.end_section()
        while self._headings and self._headings[-1][0] >= level:
            self._headings.pop()
        self._headings.append((level, text))
        self._line(text)

    def page(self, label: str, index: int) -> None:
        """What follows stands on this page."""
        self.end_section()
        self._page = (label, index)

    def paragraph(self, text: str) -> None:
        """A paragraph or list item."""
        if self._open is None:
            self._open = self._length
        self._line(text)

    def continue_paragraph(self, text: str, glue: str = " ") -> None:
        """More of the paragraph that was written last, after a page break."""
        if not self._pieces:
            self.paragraph(text)
            return
        # The line break becomes the glue, so the sentence stays one run.
        self._pieces[-1] = self._pieces[-1][:-1]
        self._length -= 1
        if self._open is None:
            self._open = self._length
        self._pieces.append(glue + text + "\n")
        self._length += len(glue) + len(text) + 1

    def section(self, lines: list[str], kind: SectionKind, locator: str | None = None) -> None:
        """A section of its own, such as a table or a footnote."""
        self.end_section()
        for line in lines:
            self.paragraph(line)
        self.end_section(kind, locator)

    def end_section(self, kind: SectionKind = SectionKind.BODY, locator: str | None = None) -> None:
        """Ends the section that is open, if one is."""
        start, self._open = self._open, None
        if start is None:
            return
        path = tuple(text for _, text in self._headings)
        page, index = self._page or (None, None)
        default = f"p. {page}" if page is not None else (path[-1] if path else "")
        self.sections.append(
            Section(
                heading_path=path,
                locator=default if locator is None else locator,
                page=page,
                page_index=index,
                kind=kind,
                start=start,
                end=self._length - 1,
            )
        )

    def _line(self, text: str) -> None:
        self._pieces.append(text + "\n")
        self._length += len(text) + 1
