"""National laws as the state publishes them: the XML of the Basiswettenbestand (root element `toestand`)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree.ElementTree import Element

from indexer.errors import ReadError
from indexer.laws import BWB_ID, known_laws
from indexer.models import Binding, Document, Kind, Source
from indexer.readers.guards import first_elements, parse_xml
from indexer.readers.law_xml import Writer, inline_text, local_name

_LAWS = frozenset({"wet", "rijkswet", "verdrag", "grondwet"})


def describe(path: Path) -> dict[str, Any]:
    """What the file tells: id, title, version date, how binding. Raises `ReadError` when it is no law."""
    root: Element | None = None
    wetgeving: Element | None = None
    title = intitule = None
    for element in first_elements(path):
        name = local_name(element)
        if root is None:
            root = element
        elif name == "wetgeving":
            wetgeving = element
        elif name == "citeertitel":
            title = title or element
        elif name == "intitule":
            intitule = intitule or element
        elif name in {"wet-besluit", "wettekst", "regeling", "circulaire", "verdrag"}:
            break
    if root is None or local_name(root) != "toestand":
        raise ReadError(path, "is XML, but no law (BWB)")
    work = root.get("bwb-id", "")
    if not BWB_ID.match(work):
        raise ReadError(path, f"is a law without a valid BWB id ('{work}')")
    try:
        valid_from = date.fromisoformat(root.get("inwerkingtreding", ""))
    except ValueError as error:
        raise ReadError(path, "is a law that does not say since when it holds (inwerkingtreding)") from error
    name = next((t for e in (title, intitule) if e is not None and (t := inline_text(e))), work)
    binding = Binding.LAW if wetgeving is None or wetgeving.get("soort", "wet").lower() in _LAWS else Binding.RULE
    fields: dict[str, Any] = {
        "id": f"{work}@{valid_from.isoformat()}",
        "work": work,
        "title": name.rstrip("."),
        "kind": Kind.LAW,
        "binding": binding,
        "valid_from": valid_from,
        "language": "nl",
        "publisher": "Overheid.nl",
        "url": f"https://wetten.overheid.nl/{work}",
        "licence": "geen auteursrecht (Auteurswet, artikel 11)",
    }
    if law := known_laws().get(work):
        fields |= {"title": law.title, "short_title": law.short_title, "regime": law.regime}
    return fields


def read(path: Path, source: Source) -> Document:
    """The law's articles and leden, each a section. Raises `ReadError` when there is no text of a law in it."""
    root = parse_xml(path)
    if local_name(root) != "toestand":
        raise ReadError(path, "is XML, but no law (BWB)")
    writer = Writer()
    writer.line(source.title)
    writer.walk(root)
    if not writer.sections:
        raise ReadError(path, "is a law without any article in it")
    return Document(source=source, text=writer.text, sections=tuple(writer.sections), facts=writer.facts)


def article_url(work: str, article: str, lid: str | None = None) -> str:
    """The address at which an article of a national law can be read, in the version of today."""
    tail = f"&lid={quote(lid)}" if lid else ""
    return f"https://wetten.overheid.nl/jci1.3:c:{work}&artikel={quote(article, safe=':')}{tail}"
