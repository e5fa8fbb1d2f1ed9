"""A copy of a folder for an engine that writes where it should only read, in the machine's temporary folder.

Chroma writes to its own files on every open. On copies, what was sealed stays as it was, a read-only disk serves,
and several processes read one index without meeting. A copy lives as long as its reader; what a killed process left is
removed by the next one.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path

from filelock import FileLock, Timeout

from indexer.errors import IndexError_

_PREFIX = "leidraad-vectors-"
_LOCK = "in-use"
_YOUNG = 60.0
"""Seconds in which a copy may be without its lock: it is being made."""


class WorkingCopy:
    """A private copy of `folder`; `path` is where it is. Raises `IndexError_` where there is no room for it."""

    def __init__(self, folder: Path) -> None:
        _sweep()
        home = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self._home = home
        self.path = home / folder.name
        self._lock = FileLock(home / _LOCK, timeout=0)
        try:
            self._lock.acquire()
            shutil.copytree(folder, self.path)
        except OSError as error:
            self.remove()
            raise IndexError_(
                f"The index cannot be opened: no copy of its vectors could be made in {home.parent} "
                f"({error.strerror or 'not everything could be copied'})."
            ) from error

    def remove(self) -> None:
        """Removes the copy; a second time does nothing."""
        self._lock.release()
        shutil.rmtree(self._home, ignore_errors=True)


def _sweep() -> None:
    """Removes copies whose process is gone: nobody holds their lock."""
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            if time.time() - left.stat().st_mtime < _YOUNG:
                continue
            with FileLock(left / _LOCK, timeout=0):
                shutil.rmtree(left, ignore_errors=True)
        except (OSError, Timeout):
            continue
