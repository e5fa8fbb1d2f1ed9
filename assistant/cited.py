"""The articles that a question names by number: "art. 6 lid 1 Wi2021", "18b PW", "artikel 5.3 Besluit", "Awb 6:8"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from indexer.laws import known_laws

_ORDINALS = ["eerste", "tweede", "derde", "vierde", "vijfde", "zesde", "zevende", "achtste", "negende", "tiende"]
# At most three digits: a year is no article. "E 20" is how the Kieswet counts.
_NUMBER = r"(?:[a-z]{1,2}\s)?\d{1,3}(?:[.:]\d{1,3})*[a-z]{0,2}(?![\w.:]*\d)"
_LID = rf"lid\s*(?P<lid>\d+[a-z]?)|(?P<ordinal>{'|'.join(_ORDINALS)})\s+lid"
_FOLLOWED = rf"\b(?:[\s,]*(?:{_LID}))?"
_BEFORE = rf"(?:(?:lid\s*(?P<lid_before>\d+[a-z]?)|(?P<ordinal_before>{'|'.join(_ORDINALS)})\s+lid)\s+van\s+)?"
_ARTICLE = re.compile(rf"(?i){_BEFORE}\b(?:artikel(?:en)?|art\.?)\s*(?P<article>{_NUMBER}){_FOLLOWED}")
_BARE = re.compile(rf"(?i)(?<![\w.:€])(?P<article>\d{{1,3}}(?:[.:]\d{{1,3}})*[a-z]{{0,2}}){_FOLLOWED}(?=[\s,]+)")
_AFTER_LAW = re.compile(r"(?i)\s+(?P<article>\d{1,3}(?:[a-z]{1,2}|[.:]\d{1,3}[a-z]?))\b")
_MORE = re.compile(rf"(?i)\s*(?:,|\ben\b|\bof\b)\s*(?P<article>{_NUMBER})\b(?!\s*(?:jaar|maand|weken|dagen|uur|euro))")
_JOIN = re.compile(r"(?i)[\s,(]*(?:van\s+)?(?:de\s+|het\s+)?(?:nieuwe\s+)?")

Cited = tuple[str, str, str | None]


def cited_articles(question: str, works: Sequence[str], titles: Mapping[str, str] | None = None) -> list[Cited]:
    """The (work, article, lid) that a question names, among these works.

    An article belongs to the law named behind it, else to the one named before it. Nothing when the question names no
    law: an article number alone does not tell which. `titles` are those of works that are not among the known laws.
    """
    if not any(character.isdigit() for character in question):
        return []
    named = _laws_in(question, works, titles or {})
    adjacent = _only_by_first_word(works, titles or {})
    found: dict[Cited, None] = {}
    read_until = 0
    for match in _ARTICLE.finditer(question):
        end, articles = match.end(), [match["article"]]
        while more := _MORE.match(question, end):
            articles.append(more["article"])
            end = more.end()
        read_until = end
        work = _law_for(question, match.start(), end, named, adjacent)
        if work is not None:
            lid = _lid(match["lid"] or match["lid_before"], match["ordinal"] or match["ordinal_before"])
            for article in articles:
                found[work, _spelled(article), lid] = None
    for match in _BARE.finditer(question, read_until):
        name = _JOIN.match(question, match.end())
        starts = {start: work for start, _, work in named}
        if name and name.end() in starts:
            work = starts[name.end()]
            found[work, _spelled(match["article"]), _lid(match["lid"], match["ordinal"])] = None
    for _, end, work in named:
        if after := _AFTER_LAW.match(question, end):
            found[work, _spelled(after["article"]), None] = None
    return list(found)


def _laws_in(question: str, works: Sequence[str], titles: Mapping[str, str]) -> list[tuple[int, int, str]]:
    """Where laws are named: start, end, work; in order. Of two that begin alike the longer name counts."""
    found = [
        (match.start(), match.end(), work)
        for work in works
        for match in _law_pattern(work, titles.get(work, "")).finditer(question)
    ]
    longest = sorted(found, key=lambda place: (place[0] - place[1], place[0]))
    kept: list[tuple[int, int, str]] = []
    for place in longest:
        if all(place[1] <= start or end <= place[0] for start, end, _ in kept):
            kept.append(place)
    return sorted(kept)


def _law_for(
    question: str, start: int, end: int, named: Sequence[tuple[int, int, str]], adjacent: Mapping[str, str]
) -> str | None:
    joined = _JOIN.match(question, end)
    at = joined.end() if joined else end
    behind = [place for place in named if place[0] >= end]
    if not (behind and behind[0][0] == at):
        for word, work in adjacent.items():
            if re.match(rf"{word}(?!\w)", question[at:], re.IGNORECASE):
                return work
    before = [place for place in named if place[1] <= start]
    following = _ARTICLE.search(question, end)
    if behind and not (before and following and following.start() < behind[0][0]):
        return behind[0][2]
    return before[-1][2] if before else None


def _only_by_first_word(works: Sequence[str], titles: Mapping[str, str]) -> dict[str, str]:
    """ "Besluit" directly behind an article is the one decree there is."""
    decrees = [work for work in works if _title(work, titles.get(work, "")).lower().startswith("besluit ")]
    return {"besluit": decrees[0]} if len(decrees) == 1 else {}


def _title(work: str, title: str) -> str:
    law = known_laws().get(work)
    return law.title if law else title


@lru_cache(maxsize=1024)
def _law_pattern(work: str, title: str) -> re.Pattern[str]:
    law = known_laws().get(work)
    names = {law.title, law.short_title, *law.aliases} if law else {title}
    longest = sorted(names - {""}, key=len, reverse=True)
    if not longest:
        return re.compile(r"(?!)")
    # "Wet inburgering" is also the beginning of "Wet inburgering 2021".
    return re.compile(r"(?i)\b(?:" + "|".join(re.escape(name) for name in longest) + r")(?!\s*20\d\d)(?!\w)")


def _lid(number: str | None, ordinal: str | None) -> str | None:
    return str(_ORDINALS.index(ordinal.lower()) + 1) if ordinal else number


def _spelled(article: str) -> str:
    """As the laws write it: "18b", "5.3", "E 20"."""
    letters, space, number = article.partition(" ")
    return f"{letters.capitalize()} {number}" if space else article.lower()
