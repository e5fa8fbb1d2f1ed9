"""A place is read from one line, written as one line, and opens what stands there."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from assistant.assistant import Assistant
from assistant.places import Place, open_place, places_of

LINES = [
    "gids-spaargesprek#Wie mag erbij zijn?", "gids-spaargesprek", "BWBR0044770 art. 14 lid 3", "BWBR0045555 art. 3.14",
    "BWBR0005537 art. 5:53 lid 2", "learn-technische-aanbevelingen p. 25",
]  # fmt: skip


@pytest.mark.parametrize("line", LINES)
def test_a_line_reads_back_the_same(line: str) -> None:
    place = Place.model_validate(line)
    assert str(place) == line
    assert place.model_dump() == line


@pytest.mark.parametrize("line", ["artikel 14", "BWBR0044770 artikel 14", "#kopje", "", "Gids Spaargesprek"])
def test_another_line_is_refused_with_what_to_write(line: str) -> None:
    with pytest.raises(ValidationError, match="is geen plaats in een bron; schrijf"):
        Place.model_validate(line)


def test_a_heading_opens_its_whole_section(assistant: Assistant) -> None:
    index = assistant.index()
    found = open_place(index, Place.model_validate(LINES[0]), frozenset(index.sources))
    assert found is not None
    assert "De klant mag een tolk meenemen" in found.text and "alleen mee als de klant dat zelf vraagt" in found.text
    assert "spaarboekje" not in found.text
    assert found.named == "Het spaargesprek: voorbereiden en voeren · Wie mag erbij zijn?"


def test_a_guide_without_heading_opens_its_beginning(assistant: Assistant) -> None:
    index = assistant.index()
    found = open_place(index, Place(source="gids-spaargesprek"), frozenset(index.sources))
    assert found is not None and "45 minuten" in found.text and "tolk" not in found.text


def test_an_article_opens_in_the_newest_allowed_version(assistant: Assistant) -> None:
    index = assistant.index()
    place = Place.model_validate("BWBR0099001 art. 1 lid 1")
    newest = open_place(index, place, frozenset(index.sources))
    old = open_place(index, place, index.allowed(date(2023, 1, 1)))
    assert newest is not None and old is not None
    assert "binnen drie jaar" in old.text and "binnen drie jaar" not in newest.text
    assert newest.locator == "artikel 1, lid 1"
    assert newest.url == "https://wetten.overheid.nl/jci1.3:c:BWBR0099001&artikel=1&lid=1"


def test_what_is_not_there_or_not_allowed_does_not_open(assistant: Assistant) -> None:
    index = assistant.index()
    everything = frozenset(index.sources)
    assert open_place(index, Place(source="gids-weg", heading="x"), everything) is None
    assert open_place(index, Place(source="gids-spaargesprek", heading="Bestaat niet"), everything) is None
    assert open_place(index, Place(source="gids-spaargesprek"), everything - {"gids-spaargesprek"}) is None


def test_the_places_of_a_guide_are_its_headings(assistant: Assistant) -> None:
    places = places_of(assistant.index(), "gids-spaargesprek")
    assert [place.heading for place in places] == ["Wie mag erbij zijn?", "Wat neemt de klant mee?"]
