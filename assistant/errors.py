"""What can go wrong while a question becomes an answer. `indexer.errors` draws the tree's other half.

::

    LeidraadError
    ├── SettingsError           a setting is wrong, named
    └── UsageError              a question or option that cannot be used
"""

from __future__ import annotations

from indexer.errors import LeidraadError


class SettingsError(LeidraadError):
    """A setting is wrong."""


class UsageError(LeidraadError):
    """A question or option that cannot be used."""
