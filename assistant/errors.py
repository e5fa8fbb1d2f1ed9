"""What can go wrong while a question becomes an answer. `indexer.errors` draws the tree's other half.

::

    LeidraadError
    ├── SettingsError           a setting is wrong, named
    ├── RecordsError            the database of answers does not take or give what is asked
    └── BackupError             a backup cannot be made, or is not whole
"""

from __future__ import annotations

from indexer.errors import LeidraadError


class SettingsError(LeidraadError):
    """A setting is wrong."""


class RecordsError(LeidraadError):
    """The database of answers does not take or give what is asked."""


class BackupError(LeidraadError):
    """A backup cannot be made, or is not whole."""
