"""The words of the app, from one catalogue in two languages: `interface.toml`."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

LANGUAGES = ("nl", "en")


@lru_cache(maxsize=1)
def catalogue() -> dict[str, dict[str, str]]:
    """Every entry by its key ("vraag.title"), with its words by language."""
    data: dict[str, Any] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return {f"{part}.{key}": words for part, entries in data.items() for key, words in entries.items()}


def words(key: str, language: str = "nl", **values: object) -> str:
    """The words for a key, with values filled in. Raises `KeyError` for a key that is not in the catalogue."""
    found = catalogue()[key][language]
    return found.format(**values) if values else found
