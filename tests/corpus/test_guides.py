"""Every shipped guide says only what its sources say, in its own words, and is built as a guide is built.

A guide names in `based_on` the articles and pages it rests on. Every number, duration, amount, date and
article in it must occur there.
"""

from __future__ import annotations

import re
import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from guide_texts import (
    ARTICLE,
    CORPUS,
    GUIDES,
    LEARN,
    Fact,
    Library,
    dates,
    facts,
    read_guide,
    references,
    runs,
    words,
    works_of,
)

GLOSSARY = CORPUS / "glossary.toml"
NEEDED = {"title", "id", "kind", "binding", "language", "audience", "topics", "valid_from", "based_on"}
AUDIENCES = {"client_manager", "newcomer", "trainer", "professional", "policy"}


each_guide = pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.stem)


def test_there_are_guides() -> None:
    assert len(GUIDES) >= 25


@each_guide
def test_front_matter_is_complete(path: Path) -> None:
    matter, body = read_guide(path)
    assert set(matter) >= NEEDED, f"missing: {NEEDED - set(matter)}"
    assert set(matter) <= NEEDED | {"regime", "valid_to"}, f"unknown: {set(matter) - NEEDED}"
    assert matter["id"] == path.stem
    assert matter["kind"] == "guide"
    assert matter["binding"] in {"guidance", "finding"}
    assert matter["language"] == "nl"
    assert matter.get("regime") in {None, "wi2013", "wi2021"}
    assert isinstance(matter["title"], str)
    assert isinstance(matter["valid_from"], date)
    assert matter["audience"] and set(matter["audience"]) <= AUDIENCES
    assert matter["topics"] and all(re.fullmatch(r"[a-z0-9-]+", topic) for topic in matter["topics"])
    assert matter["based_on"]
    for entry in matter["based_on"]:
        assert set(entry) in ({"source", "articles"}, {"source", "pages"}), entry
        assert (entry["source"] == LEARN) == ("pages" in entry), entry
        assert entry["source"] == LEARN or re.fullmatch(r"BWBR\d{7}", entry["source"]), entry
        named = entry.get("articles", []) + entry.get("pages", [])
        assert named and all(isinstance(name, str) for name in named), entry
    assert len(works_of(path)) == len(matter["based_on"]), "a source is named once, with all its articles"
    assert body.startswith("# ")


@each_guide
def test_old_regime_is_named_in_title_and_text(path: Path) -> None:
    matter, body = read_guide(path)
    if matter.get("regime") == "wi2013":
        assert "oude regime (Wi2013)" in matter["title"]
        assert "oude regime (Wi2013)" in body.split("\n", 1)[1]


@each_guide
def test_length_and_short_answer_first(path: Path) -> None:
    body = read_guide(path)[1]
    assert 300 <= len(words(body)) <= 1200, len(words(body))
    first = next(block for block in re.split(r"\n\s*\n", body) if not block.startswith("#"))
    assert not re.match(r"[-*>|]|\d+\.", first), "a guide begins with a paragraph that answers"
    assert len(words(first)) <= 75, len(words(first))
    assert len(re.findall(r"^## ", body, re.MULTILINE)) >= 2


@each_guide
def test_named_articles_and_pages_exist(path: Path, library: Library) -> None:
    for entry in read_guide(path)[0]["based_on"]:
        for page in entry.get("pages", []):
            assert page in library.pages
        if "articles" in entry and entry["source"] not in library.files:
            assert not library.archive.is_file(), f"no such law: {entry['source']}"
            pytest.skip(f"{entry['source']} is in the archive of laws, which is not at hand")
        for number in entry.get("articles", []):
            assert library.article(entry["source"], number), f"{entry['source']} has no article {number}"


@each_guide
def test_valid_from_is_the_day_of_the_newest_version_used(path: Path, library: Library) -> None:
    matter = read_guide(path)[0]
    days: list[str] = []
    for entry in matter["based_on"]:
        for number in entry.get("articles", []):
            days.append(max((v for v, a in library.versions(entry["source"]).items() if number in a), default=""))
    if any(days):
        assert matter["valid_from"].isoformat() == max(days)


@each_guide
def test_every_article_it_cites_is_in_based_on(path: Path, library: Library) -> None:
    matter, body = read_guide(path)
    listed = {entry["source"]: entry.get("articles", []) for entry in matter["based_on"]}
    for number, leden, law in references(body):
        works = [work for work, numbers in listed.items() if number in numbers and law in (None, work)]
        assert works, f"artikel {number} ({law or 'law not named'}) is not in based_on"
        assert any(leden <= a.leden for work in works for a in library.articles(work, number)), (
            f"artikel {number} has no lid {sorted(leden)}"
        )


@each_guide
def test_every_number_occurs_in_its_sources(path: Path, library: Library) -> None:
    matter, body = read_guide(path)
    support = library.support(matter["based_on"])
    assert not facts(body) - facts(support), sorted(facts(body) - facts(support))
    assert not dates(body) - dates(support)


@each_guide
def test_no_run_of_words_is_copied(path: Path, library: Library) -> None:
    copied = [" ".join(run) for run in runs(read_guide(path)[1]) if run in library.runs()]
    assert not copied, copied[0]


# -- the checks themselves -----------------------------------------------------------------------------------


def test_a_number_is_read_with_its_unit_and_names_are_not_numbers() -> None:
    assert facts("De B1-route (artikel 7, eerste lid, Wi2021) duurt drie jaar en kost € 1.250.") == {
        Fact("3", "jaar"),
        Fact("1250", "euro"),
    }
    assert facts("3 jaren, € 1 250") == facts("drie jaar, € 1.250")
    assert facts("800 cursusuren") == {Fact("800", "uur")}
    assert facts("drie jaar") - facts("drie maanden, twee jaar")


def test_a_reference_is_read_with_leden_and_law() -> None:
    text = "Zie artikel 14, eerste en derde lid, en 15 Wet inburgering 2021; artikel 7.1, lid 3; artikel 56a."
    assert list(references(text)) == [
        ("14", frozenset({"1", "3"}), "BWBR0044770"),
        ("15", frozenset(), "BWBR0044770"),
        ("7.1", frozenset({"3"}), None),
        ("56a", frozenset(), None),
    ]


def test_a_copied_run_is_found(library: Library) -> None:
    text = library.versions("BWBR0044770")["2025-10-21"]["14"].text
    assert next(runs(text)) in library.runs()


# -- the glossary --------------------------------------------------------------------------------------------


@cache
def terms() -> list[dict[str, Any]]:
    return tomllib.loads(GLOSSARY.read_text(encoding="utf-8"))["term"]  # type: ignore[no-any-return]


def test_glossary_entries_are_whole() -> None:
    assert len(terms()) >= 60
    for entry in terms():
        assert set(entry) == {"term", "abbreviations", "synonyms", "everyday", "explanation", "source"}, entry["term"]
        assert entry["term"].strip() and entry["explanation"].strip().endswith("."), entry["term"]
        assert entry["source"], entry["term"]


def test_glossary_names_each_term_and_abbreviation_once() -> None:
    for key in ("term", "abbreviations"):
        named = [n.casefold() for e in terms() for n in ([e["term"]] if key == "term" else e["abbreviations"])]
        assert sorted(named) == sorted(set(named)), {n for n in named if named.count(n) > 1}
    for entry in terms():
        names = [entry["term"], *entry["abbreviations"], *entry["synonyms"], *entry["everyday"]]
        assert len({n.casefold() for n in names}) == len(names), entry["term"]


def test_glossary_sources_exist_and_hold_the_numbers(library: Library) -> None:
    for entry in terms():
        match = re.fullmatch(rf"(BWBR\d{{7}}) art\. ({ARTICLE})|{LEARN} p\. (\d+)", entry["source"])
        assert match, (entry["term"], entry["source"])
        if match[3]:
            based_on = {"source": LEARN, "pages": [match[3]]}
            assert match[3] in library.pages, entry["term"]
        else:
            based_on = {"source": match[1], "articles": [match[2]]}
            assert library.article(match[1], match[2]), entry["term"]
        missing = facts(entry["explanation"]) - facts(library.support([based_on]))
        assert not missing, (entry["term"], missing)
        assert not any(run in library.runs() for run in runs(entry["explanation"])), entry["term"]
