"""The real texts, read once for all tests of the corpus."""

from __future__ import annotations

from pathlib import Path

import pytest
from guide_texts import Library


@pytest.fixture(scope="session")
def library(sources: Path) -> Library:
    """Every version of every law at hand, and the pages of the LEARN text."""
    return Library(sources)
