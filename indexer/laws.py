"""What is known about laws beyond their own text: the names people use and the inburgering regime."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from indexer.models import Frozen, Regime

BWB_ID = re.compile(r"^BWB[RVW]\d{7}$")
"""The id of a national regulation in the official collection."""


class KnownLaw(Frozen):
    """A law by its official title, its usual short title (may be empty) and what else people call it."""

    title: str
    short_title: str = ""
    aliases: tuple[str, ...] = ()
    regime: Regime | None = None


@lru_cache(maxsize=1)
def known_laws() -> Mapping[str, KnownLaw]:
    """The known laws by BWB id, from `laws.toml`."""
    text = (Path(__file__).parent / "laws.toml").read_text(encoding="utf-8")
    return {work: KnownLaw.model_validate(entry) for work, entry in tomllib.loads(text).items()}
