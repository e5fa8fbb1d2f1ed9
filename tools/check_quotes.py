"""Asks many questions and looks every quote up in the original files, not in the index.

    python -m tools.check_quotes CORPUS [--index DIR] [--questions FILE]

The originals are read with other tools than the indexer's own readers: law XML by its bare text, PDF page by page
with pdfium, Word and Markdown and text by their plain characters. White space, typographic quotes, marks of
Markdown and the hyphens of words broken at a line's end do not count; every other character does. Exit status 1
when one quote is not found.
"""

from __future__ import annotations

import argparse
import re
import sys
import zipfile
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pypdfium2

from assistant.assistant import Assistant
from assistant.settings import load_settings
from indexer.errors import LeidraadError

QUOTES = str.maketrans("‘’‚‛“”„«»", '\'\'\'\'"""""')


def bare(text: str) -> str:
    """The characters that count."""
    return re.sub(r"[\s\u00ad\u0002\ufffe|*_#`-]+", "", text.translate(QUOTES))


def stands(quote: str, path: Path) -> bool:
    """Whether a quote stands in a file; in a PDF it may go on at the top of the next page."""
    pages = original(path)
    if any(quote in page for page in pages):
        return True
    return any(
        quote[:cut] in one and following.startswith(quote[cut:])
        for one, following in pairwise(pages)
        for cut in range(1, len(quote))
    )


@lru_cache(maxsize=64)
def original(path: Path) -> tuple[str, ...]:
    """The bare text of an original file; of a PDF, of each page."""
    suffix = path.suffix.lower()
    if suffix == ".xml":
        root = ElementTree.parse(path).getroot()
        for parent in list(root.iter()):
            for child in list(parent):
                if child.tag in ("meta-data", "bwb-wijzigingen"):
                    parent.remove(child)
        return (bare("".join(root.itertext())),)
    if suffix == ".pdf":
        document = pypdfium2.PdfDocument(path)
        pages = [page.get_textpage().get_text_range().splitlines() for page in document]
        # Header and page number stand between two halves of a sentence that goes over a page.
        edge = {line for lines in pages for line in lines[:2] + lines[-2:]}
        repeated = {line for line in edge if sum(line in lines for lines in pages) > len(pages) / 2}
        return tuple(
            bare("\n".join(line for line in lines if line not in repeated and not re.fullmatch(r"\s*\d+\s*", line)))
            for lines in pages
        )
    if suffix == ".docx":
        with zipfile.ZipFile(path) as archive:
            return (bare("".join(ElementTree.fromstring(archive.read("word/document.xml")).itertext())),)
    return (bare(path.read_text(encoding="utf-8", errors="replace")),)


def main() -> int:
    """Asks, looks up, tells."""
    parser = argparse.ArgumentParser()
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--index", type=Path)
    parser.add_argument("--questions", type=Path, default=Path(__file__).parent / "quote_questions.txt")
    given = parser.parse_args()
    assistant = Assistant(load_settings(index=given.index))
    try:
        index = assistant.index()
    except LeidraadError as error:
        sys.exit(str(error))
    absent = [source.file for source in index.sources.values() if not (given.corpus / source.file).is_file()]
    if absent:
        sys.exit(
            f"The index was not made from {given.corpus} (it lacks {absent[0]}); run leidraad index --corpus on it."
        )
    questions = [line for line in given.questions.read_text(encoding="utf-8").splitlines() if line.strip()]
    answered = quotes = found = 0
    for question in questions:
        answer = assistant.ask(question)
        answered += answer.status.value == "answered"
        for citation in answer.citations:
            quotes += 1
            path = given.corpus / index.sources[citation.source_id].file
            if stands(bare(citation.quote), path):
                found += 1
            else:
                print(f"NOT FOUND in {path.name} ({citation.locator}): {citation.quote[:160]}")
    print(f"{len(questions)} questions, {answered} answered; {found} of {quotes} quotes stand in the original file")
    index.close()
    return 0 if quotes and found == quotes else 1


if __name__ == "__main__":
    sys.exit(main())
