"""Sentences: cut where people would, and never losing a character."""

from __future__ import annotations

import pytest

from indexer.sentences import sentence_spans


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Eén zin. En nog een!", ["Eén zin.", "En nog een!"]),
        ("Zie art. 5 van de wet, o.a. lid 2. Dan verder.", ["Zie art. 5 van de wet, o.a. lid 2.", "Dan verder."]),
        ("Het kost € 1.250,50 per jaar. Dat is veel.", ["Het kost € 1.250,50 per jaar.", "Dat is veel."]),
        ("Hij zei: “Kom maar.” Toen ging hij.", ["Hij zei: “Kom maar.”", "Toen ging hij."]),
        ("Eerste regel\nTweede regel", ["Eerste regel", "Tweede regel"]),
        ("De heer A. de Vries kwam. Hij bleef.", ["De heer A. de Vries kwam.", "Hij bleef."]),
        ("1. Het doel\n2.1. De wijze", ["1. Het doel", "2.1. De wijze"]),
        ("", []),
        (" \n ", []),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    assert [text[start:end] for start, end in sentence_spans(text)] == sentences


def test_spans_cover_everything_that_is_not_white_space() -> None:
    text = "  Een zin. Twee?\n\n- drie. Vier: a.b. vijf…  (zes.) zeven 3.14 acht. "
    covered = "".join(text[start:end] for start, end in sentence_spans(text))
    assert "".join(covered.split()) == "".join(text.split())
