"""Writes into the plain-words layer the hash of each article's text it was written from: make stamp-plain.

A stamp says "a person compared this place with this text". Run it after writing places or after looking at the
ones that `leidraad status` names as changed, never before. FOLDER (default ../shared/sources) holds the laws.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from assistant.settings import ROOT
from indexer import readers
from indexer.models import Document
from indexer.plain import GAPS, article_hash, layer_files, read_places
from indexer.sources import discover

_ARTICLE = re.compile(r'^article = "([^"]+)"$')
_HASH = re.compile(r"^hash = ")


def main() -> None:
    """Stamps every article place whose law version is in one of the folders."""
    folders = [Path(name) for name in sys.argv[1:]] or [ROOT.parent / "shared" / "sources"]
    documents: dict[str, Document] = {}
    files = [path for path in layer_files([ROOT / "corpus" / "plain"]) if path.name != GAPS]
    works = {place.work for path in files for place in read_places(path) if place.article}
    for folder in folders:
        for source in discover(folder)[0]:
            if source.work in works:
                documents.setdefault(source.id, readers.read(folder / source.file, source))
    for path in files:
        stamped = _stamped(path, documents)
        if stamped:
            print(f"{path.name}: {stamped} articles stamped")


def _stamped(path: Path, documents: dict[str, Document]) -> int:
    hashes: list[str] = []
    for place in read_places(path):
        document = documents.get(f"{place.work}@{place.version}")
        whole = place.article and not (place.lid or place.onderdeel)
        hashes.append(article_hash(document, place.article or "") if whole and document else "")
    lines: list[str] = []
    number = -1
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() == "[[place]]":
            number += 1
        if _HASH.match(line) and hashes[number]:
            continue
        lines.append(line)
        if _ARTICLE.match(line) and hashes[number]:
            lines.append(f'hash = "{hashes[number]}"')
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return sum(map(bool, hashes))


if __name__ == "__main__":
    main()
