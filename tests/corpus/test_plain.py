"""The plain-words layer fits the texts it was written for and says nothing that they do not."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from guide_texts import CORPUS, GUIDES, LEARN, Library, facts, read_guide, runs

from indexer.plain import GAPS, Place, read_gaps, read_places

FILES = sorted(path for path in (CORPUS / "plain").glob("*.toml") if path.name != GAPS)
BWB = re.compile(r"BWBR\d{7}")


@pytest.fixture(scope="session")
def library(sources: Path) -> Library:
    return Library(sources)


each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def test_there_is_a_layer() -> None:
    assert FILES


def test_known_gaps_are_read_and_each_is_named_once() -> None:
    gaps = read_gaps(CORPUS / "plain" / GAPS)
    assert len({gap.topic for gap in gaps}) == len(gaps) >= 50
    assert all(len(gap.questions) >= 2 and not gap.topic.endswith(".") for gap in gaps)


@each_file
def test_places_are_read_and_ask_something(path: Path) -> None:
    for place in read_places(path):
        assert place.questions or place.about or place.words, place.name
        assert all(text.strip() == text and len(text) > 1 for text in (*place.questions, *place.words)), place.name
        assert len(place.questions) <= 60, place.name


@each_file
def test_a_question_leads_to_one_place_only(path: Path) -> None:
    seen: dict[str, Place] = {}
    for place in read_places(path):
        for question in place.questions:
            other = seen.setdefault(question.lower(), place)
            assert other is place or other.article == place.article, f"{question}: {other.name} and {place.name}"


@each_file
def test_every_number_that_is_stated_stands_in_the_article(path: Path, library: Library) -> None:
    """A question may hold numbers of its own: somebody's age, a sum on a bill, a wrong idea."""
    wrong = []
    for place in read_places(path):
        missing = {
            f for f in facts(place.about) if f.number not in {known.number for known in facts(_text_of(place, library))}
        }
        wrong += [f"{place.work} {place.name}: {fact.number} {fact.unit}" for fact in missing]
    assert not wrong, "\n".join(wrong)


@each_file
def test_no_run_of_words_is_copied(path: Path, library: Library) -> None:
    for place in read_places(path):
        for text in (place.about, *place.questions):
            copied = [" ".join(run) for run in runs(text) if run in library.runs()]
            assert not copied, f"{place.name}: {copied[0]}"


@each_file
def test_places_exist(path: Path, library: Library) -> None:
    guides = {guide.stem: guide for guide in GUIDES}
    wrong = []
    for place in read_places(path):
        if place.work in guides:
            body = read_guide(guides[place.work])[1]
            if place.heading and not re.search(rf"^#+ {re.escape(place.heading)}$", body, re.MULTILINE):
                wrong.append(f"{place.work}: no heading '{place.heading}'")
        elif place.work == LEARN:
            if place.page is not None and place.page not in library.pages:
                wrong.append(f"{LEARN}: no page {place.page}")
        else:
            article = library.article(place.work, place.article or "")
            if article is None:
                wrong.append(f"{place.work}: no article {place.article}")
            elif place.lid and not any(place.lid in a.leden for a in library.articles(place.work, place.article or "")):
                wrong.append(f"{place.work}: artikel {place.article} has no lid {place.lid}")
    assert not wrong, "\n".join(wrong)


@each_file
def test_sentences_that_answer_stand_in_their_text(path: Path, library: Library) -> None:
    wrong = [
        f"{place.work} {place.name}: {opening}"
        for place in read_places(path)
        for opening in place.sentences
        if _bare(re.sub(r"^\w{1,3}[.)°]+ ", "", opening)) not in _bare(_text_of(place, library))
    ]
    assert not wrong, "\n".join(wrong)


@cache
def _bare(text: str) -> str:
    """The words alone: lines of a table and marks of a list are read in other ways."""
    return " ".join(re.findall(r"\w+", text))


def _text_of(place: Place, library: Library) -> str:
    guides = {guide.stem: guide for guide in GUIDES}
    if place.work in guides:
        return read_guide(guides[place.work])[1]
    if place.work == LEARN:
        return library.learn
    if not BWB.fullmatch(place.work):
        return ""
    # Its own number and those it refers to are known from the citation itself.
    known = " ".join(article.text for article in library.articles(place.work, place.article or ""))
    return f"{known} {place.article or ''} {place.lid or ''}"
