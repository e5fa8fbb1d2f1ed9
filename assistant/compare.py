"""Two versions of a law side by side, article by article: what is new, gone or changed, word by word."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from enum import StrEnum

from indexer.models import Document, Frozen, SectionKind


class Change(StrEnum):
    """What became of an article."""

    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


class Stretch(Frozen):
    """A run of words: in both versions (`same`), only in the old (`removed`) or only in the new one (`added`)."""

    change: Change
    text: str


class ArticleChange(Frozen):
    """An article in both versions. `stretches` is empty for an article that did not change."""

    article: str
    title: str
    change: Change
    stretches: tuple[Stretch, ...] = ()


def compare(old: Document, new: Document) -> tuple[ArticleChange, ...]:
    """Every article of two versions of a law, in the order of the new one; what is gone stands where it stood."""
    before, after = _articles(old), _articles(new)
    order = SequenceMatcher(None, list(before), list(after), autojunk=False)
    found: list[ArticleChange] = []
    for _, first, last, start, end in order.get_opcodes():
        moved = [name for name in list(before)[first:last] if name not in after]
        found += [_one(name, before[name], None) for name in moved]
        found += [_one(name, before.get(name), after[name]) for name in list(after)[start:end]]
    return tuple(found)


def _one(article: str, old: tuple[str, str] | None, new: tuple[str, str] | None) -> ArticleChange:
    title, text = new or old or ("", "")
    if old is None:
        return ArticleChange(article=article, title=title, change=Change.ADDED, stretches=(_stretch("added", text),))
    if new is None:
        return ArticleChange(
            article=article, title=title, change=Change.REMOVED, stretches=(_stretch("removed", text),)
        )
    if old[1].split() == new[1].split():
        return ArticleChange(article=article, title=title, change=Change.SAME)
    return ArticleChange(article=article, title=title, change=Change.CHANGED, stretches=_words(old[1], new[1]))


def _words(old: str, new: str) -> tuple[Stretch, ...]:
    """What changed from word to word; white space goes with the word before it."""
    a, b = _pieces(old), _pieces(new)
    found: list[Stretch] = []
    matcher = SequenceMatcher(None, [p.strip() for p in a], [p.strip() for p in b], autojunk=False)
    for kind, first, last, start, end in matcher.get_opcodes():
        if kind == "equal":
            found.append(_stretch("same", "".join(b[start:end])))
            continue
        if last > first:
            found.append(_stretch("removed", "".join(a[first:last])))
        if end > start:
            found.append(_stretch("added", "".join(b[start:end])))
    return tuple(found)


def _stretch(change: str, text: str) -> Stretch:
    return Stretch(change=Change(change), text=text)


def _pieces(text: str) -> list[str]:
    return re.findall(r"\S+\s*", text)


def _articles(document: Document) -> dict[str, tuple[str, str]]:
    """By article: its heading and its text with lid numbers, in order."""
    found: dict[str, tuple[str, str]] = {}
    for section in document.sections:
        if section.article is None or section.kind is SectionKind.FOOTNOTE:
            continue
        text = document.text[section.start : section.end]
        numbered = f"{section.lid}. {text}" if section.lid else text
        title, before = found.get(section.article, (section.heading_path[-1] if section.heading_path else "", ""))
        found[section.article] = (title, f"{before}\n{numbered}" if before else numbered)
    return found
