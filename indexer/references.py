"""What a text refers to: "bedoeld in artikel 14, tweede lid", "(artikel 7.1 Besluit inburgering 2021)", "(…, p. 22)".

In a law, an article is one of that law unless another is named after it; elsewhere the law must be named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from indexer.laws import known_laws
from indexer.models import Document, Frozen, Kind, Passage

_LIDS = "eerste tweede derde vierde vijfde zesde zevende achtste negende tiende elfde twaalfde dertiende".split()
_ORDINAL = rf"(?:{'|'.join(_LIDS)})"
_REFERENCE = re.compile(
    r"(?i)\bartikel(?:en)?\s+(?P<article>\d+[a-z]{0,2}(?:[.:]\d+[a-z]?)?)(?![\w:])"
    rf"(?:,?\s+(?:(?P<ordinals>{_ORDINAL}(?:(?:,\s|\sen\s|\sof\s|\stot en met\s){_ORDINAL})*)\s+lid"
    r"|lid\s+(?P<lid>\d+[a-z]?)))?"
)
_NEXT_REFERENCE = re.compile(r"(?i)\bartikel|[;)]|\.\s")
_END = re.compile(r"[;)]|\.\s")
_OTHER_LAW = re.compile(r"^[^.;]{0,60}?\bvan\s+(?:de|het)\s+(?=[A-Z])")
_WINDOW = 120
_PAGES = re.compile(r"\bp\.\s?(?P<pages>\d+(?:(?:,\s|\sen\s|[-–])\d+)*)")


class Reference(Frozen):
    """An article of a law (by its official id), or the leden of it that are named."""

    work: str
    article: str
    leden: tuple[str, ...] = ()


class LawNames:
    """The names by which laws are referred to: the known ones, and the titles of those that are indexed."""

    def __init__(self, titles: Mapping[str, str]) -> None:
        """`titles` are official ids by title."""
        names = {name: work for work, law in known_laws().items() for name in (law.title, law.short_title) if name}
        self._works = {**titles, **names}
        # "Wet inburgering" is also the beginning of "Wet inburgering 2021".
        longest = sorted(self._works, key=len, reverse=True)
        self._pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, longest))})(?!\w)") if longest else None

    def first_in(self, text: str) -> str | None:
        """The id of the first law named in a text."""
        found = self._pattern.search(text) if self._pattern else None
        return self._works[found.group()] if found else None


def find_references(text: str, names: LawNames, own: str | None = None) -> Iterator[Reference]:
    """The references of a text, in its order. `own` is the id of the law that the text is from, if it is one."""
    for match in _REFERENCE.finditer(text):
        after = text[match.end() : match.end() + _WINDOW]
        stop = (_NEXT_REFERENCE if own else _END).search(after)
        near = after[: stop.start()] if stop else after
        work = names.first_in(near) or (own if not _OTHER_LAW.match(near) else None)
        if work is not None:
            yield Reference(work=work, article=match["article"], leden=_leden(match))


def links(documents: Sequence[Document], passages: Iterable[Passage]) -> Iterator[tuple[str, str, str, str | None]]:
    """The places of laws that each passage refers to: passage id, work, article, lid; a row for each lid named."""
    names = LawNames({d.source.title: d.source.work for d in documents if d.source.kind is Kind.LAW})
    for passage in passages:
        own = passage.work if passage.kind is Kind.LAW else None
        for reference in merged(find_references(passage.text, names, own)):
            for lid in reference.leden or (None,):
                yield passage.id, reference.work, reference.article, lid


def _leden(match: re.Match[str]) -> tuple[str, ...]:
    if match["lid"]:
        return (match["lid"],)
    if not match["ordinals"]:
        return ()
    said = match["ordinals"].lower()
    numbers = [_LIDS.index(word) + 1 for word in re.findall(_ORDINAL, said)]
    if "tot en met" in said and len(numbers) == 2:
        numbers = list(range(numbers[0], numbers[1] + 1))
    return tuple(map(str, numbers))


def merged(references: Iterable[Reference]) -> tuple[Reference, ...]:
    """One reference an article, in order, with all leden that are named; an article named whole stays whole."""
    found: dict[tuple[str, str], Reference] = {}
    for reference in references:
        key = (reference.work, reference.article)
        before = found.get(key)
        if before is None:
            found[key] = reference
        else:
            whole = not (before.leden and reference.leden)
            leden = () if whole else tuple(dict.fromkeys((*before.leden, *reference.leden)))
            found[key] = before.model_copy(update={"leden": leden})
    return tuple(found.values())


def find_pages(text: str) -> tuple[str, ...]:
    """The pages that a text names behind "p.", in order: "p. 21, 22 en 23", "p. 4-6"."""
    found: dict[str, None] = {}
    for match in _PAGES.finditer(text):
        numbers = [int(number) for number in re.findall(r"\d+", match["pages"])]
        if re.search(r"[-–]", match["pages"]) and len(numbers) == 2 and 0 < numbers[1] - numbers[0] < _WINDOW:
            numbers = list(range(numbers[0], numbers[1] + 1))
        found.update(dict.fromkeys(map(str, numbers)))
    return tuple(found)
