"""What can go wrong while documents become an index, each with one sentence a person can act on.

::

    LeidraadError               every fault Leidraad tells a person, never shown as a traceback
    ├── ReadError               a document that cannot be read (the rest is indexed)
    ├── ManifestError           a mistake in sources.toml, by line or id (nothing is indexed)
    ├── CorpusError             the folder to index is missing, empty or not readable
    ├── FetchError              official texts cannot be fetched at all
    ├── EmbeddingError          the embedding engine or endpoint does not work
    └── IndexError_             the index on disk
        ├── IndexMissing        there is no finished generation to read
        ├── IndexBusy           another process is writing
        └── IndexBroken         a generation does not fit its own manifest, or another engine made it
"""

from __future__ import annotations

from pathlib import Path


class LeidraadError(Exception):
    """A fault with a sentence for the person; `str(error)` is that sentence, in English."""


class ReadError(LeidraadError):
    """A document that cannot be read: `path` and the `reason`, one clause without a final full stop."""

    def __init__(self, path: Path | str, reason: str) -> None:
        self.path = Path(path)
        self.reason = reason
        super().__init__(f"{self.path.name}: {reason}")


class ManifestError(LeidraadError):
    """A mistake in a `sources.toml`."""


class CorpusError(LeidraadError):
    """The folder to index cannot be used."""


class FetchError(LeidraadError):
    """Official texts cannot be fetched at all: nothing to fetch, or nowhere to put it."""


class EmbeddingError(LeidraadError):
    """The embedding engine or endpoint does not work."""


class IndexError_(LeidraadError):
    """Something is wrong with the index on disk."""


class IndexMissing(IndexError_):
    """There is no finished generation to read."""


class IndexBusy(IndexError_):
    """Another process is writing the index."""


class IndexBroken(IndexError_):
    """A generation does not fit its own manifest, or another engine made it."""
