"""What every reader checks first, so that a strange file costs a reason and never a hang."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

import defusedxml
from defusedxml import ElementTree

from indexer.errors import ReadError

MAX_FILE_BYTES = 200_000_000
MAX_UNPACKED_BYTES = 500_000_000
MAX_ENTRIES = 10_000
MAX_PAGES = 5_000
_PIECE = 1 << 20


def check_file(path: Path) -> None:
    """Raises `ReadError` for a file that is missing, empty, too large or may not be read."""
    try:
        size = path.stat().st_size
        if size == 0:
            raise ReadError(path, "is empty (0 bytes)")
        if size > MAX_FILE_BYTES:
            raise ReadError(path, f"is larger than {MAX_FILE_BYTES // 1_000_000} MB")
        with path.open("rb") as file:
            file.read(1)
    except PermissionError as error:
        raise ReadError(path, "may not be read: no permission") from error
    except OSError as error:
        raise ReadError(path, f"cannot be opened: {error.strerror}") from error


def read_bytes(path: Path) -> bytes:
    """The bytes of a file that passed `check_file`."""
    check_file(path)
    try:
        return path.read_bytes()
    except OSError as error:
        raise ReadError(path, f"cannot be read: {error.strerror}") from error


def check_zip(path: Path) -> None:
    """Raises `ReadError` for a ZIP container that is broken or unpacks to too much.

    The sizes in its directory can lie, so every entry is unpacked once, in pieces, up to the limit.
    """
    check_file(path)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_ENTRIES:
                raise ReadError(path, f"holds more than {MAX_ENTRIES} parts")
            if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
                raise ReadError(path, f"unpacks to more than {MAX_UNPACKED_BYTES // 1_000_000} MB")
            unpacked = 0
            for entry in entries:
                if entry.flag_bits & 1:
                    raise ReadError(path, "is protected with a password")
                with archive.open(entry) as part:
                    while piece := part.read(_PIECE):
                        unpacked += len(piece)
                        if unpacked > MAX_UNPACKED_BYTES:
                            raise ReadError(path, f"unpacks to more than {MAX_UNPACKED_BYTES // 1_000_000} MB")
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise ReadError(path, "is not a readable DOCX: its container is broken") from error


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turns what defusedxml refuses, and what is no XML, into a reason."""
    try:
        yield
    except (defusedxml.DTDForbidden, defusedxml.EntitiesForbidden, defusedxml.ExternalReferenceForbidden) as error:
        raise ReadError(path, "declares entities or a document type, which Leidraad refuses") from error
    except (ParseError, ValueError, LookupError) as error:
        raise ReadError(path, f"is not well-formed XML: {error}") from error


def parse_xml(path: Path) -> Element:
    """The root of an XML file. Entities, document types and malformed XML raise `ReadError`."""
    check_file(path)
    with _told(path):
        root = ElementTree.parse(path, forbid_dtd=True).getroot()
    if root is None:
        raise ReadError(path, "holds no XML element")
    return root


def first_elements(path: Path) -> Iterator[Element]:
    """The elements of an XML file as they begin, for a look at its head without reading it whole."""
    check_file(path)
    with _told(path):
        for _, element in ElementTree.iterparse(path, events=("start",), forbid_dtd=True):
            yield element
