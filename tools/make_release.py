"""Makes a release's fixture: its records and index, small, as an upgrade finds them. Run once, at the release's commit.

    .venv/bin/python -m tools.make_release 0.1

writes `tests/fixtures/release-0.1.tar.xz` with `records.sqlite` (two kept answers) and `index/` (one guide).
"""

from __future__ import annotations

import sys
import tarfile
import tempfile
from pathlib import Path

from assistant.assistant import Assistant
from assistant.records import Records
from assistant.settings import load_settings
from indexer.generation import build
from tests.samples import GUIDE

QUESTIONS = ("Hoe lang duurt het spaargesprek?", "Wat kost een rijbewijs B gemiddeld?")
FIXTURES = Path(__file__).resolve().parent.parent / "tests" / "fixtures"


def main(release: str) -> None:
    """Builds, asks, keeps and packs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "corpus").mkdir()
        (folder / "corpus" / "gids.md").write_text(GUIDE, encoding="utf-8")
        assistant = Assistant(load_settings(corpus=folder / "corpus", index=folder / "index"))
        build(folder / "corpus", folder / "index", assistant.embedder)
        records = Records(f"sqlite:///{folder / 'records.sqlite'}")
        for question in QUESTIONS:
            print(records.keep(assistant.ask(question), "gesprek-van-toen"), question)
        records.close()
        assistant.index().close()
        FIXTURES.mkdir(exist_ok=True)
        target = FIXTURES / f"release-{release}.tar.xz"
        with tarfile.open(target, "w:xz") as archive:
            archive.add(folder / "records.sqlite", "records.sqlite")
            archive.add(folder / "index", "index")
    print(f"{target}: {target.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main(sys.argv[1])
