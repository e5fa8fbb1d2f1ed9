"""Every place that shipped content names exists, and no sentence of it is copied from a source."""

from __future__ import annotations

from pathlib import Path

import pytest
from guide_texts import CORPUS, Library, runs
from place_texts import all_places, in_guide, said_at

FILES = [file for name in ("scenarios", "learning", "weighing") for file in sorted((CORPUS / name).glob("*.yaml"))]


def test_every_place_in_a_guide_exists() -> None:
    places = [place for _, place in all_places() if in_guide(place)]
    assert len(places) > 200
    assert all(said_at(place) for place in places)


def test_every_place_in_a_law_or_report_exists(library: Library) -> None:
    places = [place for _, place in all_places() if not in_guide(place)]
    assert len(places) >= 7
    assert all(said_at(place, library) for place in places)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_run_of_words_is_copied_from_a_source(file: Path, library: Library) -> None:
    copied = [" ".join(run) for run in runs(file.read_text(encoding="utf-8")) if run in library.runs()]
    assert not copied, copied[0]
