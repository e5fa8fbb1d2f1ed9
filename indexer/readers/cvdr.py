"""Municipal rules from the national collection of local regulations: CVDR XML."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from indexer.errors import ReadError
from indexer.models import Binding, Document, Kind, Source
from indexer.readers.guards import first_elements, parse_xml
from indexer.readers.law_xml import Writer, inline_text, local_name

_ID = re.compile(r"CVDR\d+")


def describe(path: Path) -> dict[str, Any]:
    """What the file tells: id, title, municipality, since and until when. Raises `ReadError` when it is no CVDR."""
    found: dict[str, Element] = {}
    root: Element | None = None
    for element in first_elements(path):
        name = local_name(element)
        root = element if root is None else root
        found.setdefault(name, element)
        if name == "body":
            break
    if root is None or not is_cvdr(root):
        raise ReadError(path, "is XML, but no municipal rule (CVDR)")

    def text(name: str) -> str:
        return inline_text(found[name]) if name in found else ""

    identifier = _ID.search(text("identifier") or path.stem)
    if identifier is None:
        raise ReadError(path, "is a municipal rule without a CVDR id")
    work = identifier.group()
    valid_from, valid_to = _day(text("inwerkingtredingDatum")), _day(text("uitwerkingtredingDatum"))
    return {
        "id": f"{work}@{valid_from.isoformat()}" if valid_from else work,
        "work": work,
        "title": text("title") or work,
        "kind": Kind.LOCAL,
        "binding": Binding.LOCAL,
        "publisher": text("creator"),
        "language": text("language") or "nl",
        "valid_from": valid_from,
        "valid_to": valid_to,
        "url": f"https://lokaleregelgeving.overheid.nl/{work}",
        "licence": "geen auteursrecht (Auteurswet, artikel 11)",
    }


def is_cvdr(root: Element) -> bool:
    """Whether an XML root is that of a municipal rule."""
    return local_name(root) == "cvdr" or "cvdr" in str(root.tag).partition("}")[0].lower()


def read(path: Path, source: Source) -> Document:
    """The rule's articles and leden, each a section. Raises `ReadError` when there is no text in it."""
    root = parse_xml(path)
    if not is_cvdr(root):
        raise ReadError(path, "is XML, but no municipal rule (CVDR)")
    writer = Writer()
    writer.line(source.title)
    body = next((element for element in root.iter() if local_name(element) == "body"), root)
    writer.walk(body)
    if not writer.sections:
        raise ReadError(path, "is a municipal rule without any text in it")
    return Document(source=source, text=writer.text, sections=tuple(writer.sections), facts=writer.facts)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
