"""The closed list of ways an answer can end, read from `outcomes.toml`."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path

from assistant.models import Outcome, Status


@lru_cache(maxsize=1)
def outcomes() -> dict[str, Outcome]:
    """All outcomes by key."""
    data = tomllib.loads((Path(__file__).parent / "outcomes.toml").read_text(encoding="utf-8"))
    return {
        key: Outcome(
            key=key,
            status=Status(entry["status"]),
            sentence_nl=entry["nl"],
            sentence_en=entry["en"],
            retryable=entry["retryable"],
        )
        for key, entry in data.items()
    }


def outcome(key: str) -> Outcome:
    """The outcome with this key. Raises `KeyError` for a key that is not on the list."""
    return outcomes()[key]
