"""What can go wrong while a question becomes an answer. `indexer.errors` draws the tree's other half.

::

    LeidraadError
    ├── SettingsError           a setting is wrong, named
    ├── ContentError            a file of scenarios, lessons or criteria is wrong: file and field, in Dutch
    ├── RecordsError            the database of answers does not take or give what is asked
    ├── BackupError             a backup cannot be made, or is not whole
    └── ModelError              the language model gives no answer: absent, refusing, slow or broken off
"""

from __future__ import annotations

from indexer.errors import LeidraadError


class SettingsError(LeidraadError):
    """A setting is wrong."""


class RecordsError(LeidraadError):
    """The database of answers does not take or give what is asked."""


class ContentError(LeidraadError):
    """A file of scenarios, lessons or criteria is wrong; its makers read the sentence in the app, so it is Dutch."""


class BackupError(LeidraadError):
    """A backup cannot be made, or is not whole."""


class ModelError(LeidraadError):
    """The language model gives no answer. Never carries the key, the question or what the model wrote."""
