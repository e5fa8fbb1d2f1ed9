"""Every law through the reader, compared with the XML itself: no article, lid or word lost or doubled.

    python -m tools.check_laws LAWS.tar.xz        (or a folder of XML files)

Counts articles and leden straight in the XML, and compares the words of the whole reading text with the words of
the XML in document order (a full stop after a number is the reader's own and does not count). Exit status 1 on
any difference.
"""

from __future__ import annotations

import difflib
import sys
import tarfile
import tempfile
import time
from pathlib import Path
from xml.etree import ElementTree

from indexer.errors import LeidraadError
from indexer.models import Document, Source
from indexer.readers import bwb

# Elements inside a sentence: no white space around them.
INLINE = {"nadruk", "extref", "intref", "inf", "sup", "redactie", "tekstcorrectie", "dossierref", "noot.nr"}
# What is not the text of the law itself.
OUTSIDE = {
    "meta-data",
    "aanhef",
    "preambule",
    "wetsluiting",
    "regeling-sluiting",
    "circulaire-sluiting",
    "intitule",
    "citeertitel",
    "officiele-inhoudsopgave",
}
ARTICLES = {"artikel", "enig-artikel", "wijzig-artikel"}


def xml_words(root: ElementTree.Element) -> list[str]:
    """The words of a law in document order, headings included."""
    pieces: list[str] = []

    def gather(element: ElementTree.Element) -> None:
        gap = "" if element.tag in INLINE else " "
        pieces.append(gap + (element.text or ""))
        for child in element:
            if child.tag not in OUTSIDE:
                gather(child)
            pieces.append(child.tail or "")
        pieces.append(gap)

    gather(root)
    return plain("".join(pieces))


def plain(text: str) -> list[str]:
    """Words without the full stop behind them."""
    return [word for word in (raw.rstrip(".") for raw in text.split()) if word]


def top_articles(element: ElementTree.Element) -> list[ElementTree.Element]:
    """Articles of the law itself, not those quoted inside another article."""
    found: list[ElementTree.Element] = []
    for child in element:
        if child.tag in ARTICLES:
            found.append(child)
        elif child.tag not in OUTSIDE:
            found.extend(top_articles(child))
    return found


def compare(path: Path, document: Document) -> tuple[dict[str, int], list[str]]:
    """Figures of one law and what differs."""
    root = next(ElementTree.parse(path).getroot().iter("wetgeving"))
    articles = top_articles(root)
    leden = sum(sum(child.tag == "lid" for child in article) for article in articles)
    problems = []
    for name, counted in (("articles", len(articles)), ("leden", leden)):
        if document.facts[name] != counted:
            problems.append(f"{document.facts[name]} {name} read, {counted} in the XML")
    expected, got = xml_words(root), plain(document.text.split("\n", 1)[1])
    if expected != got:
        for tag, a, b, c, d in difflib.SequenceMatcher(None, expected, got, autojunk=False).get_opcodes():
            if tag != "equal":
                problems.append(f"XML has '{' '.join(expected[a:b])[:80]}', read was '{' '.join(got[c:d])[:80]}'")
    in_sections = "".join(document.text[s.start : s.end] + " " for s in document.sections)
    return {
        "articles": len(articles),
        "leden": leden,
        "words": len(expected),
        "in sections": len(in_sections.split()),
    }, problems


def main(arguments: list[str]) -> int:
    """Checks every law named and prints the totals."""
    if len(arguments) != 1 or not Path(arguments[0]).exists():
        print("usage: python -m tools.check_laws LAWS.tar.xz|FOLDER", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(arguments[0])
        if folder.is_file():
            with tarfile.open(folder) as archive:
                archive.extractall(temporary, filter="data")
            folder = Path(temporary)
        files = sorted(folder.rglob("*.xml"))
        totals: dict[str, int] = {}
        errors = differing = 0
        reading = 0.0
        started = time.perf_counter()
        for path in files:
            before = time.perf_counter()
            try:
                document = bwb.read(path, Source(file=path.name, sha256="", **bwb.describe(path)))
            except LeidraadError as error:
                errors += 1
                print(f"ERROR {error}")
                continue
            reading += time.perf_counter() - before
            figures, problems = compare(path, document)
            for name, value in figures.items():
                totals[name] = totals.get(name, 0) + value
            differing += bool(problems)
            for problem in problems[:5]:
                print(f"{path.name}: {problem}")
        counted = ", ".join(f"{value} {name}" for name, value in totals.items())
        print(f"{len(files)} laws: {counted}; {errors} errors, {differing} laws that differ")
        print(f"read in {reading:.1f} s, read and compared in {time.perf_counter() - started:.1f} s")
        return 1 if errors or differing or not files else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
