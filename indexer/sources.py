"""Which documents there are, and what is known about each: files in a folder, and `sources.toml` beside them.

Any folder of documents works. What is known about a source comes from three places, later ones winning:
what the file itself tells (`readers.describe`), the folder it lies in (`local/` holds a municipality's own
texts), and the entry in `sources.toml` that names it by file or by official id.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, model_validator

from indexer import readers
from indexer.errors import CorpusError, ManifestError, ReadError
from indexer.files import file_hash
from indexer.laws import BWB_ID, known_laws
from indexer.models import BasedOn, Binding, Frozen, Kind, Regime, Source, Unreadable

MANIFEST = "sources.toml"
LOCAL_FOLDER = "local"
OFFICIAL_FOLDER = "official"

_CVDR = re.compile(r"^CVDR\d+$")
# A folder's own description of itself is not a source.
_NOT_SOURCES = re.compile(r"^(readme|licen[sc]e|changelog)\b", re.IGNORECASE)


class Entry(Frozen):
    """One `[[source]]` of a `sources.toml`: which text, and what is known about it.

    Exactly one of `bwb`, `cvdr`, `url` and `file` says which text it is. `bwb` and `cvdr` texts are brought by
    `leidraad fetch`; until then, or where the files lie in the folder already, the entry only adds metadata.
    """

    id: str = ""
    bwb: str | None = None
    cvdr: str | None = None
    url: str | None = None
    file: str | None = None
    title: str | None = None
    short_title: str | None = None
    kind: Kind | None = None
    binding: Binding | None = None
    publisher: str | None = None
    language: str | None = None
    licence: str | None = None
    regime: Regime | None = None
    collection: str | None = None
    audience: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    based_on: tuple[BasedOn, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    versions_from: date | None = Field(default=None, description="fetch versions in force since this day too")

    @model_validator(mode="after")
    def _one_text(self) -> Entry:
        given = [name for name in ("bwb", "cvdr", "file") if getattr(self, name)]
        if len(given) > 1 or not (given or self.url):
            raise ValueError("name the text by exactly one of bwb, cvdr, file or url")
        if self.bwb and not BWB_ID.match(self.bwb):
            raise ValueError(f"'{self.bwb}' is not a BWB id such as BWBR0044770")
        if self.cvdr and not _CVDR.match(self.cvdr):
            raise ValueError(f"'{self.cvdr}' is not a CVDR id such as CVDR123456")
        return self

    @property
    def key(self) -> str:
        """The id the entry goes by: its own, or the official one, or its file or address."""
        return self.id or self.bwb or self.cvdr or self.file or self.url or ""

    @property
    def name(self) -> str:
        """For people: the title, as far as it is known before the text is read."""
        law = known_laws().get(self.bwb or "")
        return self.title or (law.title if law else self.key)


def url_file_stem(entry: Entry) -> str:
    """The name, without suffix, under which the text at an entry's address is kept."""
    return _slug(entry.id or re.sub(r"^https?://", "", entry.url or ""))[:100]


def read_manifest(corpus: Path) -> tuple[Entry, ...]:
    """The entries of the folder's `sources.toml` and of `local/sources.toml`; none where there are no such files.

    What an organisation says of its own texts stands in the second, so that the first can be renewed with the program.
    Files are named from the folder `corpus` in both.

    Raises `ManifestError`, which names the line or the id, for text that is no TOML, an unknown or mistyped
    key, a duplicate id, a malformed official id or a file that does not exist.
    """
    entries: list[Entry] = []
    for path in (corpus / MANIFEST, corpus / LOCAL_FOLDER / MANIFEST):
        if path.exists():
            entries += _entries(path, corpus, {entry.key for entry in entries})
    return tuple(entries)


def _entries(path: Path, corpus: Path, seen: set[str]) -> list[Entry]:
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise ManifestError(f"{path} cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ManifestError(f"{path} is not valid TOML: {error}") from error
    for key in data:
        if key != "source":
            raise ManifestError(f"{path}, line {_line_of(text, key)}: unknown key '{key}'")
    entries: list[Entry] = []
    starts = [text[: m.start()].count("\n") + 1 for m in re.finditer(r"^[ \t]*\[\[\s*source", text, re.MULTILINE)]
    for number, raw in enumerate(data.get("source", [])):
        name = raw.get("id") or raw.get("bwb") or raw.get("cvdr") or raw.get("file") or f"number {number + 1}"
        line = starts[number] if number < len(starts) else 1
        try:
            entry = Entry.model_validate(raw)
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"])
            if first["type"] == "extra_forbidden":
                line = _line_of(text, field.split(".")[0], line)
                raise ManifestError(f"{path}, line {line}: source '{name}' has an unknown key '{field}'") from None
            reason = str(first["msg"]).removeprefix("Value error, ")
            where = f" ({field})" if field else ""
            raise ManifestError(f"{path}, line {line}: source '{name}'{where}: {reason}") from None
        if entry.key in seen:
            raise ManifestError(f"{path}, line {line}: the id '{entry.key}' is used twice")
        seen.add(entry.key)
        if entry.file and not (corpus / entry.file).is_file():
            raise ManifestError(f"{path}, line {line}: source '{name}' names a missing file: {entry.file}")
        entries.append(entry)
    return entries


def _line_of(text: str, key: str, after: int = 1) -> int:
    for number, line in enumerate(text.splitlines(), start=1):
        if number >= after and re.match(rf"\s*\[*\s*\"?{re.escape(key)}\b", line):
            return number
    return after


def discover(corpus: Path) -> tuple[tuple[Source, ...], tuple[Unreadable, ...]]:
    """All sources of a folder in order of path, and the files of which not even the description can be read.

    Files that no reader knows and hidden files are passed over; so are READMEs and licences.
    Raises `CorpusError` when the folder is missing or cannot be listed, `ManifestError` for its manifest.
    """
    if not corpus.exists():
        raise CorpusError(f"There is no folder {corpus}.")
    if not corpus.is_dir():
        raise CorpusError(f"{corpus} is a file; name the folder that holds the documents.")
    entries = read_manifest(corpus)
    by_file = {entry.file: entry for entry in entries if entry.file}
    by_work = {entry.bwb or entry.cvdr: entry for entry in entries if entry.bwb or entry.cvdr}
    by_url = {
        f"{OFFICIAL_FOLDER}/{url_file_stem(entry)}": entry
        for entry in entries
        if not (entry.file or entry.bwb or entry.cvdr)
    }
    try:
        files = sorted(_documents(corpus))
    except OSError as error:
        raise CorpusError(f"The folder {corpus} cannot be listed: {error.strerror}.") from error
    found: list[dict[str, Any]] = []
    unreadable: list[Unreadable] = []
    for path in files:
        relative = path.relative_to(corpus).as_posix()
        try:
            named = by_file.get(relative) or by_url.get(relative.rpartition(".")[0])
            fields = _fields(path, relative, named, by_work)
        except ReadError as error:
            unreadable.append(Unreadable(file=relative, reason=error.reason))
            continue
        found.append(fields)
    return _finish(found), tuple(unreadable)


def _documents(corpus: Path) -> Iterable[Path]:
    for path in corpus.rglob("*"):
        relative = path.relative_to(corpus)
        if any(part.startswith(".") for part in relative.parts) or _NOT_SOURCES.match(path.name):
            continue
        if path.suffix.lower() in readers.SUFFIXES and path.is_file():
            yield path


def _fields(path: Path, relative: str, entry: Entry | None, by_work: dict[str | None, Entry]) -> dict[str, Any]:
    fields: dict[str, Any] = dict(readers.describe(path))
    local = relative.startswith(f"{LOCAL_FOLDER}/")
    if local and fields.get("kind") is None:
        fields |= {"kind": Kind.LOCAL, "binding": Binding.LOCAL}
    entry = entry or by_work.get(fields.get("work"))
    if entry:
        given = entry.model_dump(exclude_defaults=True, exclude={"bwb", "cvdr", "file", "versions_from", "id"})
        if entry.bwb or entry.cvdr:
            # Which version this is, the text itself knows best.
            given = {key: value for key, value in given.items() if key not in {"valid_from", "valid_to"}}
        elif entry.id:
            given["id"] = entry.id
        fields |= given
    fields.setdefault("title", path.stem.replace("_", " ").replace("-", " "))
    fields.setdefault("kind", Kind.REPORT)
    fields.setdefault("binding", _BINDING_OF[Kind(fields["kind"])])
    return fields | {"file": relative, "sha256": _hash(path)}


_BINDING_OF = {
    Kind.LAW: Binding.LAW,
    Kind.POLICY: Binding.GUIDANCE,
    Kind.GUIDE: Binding.GUIDANCE,
    Kind.REPORT: Binding.FINDING,
    Kind.TRAINING: Binding.GUIDANCE,
    Kind.LOCAL: Binding.LOCAL,
}


def _hash(path: Path) -> str:
    try:
        return file_hash(path)
    except OSError as error:
        raise ReadError(path, f"cannot be opened: {error.strerror}") from error


def _finish(found: list[dict[str, Any]]) -> tuple[Source, ...]:
    """Give every source its id and work, and end a version where the next version of the same text begins."""
    taken: set[str] = set()
    for fields in found:
        name = Path(fields["file"])
        identity = str(fields.get("id") or _slug(name.stem))
        if identity in taken:
            identity = f"{identity}-{name.suffix.lstrip('.').lower()}"
        number = 2
        while identity in taken:
            identity, number = f"{_slug(name.with_suffix('').as_posix())}-{number}", number + 1
        taken.add(identity)
        fields["id"] = identity
        fields["work"] = str(fields.get("work") or identity.partition("@")[0])
    versions: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for fields in found:
        if fields.get("valid_from"):
            versions[fields["work"]].append(fields)
    for works in versions.values():
        works.sort(key=lambda fields: fields["valid_from"])
        for earlier, later in pairwise(works):
            if not earlier.get("valid_to") and earlier["valid_from"] < later["valid_from"]:
                earlier["valid_to"] = later["valid_from"] - timedelta(days=1)
    return tuple(Source.model_validate(fields) for fields in found)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "document"
