"""Reading guides and the texts they rest on, for the tests of the corpus.

The official files are read here by a few lines of their own, independent of the indexer's reader, so that a
mistake there does not hide a mistake in a guide.
"""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from defusedxml.ElementTree import parse
from pypdf import PdfReader

CORPUS = Path(__file__).resolve().parents[2] / "corpus"
GUIDES = sorted((CORPUS / "guides").glob("*.md"))
LEARN = "learn-technische-aanbevelingen"
RUN = 12  # as many shared words in a row count as copied

MONTHS = "januari februari maart april mei juni juli augustus september oktober november december".split()
_SMALL = (
    "nul een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien "
    "zeventien achttien negentien twintig"
)
_TENS = "tien twintig dertig veertig vijftig zestig zeventig tachtig negentig honderd"
WORDS = {
    **{word: str(n) for n, word in enumerate(_SMALL.split())},
    **{word: str(10 * n) for n, word in enumerate(_TENS.split(), start=1)},
    "duizend": "1000",
    "anderhalf": "1.5",
}
UNITS = {
    **dict.fromkeys(("jaar", "jaren", "berekeningsjaar"), "jaar"),
    **dict.fromkeys(("maand", "maanden", "kalendermaanden"), "maand"),
    **dict.fromkeys(("week", "weken"), "week"),
    **dict.fromkeys(("dag", "dagen"), "dag"),
    **dict.fromkeys(("uur", "uren", "cursusuren"), "uur"),
    **dict.fromkeys(("%", "procent"), "procent"),
    **dict.fromkeys(("€", "euro"), "euro"),
}
_LIDS = "eerste tweede derde vierde vijfde zesde zevende achtste negende tiende elfde twaalfde dertiende"
ORDINALS = {word: str(n) for n, word in enumerate(_LIDS.split(), start=1)}
WORKS = {
    "Wet inburgering 2021": "BWBR0044770",
    "Wi2021": "BWBR0044770",
    "Besluit inburgering 2021": "BWBR0045555",
    "Wet inburgering": "BWBR0020611",
    "Wi2013": "BWBR0020611",
    "Participatiewet": "BWBR0015703",
    "Algemene wet bestuursrecht": "BWBR0005537",
    "Awb": "BWBR0005537",
    "Vreemdelingenwet 2000": "BWBR0011823",
    "Huisvestingswet 2014": "BWBR0035303",
    "Wet kinderopvang": "BWBR0017017",
}
DATE = re.compile(rf"\b\d{{1,2}} (?:{'|'.join(MONTHS)})(?: \d{{4}})?\b")
# Names that hold a digit and are no number.
NAMES = re.compile(
    r"\b(?:(?:B1|Z)-route|Wi20(?:13|21)|20(?:13|21)-regime|(?:Wet|Besluit) inburgering 20(?:13|21)|"
    r"(?:regime|stelsel) van 20(?:13|21)|Leerplichtwet 1969|Vreemdelingen(?:wet|besluit) 2000|"
    r"Huisvestingswet 2014|Wet voortgezet onderwijs 2020|NT2|[ABC][12]|[12][FS])\b"
)
ARTICLE = r"\d+[a-z]*(?:[.:]\d+[a-z]*)?"
_ORD = rf"\b(?:{'|'.join(ORDINALS)})\b"
_LID = rf"(?:{_ORD})(?:(?:, | en | of | tot en met )(?:{_ORD}))* lid|lid \d+"
_PART = r"(?:, (?:aanhef en )?onderdeel(?:en)? [a-z](?:(?:, | en | of )[a-z]\b)*)?"
_ITEM = rf"{ARTICLE}(?:,? (?:{_LID}){_PART}(?:(?:,? en) (?:{_LID}){_PART})?)?{_PART}"
REFERENCE = re.compile(rf"\b[Aa]rtikel(?:en)? ({_ITEM}(?:(?:,? en |,? of | tot en met |, )(?:artikel )?{_ITEM})*)")
LAW_AFTER = re.compile(
    rf"(?:(?!artikel)[^.;:()]){{0,60}}?\b({'|'.join(sorted(map(re.escape, WORKS), key=len, reverse=True))})\b"
)


class Article(NamedTuple):
    text: str
    leden: frozenset[str]


class Fact(NamedTuple):
    """A number with what it counts; an empty unit where it counts none of the units we know."""

    number: str
    unit: str


# -- reading the sources -------------------------------------------------------------------------------------


def _flat(element: Any) -> str:
    """The text of an element without its numbering, which would pass for numbers that the law states."""
    if element.tag in {"meta-data", "kop", "lidnr", "li.nr"}:
        return element.tail or ""
    own = (element.text or "") + "".join(_flat(child) for child in element)
    return f"{own} {element.tail or ''}"


def read_law(file: Any) -> dict[str, Article]:
    """The articles of an official law file by number."""
    articles: dict[str, Article] = {}
    root = parse(file).getroot()
    assert root is not None
    for element in root.iter("artikel"):
        number = element.findtext("kop/nr")
        if number and number.strip() not in articles:
            leden = frozenset(lid.findtext("lidnr", "").strip().rstrip(".") for lid in element.findall("lid"))
            articles[number.strip()] = Article(" ".join(_flat(element).split()), leden)
    return articles


class Library:
    """The real texts: every version of every law at hand by BWB id, and the pages of the LEARN text."""

    def __init__(self, folder: Path) -> None:
        self.archive = folder.parent / "laws-large" / "laws.tar.xz"
        self.files: dict[str, dict[str, Any]] = {}
        for path in sorted((folder / "laws").glob("*.xml")):
            bwb, version, _ = path.stem.split("_")
            self.files.setdefault(bwb, {})[version] = path
        reader = PdfReader(folder / "learn" / f"{LEARN}.pdf")
        labels = reader.page_labels
        self.pages = {label: page.extract_text() for label, page in zip(labels, reader.pages, strict=True)}
        self.learn = (folder / "learn" / f"{LEARN}.txt").read_text(encoding="utf-8")
        self._from_archive({work for guide in GUIDES for work in works_of(guide)} | {"BWBR0015703", "BWBR0011823"})

    def _from_archive(self, works: set[str]) -> None:
        if not self.archive.is_file():
            return
        with tarfile.open(self.archive) as archive:
            for member in archive:
                bwb, version = (*Path(member.name).stem.split("_"), "")[:2]
                if bwb in works and (data := archive.extractfile(member)):
                    self.files.setdefault(bwb, {}).setdefault(version, io.BytesIO(data.read()))

    @cache  # noqa: B019 - one library lives as long as the test run
    def versions(self, work: str) -> dict[str, dict[str, Article]]:
        return {version: read_law(file) for version, file in self.files.get(work, {}).items()}

    def articles(self, work: str, number: str) -> list[Article]:
        """The article in each version of the law that has it, newest first."""
        found = sorted(self.versions(work).items(), reverse=True)
        return [articles[number] for _, articles in found if number in articles]

    def article(self, work: str, number: str) -> Article | None:
        return next(iter(self.articles(work, number)), None)

    def support(self, based_on: Iterable[dict[str, Any]]) -> str:
        """All that the named articles and pages say, and from when the named versions hold."""
        texts: list[str] = []
        for entry in based_on:
            texts += [self.pages.get(page, "") for page in entry.get("pages", [])]
            texts += [a.text for number in entry.get("articles", []) if (a := self.article(entry["source"], number))]
            texts += [spoken(version) for version in self.files.get(entry["source"], {})]
        return "\n".join(texts)

    @cache  # noqa: B019
    def runs(self) -> frozenset[tuple[str, ...]]:
        """Every run of twelve words in any source."""
        laws = (a.text for work in self.files for version in self.versions(work).values() for a in version.values())
        return frozenset(run for text in (*laws, self.learn, *self.pages.values()) for run in runs(text))


# -- reading a guide -----------------------------------------------------------------------------------------


@cache
def read_guide(path: Path) -> tuple[dict[str, Any], str]:
    """Front matter and body of a guide."""
    match = re.match(r"---\n(.*?)\n---\n(.*)", path.read_text(encoding="utf-8"), re.DOTALL)
    assert match, f"{path.name} has no front matter between lines of ---"
    return yaml.safe_load(match[1]), match[2].strip()


def works_of(path: Path) -> set[str]:
    return {entry["source"] for entry in read_guide(path)[0].get("based_on") or []}


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def runs(text: str) -> Iterator[tuple[str, ...]]:
    found = words(text)
    return (tuple(found[i : i + RUN]) for i in range(len(found) - RUN + 1))


def spoken(version: str) -> str:
    """A version's day as it is written: '2022-01-01' becomes '1 januari 2022'."""
    day = date.fromisoformat(version)
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def facts(text: str) -> set[Fact]:
    """The numbers of a text with their units; names, article references and list markers are none."""
    text = re.sub(r"^\s*\d+\.\s", " ", text, flags=re.MULTILINE)
    text = DATE.sub(" ", text)  # a date is checked as a whole
    text = NAMES.sub(" ", REFERENCE.sub(" ", text))
    text = re.sub(rf"\b(?:{_LID})\b", " ", re.sub(r"[*_`#>|]", " ", text))
    text = re.sub(r"(?<=\d)[. \u00a0](?=\d{3}(?!\d))", "", text)
    tokens = re.findall(r"\d+(?:[.,]\d+)?|€|%|[^\W\d]+", text.casefold().replace("één", "een"))
    found: set[Fact] = set()
    for at, token in enumerate(tokens):
        number = WORDS.get(token, token if token[0].isdigit() else None)
        if number is None:
            continue
        number = number.replace(",", ".")
        nearby = ["€"] if at and tokens[at - 1] == "€" else tokens[at + 1 : at + 4]
        unit = next((UNITS[word] for word in nearby if word in UNITS), "")
        if token != "een" or (unit and nearby[0] in UNITS):
            found.add(Fact(number, unit))
    return found


def dates(text: str) -> set[str]:
    return set(DATE.findall(text.casefold()))


def references(text: str) -> Iterator[tuple[str, frozenset[str], str | None]]:
    """Article numbers with the leden that are named, and the law where it is named within the same clause."""
    flat = re.sub(r"[*_`]", "", " ".join(text.split()))
    for match in REFERENCE.finditer(flat):
        law = LAW_AFTER.match(flat, match.end())
        for item in re.finditer(rf"(?:^|, | )({ARTICLE})((?:,? (?:{_LID}))?{_PART}(?:,? en (?:{_LID}))?)", match[1]):
            leden = {ORDINALS[word] for word in re.findall(_ORD, item[2])} if " lid" in item[2] else set()
            leden |= set(re.findall(r"lid (\d+)", item[2]))
            yield item[1], frozenset(leden), WORKS[law[1]] if law else None
