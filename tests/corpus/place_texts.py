"""What stands at the places that scenarios, lessons and criteria name, for the tests of the corpus."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from guide_texts import CORPUS, Library, read_guide

from assistant.content import read_content
from assistant.learning import Path
from assistant.places import Place
from assistant.scenarios import Scenario
from assistant.weighing import Criterion


@cache
def guide_sections(name: str) -> dict[str, str]:
    """The text under every heading of a guide; the opening under ''."""
    sections: dict[str, list[str]] = {"": []}
    for line in read_guide(CORPUS / "guides" / f"{name}.md")[1].splitlines()[1:]:
        if line.startswith("## "):
            sections[line[3:].strip()] = []
        else:
            sections[list(sections)[-1]].append(line)
    return {heading: "\n".join(lines) for heading, lines in sections.items()}


def in_guide(place: Place) -> bool:
    """Whether a place stands in a guide, which ships; laws and reports do not."""
    return not place.article and not place.page


def said_at(place: Place, library: Library | None = None) -> str:
    """What stands at a place. Fails where there is no such place."""
    if in_guide(place):
        assert (CORPUS / "guides" / f"{place.source}.md").is_file(), f"there is no guide {place.source}"
        sections = guide_sections(place.source)
        assert sections.get(place.heading, "").strip(), f"{place} does not exist"
        return sections[place.heading]
    assert library is not None
    if place.page:
        assert place.page in library.pages, f"{place} does not exist"
        return library.pages[place.page]
    article = library.article(place.source, place.article)
    assert article, f"{place} does not exist"
    assert not place.lid or place.lid in article.leden, f"{place} has no such lid"
    return article.text


def all_said(places: Iterable[Place]) -> str:
    """What these places in guides say together."""
    return "\n".join(said_at(place) for place in places)


def all_places() -> Iterator[tuple[str, Place]]:
    """Every place that shipped content names, with the file that names it."""
    for file in sorted((CORPUS / "scenarios").glob("*.yaml")):
        yield from ((file.name, place) for place in read_content(file, Scenario).places)
    for file in sorted((CORPUS / "learning").glob("*.yaml")):
        path = read_content(file, Path)
        yield from ((file.name, place) for module in path.modules for place in module.read)
        yield from ((file.name, place) for question in path.questions for place in question.based_on)
    for file in sorted((CORPUS / "weighing").glob("*.yaml")):
        criterion = read_content(file, Criterion)
        yield from ((file.name, place) for place in (criterion.origin, *criterion.based_on))
