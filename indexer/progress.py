"""How far a build is, for whoever watches it."""

from __future__ import annotations

from typing import Protocol

KEPT = "kept"
"""The label of what was embedded by an earlier build and is not embedded again."""


class Progress(Protocol):
    """Is told how far a build is."""

    def stage(self, name: str, total: int) -> None:
        """A new stage begins: 'read' (total documents), 'embed' (total passages) or 'write' (total steps)."""

    def advance(self, done: int, label: str = "") -> None:
        """`done` more of the stage's total; `label` names the document that was read, or is `KEPT`."""


class Silent:
    """Progress that nobody watches."""

    def stage(self, name: str, total: int) -> None:
        """Nothing to show."""

    def advance(self, done: int, label: str = "") -> None:
        """Nothing to show."""
