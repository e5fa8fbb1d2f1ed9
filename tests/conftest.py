"""What every test shares: where the real texts are, if they are at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def sources() -> Path:
    """The folder of real texts; a test that needs it skips where it is absent."""
    folder = SHARED / "sources"
    if not folder.is_dir():
        pytest.skip("the folder of real source texts (../shared/sources) is not at hand")
    return folder


@pytest.fixture(scope="session")
def laws_archive() -> Path:
    """The archive of 257 laws; a test that needs it skips where it is absent."""
    archive = SHARED / "laws-large" / "laws.tar.xz"
    if not archive.is_file():
        pytest.skip("the archive of laws (../shared/laws-large/laws.tar.xz) is not at hand")
    return archive
