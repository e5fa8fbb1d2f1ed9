"""The text of a regulation in XML, shared by the readers of national laws (BWB) and municipal rules (CVDR).

Both formats nest the same way: containers with a `kop` (hoofdstuk, paragraaf, …) hold `artikel`, which holds
`lid`, `al`, `lijst` and `table`. Whatever else stands inside an article is written generically, so that no text is
lost or doubled. Lines: one per `al` or list item; table cells are separated by a tab.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from indexer.models import Part, Section, SectionKind

SKIPPED = frozenset(
    "meta-data jcis brondata bwb-inputbestand bwb-wijzigingen redactionele-correcties intitule "
    "citeertitel aanhef wetsluiting officiele-inhoudsopgave regeling-sluiting circulaire-sluiting "
    "preambule slotformulier kop meta owmskern owmsmantel cvdripm nota-toelichting toelichting "
    "inhoudsopgave".split()
)
_INLINE = frozenset(
    "nadruk extref intref inf sup sub redactie tekstcorrectie noot noot.nr noot.al extern-verwijzing "
    "ondtekst datum plaats unl cur cursief onderstreept vet vetcur dossierref noot.lijst i b u a br".split()
)
_LAPSED = re.compile(
    r"^\W*(?:dit (?:artikel|lid|onderdeel) is )?(?:vervallen|gereserveerd)\b[^.]{0,60}\W*$", re.IGNORECASE
)
_NOT_IN_FORCE = frozenset({"vervallen", "nogniet"})
# What the editors put in front of a text that the file itself marks as in force (status "goed").
_SAID_NOT_IN_FORCE = re.compile(
    r"^\W*dit (?:artikel|lid|onderdeel) (?:is nog niet in ?werking getreden|treedt niet meer in werking)\b",
    re.IGNORECASE,
)
_ARTICLES = frozenset({"artikel", "enig-artikel", "wijzig-artikel"})
_CONTAINERS = frozenset(
    "wetgeving wettekst regeling-tekst structuurtekst wet-besluit regeling circulaire circulaire-tekst "
    "verdrag verdragtekst body tekst divisie".split()
)


def local_name(element: Element) -> str:
    """The element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def inline_text(element: Element) -> str:
    """All text inside an element in order, without metadata, white space as single spaces."""
    pieces: list[str] = []

    def gather(inner: Element) -> None:
        pieces.append(inner.text or "")
        for child in inner:
            name = local_name(child)
            if name != "meta-data":
                spaced = name not in _INLINE or name in {"noot", "noot.al", "br"}
                pieces.append(" " if spaced else "")
                gather(child)
                pieces.append(" " if spaced else "")
            pieces.append(child.tail or "")

    gather(element)
    return " ".join("".join(pieces).split())


class Writer:
    """Writes a regulation's reading text and notes where its sections are."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self.sections: list[Section] = []
        self.facts = {"articles": 0, "leden": 0, "lapsed": 0, "annexes": 0}
        self._parts: list[Part] = []

    @property
    def text(self) -> str:
        """What was written so far."""
        return "".join(self._pieces)

    def line(self, text: str) -> None:
        """Writes one line."""
        self._write(text + "\n")

    def _write(self, text: str) -> None:
        self._pieces.append(text)
        self._length += len(text)

    def walk(self, element: Element, path: tuple[str, ...] = (), annex: str = "") -> None:
        """Writes a container: its heading, then everything in it."""
        loose: list[Element] = []
        for child in element:
            name = local_name(child)
            if name in SKIPPED:
                continue
            if name in _ARTICLES:
                self._loose(loose, path, annex)
                self._article(child, path, annex)
            elif name == "bijlage":
                self._loose(loose, path, annex)
                self.facts["annexes"] += 1
                heading = self._heading(child) or "Bijlage"
                self.line(heading)
                self.walk(child, (*path, heading), _short_annex(heading))
            elif _is_container(child):
                self._loose(loose, path, annex)
                heading = self._heading(child)
                if heading:
                    self.line(heading)
                self.walk(child, (*path, heading) if heading else path, annex)
            else:
                loose.append(child)
        self._loose(loose, path, annex)

    def _loose(self, elements: list[Element], path: tuple[str, ...], annex: str) -> None:
        """Text that stands in a container and not in an article."""
        if elements:
            self._section(list(elements), path, locator=annex or (path[-1] if path else ""))
            elements.clear()

    def _article(self, article: Element, path: tuple[str, ...], annex: str) -> None:
        self.facts["articles"] += 1
        heading = self._heading(article)
        number = _number(article)
        self.line(heading or "Artikel")
        lapsed = article.get("status") in _NOT_IN_FORCE or _said_not_in_force(article)
        self.facts["lapsed"] += lapsed
        locator = f"artikel {number}" if number else (heading or "artikel").lower()
        if annex:
            locator = f"{annex}, {locator}"
        place = (*path, heading) if heading else path
        cited = None if annex else (number or None)
        between: list[Element] = []

        def flush() -> None:
            if between:
                self._section(list(between), place, locator=locator, article=cited, lapsed=lapsed)
                between.clear()

        for child in article:
            name = local_name(child)
            if name in {"kop", "meta-data"}:
                continue
            if name == "lid":
                flush()
                self._lid(child, place, locator, cited, lapsed)
            else:
                between.append(child)
        flush()

    def _lid(
        self, lid: Element, path: tuple[str, ...], article_locator: str, article: str | None, lapsed: bool
    ) -> None:
        self.facts["leden"] += 1
        number_element = next((child for child in lid if local_name(child) == "lidnr"), None)
        printed = inline_text(number_element) if number_element is not None else ""
        if printed:
            self._write(f"{printed} ")
        number = printed.rstrip(".").strip()
        content = [child for child in lid if local_name(child) not in {"lidnr", "meta-data"}]
        locator = f"{article_locator}, lid {number}" if number else article_locator
        before = self._length
        self._section(content, path, locator=locator, article=article, lid=number or None, lapsed=lapsed)
        if self._length == before:
            self._write("\n")

    def _section(
        self,
        elements: list[Element],
        path: tuple[str, ...],
        *,
        locator: str,
        article: str | None = None,
        lid: str | None = None,
        lapsed: bool = False,
    ) -> None:
        start = self._length
        self._parts = []
        for element in elements:
            self._block(element, "")
        end = self._length - 1 if self._length > start else start
        text = self.text_between(start, end)
        if not text.strip():
            return
        self.sections.append(
            Section(
                heading_path=path,
                locator=locator,
                article=article,
                lid=lid,
                kind=SectionKind.BODY,
                lapsed=lapsed or bool(_LAPSED.match(text) or _SAID_NOT_IN_FORCE.match(text)),
                parts=tuple(sorted(self._parts, key=lambda part: (part.start, -part.end))),
                start=start,
                end=end,
            )
        )

    def text_between(self, start: int, end: int) -> str:
        """The text from `start` to `end`, looking only at what was written last."""
        pieces: list[str] = []
        at = self._length
        for piece in reversed(self._pieces):
            pieces.append(piece)
            at -= len(piece)
            if at <= start:
                break
        return "".join(reversed(pieces))[start - at : end - at]

    def _block(self, element: Element, label: str) -> None:
        """Writes one block element on lines of its own; whatever is not known is written in document order."""
        name = local_name(element)
        if name == "meta-data":
            return
        if name == "lijst":
            for child in element:
                self._block(child, label)
        elif name == "li":
            self._item(element, label)
        elif name == "row":
            cells = [inline_text(entry) for entry in element if local_name(entry) != "meta-data"]
            self.line("\t".join(cells))
        elif not len(element) or all(local_name(child) in _INLINE | {"meta-data"} for child in element):
            text = inline_text(element)
            if text:
                self.line(text)
        else:
            if (element.text or "").strip():
                self.line(" ".join((element.text or "").split()))
            for child in element:
                self._block(child, label)
                if (child.tail or "").strip():
                    self.line(" ".join((child.tail or "").split()))

    def _item(self, item: Element, outer: str) -> None:
        start = self._length
        # The label is an element in national laws and an attribute in municipal rules.
        labels = [inline_text(child) for child in item if local_name(child) == "li.nr"]
        printed = " ".join(labels) or item.get("nr", "").strip()
        self._write(printed + " " if printed else "")
        own = printed.rstrip(".").strip(" –-•")
        label = f"{outer}, {own}" if outer and own else own or outer
        content = [child for child in item if local_name(child) not in {"li.nr", "meta-data"}]
        if not content:
            self._write("\n")
        for child in content:
            self._block(child, label)
        self._parts.append(Part(label=label, start=start, end=max(start, self._length - 1)))

    def _heading(self, element: Element) -> str:
        """The heading of a container or article: 'Hoofdstuk 2. De inburgeringsplicht'."""
        kop = next((child for child in element if local_name(child) == "kop"), None)
        if kop is None:
            return ""
        named = {local_name(child): inline_text(child) for child in kop}
        order = [local_name(child) for child in kop if local_name(child) in {"label", "nr"}]
        front = " ".join(named[name] for name in order if named[name])
        title = named.get("titel", "") or named.get("subtitel", "")
        if front and title:
            return f"{front.rstrip('.')}. {title}"
        return front or title or inline_text(kop)


def _is_container(element: Element) -> bool:
    return local_name(element) in _CONTAINERS or any(local_name(child) in {"kop", *_ARTICLES} for child in element)


def _said_not_in_force(article: Element) -> bool:
    """Whether an article opens with the editors' words that it is not, or no longer, to come into force."""
    first = next((child for child in article if local_name(child) not in {"kop", "meta-data"}), None)
    return first is not None and local_name(first) == "al" and bool(_SAID_NOT_IN_FORCE.match(inline_text(first)))


def _number(article: Element) -> str:
    kop = next((child for child in article if local_name(child) == "kop"), None)
    if kop is None:
        return ""
    number = next((inline_text(child) for child in kop if local_name(child) == "nr"), "")
    return number.rstrip(".").strip()


def _short_annex(heading: str) -> str:
    match = re.match(r"(?i)(bijlage|lijst|tabel)\b(\s*[\w.]*?)\.?(?:\s|$)", heading)
    return (match.group(1).lower() + match.group(2) if match else heading[:1].lower() + heading[1:]).strip()
