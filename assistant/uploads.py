"""Files that somebody adds in the app: safe names, limits, and the collection they belong to.

They go to `local/` in the corpus folder, where a municipality's own texts lie. A file is refused with a reason, never
dropped in silence, and never written over another.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from assistant.roles import PUBLIC
from indexer import readers
from indexer.errors import LeidraadError, ManifestError, ReadError
from indexer.files import replace_file
from indexer.models import Frozen
from indexer.sources import LOCAL_FOLDER, MANIFEST, read_manifest

LARGEST = 50 * 1024 * 1024
"""Bytes of one file."""

MOST = 200
"""Files at once."""

_COLLECTION = re.compile(r"^[a-z0-9][a-z0-9-]{0,39}$")
_WINDOWS = re.compile(r"(?i)^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$")


class Upload(Frozen):
    """A file as the browser sends it; `name` may have folders in it."""

    name: str
    data: bytes


class Added(Frozen):
    """What became of one upload: where it lies in the corpus, or the key of the reason it was refused."""

    name: str
    file: str = ""
    refused: str = ""


def add(corpus: Path, uploads: Iterable[Upload], collection: str = PUBLIC) -> list[Added]:
    """Puts files in the corpus. Raises `ManifestError` when the collection cannot be written, in which
    case none of the files is there."""
    if not valid_collection(collection):
        raise ManifestError(f"'{collection}' is not a name for a collection: small letters, digits and hyphens.")
    added: list[Added] = []
    written: list[Path] = []
    try:
        for number, upload in enumerate(uploads):
            one = _one(corpus, upload) if number < MOST else Added(name=upload.name, refused="too_many")
            added.append(one)
            if one.file:
                written.append(corpus / one.file)
        if collection != PUBLIC:
            _collect(corpus, [one.file for one in added if one.file], collection)
    except LeidraadError:
        for path in written:
            path.unlink(missing_ok=True)
        raise
    return added


def valid_collection(name: str) -> bool:
    """Whether this can be the name of a collection."""
    return _COLLECTION.match(name) is not None


def safe_name(name: str) -> str:
    """A file's own name without folders, control characters or what a file system may not like; may be empty."""
    last = PurePosixPath(name.replace("\\", "/")).name
    plain = unicodedata.normalize("NFC", last)
    plain = "".join(c if c.isalnum() or c in " ._()-" else "-" for c in plain).strip(" .-")
    stem, dot, suffix = plain.rpartition(".")
    stem = stem[:100].rstrip(" .")
    if not stem or _WINDOWS.match(plain):
        return ""
    return f"{stem}{dot}{suffix.lower()}"


def _one(corpus: Path, upload: Upload) -> Added:
    name = safe_name(upload.name)
    if not name:
        return Added(name=upload.name, refused="bad_name")
    if Path(name).suffix not in readers.SUFFIXES:
        return Added(name=upload.name, refused="unknown_kind")
    if not upload.data:
        return Added(name=upload.name, refused="empty")
    if len(upload.data) > LARGEST:
        return Added(name=upload.name, refused="too_large")
    file = f"{LOCAL_FOLDER}/{name}"
    path = corpus / file
    if path.exists():
        same = path.read_bytes() == upload.data
        return Added(name=upload.name, refused="already" if same else "name_taken")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, upload.data)
        readers.describe(path)
    except ReadError:
        path.unlink(missing_ok=True)
        return Added(name=upload.name, refused="unreadable_file")
    except OSError:
        return Added(name=upload.name, refused="not_written")
    return Added(name=upload.name, file=file)


def _collect(corpus: Path, files: list[str], collection: str) -> None:
    """Writes to local/sources.toml which collection the files belong to; it is as it was when that goes wrong."""
    if not files:
        return
    path = corpus / LOCAL_FOLDER / MANIFEST
    try:
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        # A JSON string of letters, digits and plain signs is a TOML string too.
        entries = [
            f"\n[[source]]\nfile = {json.dumps(file, ensure_ascii=False)}\ncollection = {json.dumps(collection)}\n"
            for file in files
        ]
        replace_file(path, (before + "".join(entries)).encode())
        try:
            read_manifest(corpus)
        except ManifestError:
            if before:
                replace_file(path, before.encode())
            else:
                path.unlink()
            raise
    except OSError as error:
        raise ManifestError(f"{path} cannot be written: {error.strerror}") from error
