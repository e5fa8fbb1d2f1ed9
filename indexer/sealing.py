"""The seal of a generation: the size and hash of each of its files, so that one flipped byte is noticed at open.

A generation's files are never written again once it is sealed; whoever reads works on copies of what its engine would
write to (see `vectors`). All bytes are hashed at every open: about a second a gigabyte, against weeks of wrong answers.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from indexer.errors import IndexBroken
from indexer.files import file_hash, replace_file

SEAL = "seal.json"


def seal(folder: Path, later: Mapping[str, bytes]) -> None:
    """Writes the seal of what is in the folder now, plus files that are written right after it (`later`, by name).

    Every file is brought to the disk first: a seal must not survive a power cut that its files do not. Raises
    `OSError`.
    """
    hashes: dict[str, list[int | str]] = {}
    for path in _files(folder):
        with path.open("rb") as file:
            os.fsync(file.fileno())
        hashes[path.relative_to(folder).as_posix()] = [path.stat().st_size, file_hash(path)]
    for name, data in later.items():
        hashes[name] = [len(data), hashlib.sha256(data).hexdigest()]
    replace_file(folder / SEAL, json.dumps(hashes, indent=1, sort_keys=True).encode())


def check(folder: Path) -> None:
    """Raises `IndexBroken`, naming the first file that is not what it was when the generation was finished."""
    try:
        hashes = json.loads((folder / SEAL).read_text(encoding="utf-8"))
        here = {path.relative_to(folder).as_posix(): path for path in _files(folder)}
        for name in sorted({*hashes, *here}):
            if name not in here:
                raise _damaged(folder, name, "is gone")
            if name not in hashes:
                raise _damaged(folder, name, "was added")
            size, digest = hashes[name]
            if here[name].stat().st_size != size or file_hash(here[name]) != digest:
                raise _damaged(folder, name, "is damaged")
    except (OSError, ValueError, TypeError) as error:
        raise _damaged(folder, SEAL, "cannot be read") from error


def is_sound(folder: Path) -> bool:
    """Whether every file of a generation is what it was when it was finished."""
    try:
        check(folder)
    except IndexBroken:
        return False
    return True


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != SEAL)


def _damaged(folder: Path, name: str, how: str) -> IndexBroken:
    return IndexBroken(
        f"The index in {folder.parent.parent} is damaged ({name} of generation {folder.name} {how}); "
        "make it anew with: leidraad index"
    )
