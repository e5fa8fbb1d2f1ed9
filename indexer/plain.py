"""The law in plain words: a bridge from people's words to the passage that answers them.

Files `plain/*.toml` say for places in a text (an article, a lid, an onderdeel, a section under a heading) what they
arrange, the words people use for it and questions they answer. The layer is indexed and leads to the passages of
its places; it is never evidence itself, never shown and never cited. Where a law is not indexed, what leads to its
places leads to the guides that refer to them: they say those places in plain words.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import Field, ValidationError, field_validator, model_validator

from indexer.errors import ManifestError
from indexer.models import Document, Frozen, Kind, Passage, Section
from indexer.references import links

FOLDER = "plain"
GAPS = "gaps.toml"
VERSION = 3
"""Of the way places are fitted to passages: an index made in another way is made anew."""


class Place(Frozen):
    """A place in a text, in plain words.

    A place with only `article` speaks for the whole article; `heading` names a section of running text, and
    neither of them a guide's opening. `hash` is that of the article's text when the place was written. `sentences` are
    the opening words of sentences of the text, as they stand; `answers` says for each question which of them (1 for the
    first) say its answer, the best one first: one number or several, 0 for none.
    """

    work: str
    version: str = Field(default="", description="first day of the version it was written from")
    article: str | None = None
    lid: str | None = None
    occurrence: int = Field(default=1, ge=1, description="which of several leden with the same number")
    onderdeel: str | None = None
    heading: str | None = None
    page: str | None = None
    hash: str = ""
    about: str = ""
    words: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()
    answers: tuple[tuple[int, ...], ...] = ()

    @field_validator("answers", mode="before")
    @classmethod
    def _lists(cls, given: object) -> object:
        if not isinstance(given, list):
            return given
        return tuple(tuple(one) if isinstance(one, list) else (one,) if one else () for one in given)

    @model_validator(mode="after")
    def _answers_fit(self) -> Place:
        if self.answers and len(self.answers) != len(self.questions):
            raise ValueError(f"{len(self.questions)} questions have {len(self.answers)} answers")
        if any(not 1 <= number <= len(self.sentences) for numbers in self.answers for number in numbers):
            raise ValueError("an answer names a sentence that is not in its list")
        return self

    @model_validator(mode="after")
    def _one_kind_of_place(self) -> Place:
        if self.article is None and (self.lid or self.onderdeel):
            raise ValueError("a lid or onderdeel needs its article")
        if sum(told is not None for told in (self.article, self.heading, self.page)) > 1:
            raise ValueError("name the place by article, heading or page, not by two of them")
        return self

    @property
    def lines(self) -> tuple[str, ...]:
        """What leads here: what the place is about, and its questions."""
        return tuple(filter(None, (self.about, *self.questions)))

    @property
    def name(self) -> str:
        """For people: which place it is."""
        parts = [f"artikel {self.article}" if self.article else self.heading or self.page or "opening"]
        parts += [f"lid {self.lid}"] if self.lid else []
        parts += [f"onderdeel {self.onderdeel}"] if self.onderdeel else []
        return ", ".join(parts)


class Bridge(NamedTuple):
    """One question (or statement) in plain words and the passages of a source that it leads to.

    `sentences` are offsets in the source's text: where the sentences begin that say the answer, the best one first.
    """

    text: str
    source_id: str
    passages: tuple[str, ...]
    sentences: tuple[int, ...] = ()


class Gap(Frozen):
    """Something people ask that the sources are known not to answer; `topic` fits in "Over … staat niets in"."""

    topic: str
    questions: tuple[str, ...]


class LayerReport(Frozen):
    """How a layer fits the text it was written for.

    `places` counts its places; `changed` names articles whose text is another now; `missing` places that are not
    in any indexed version; `uncovered` articles that no place speaks for.
    """

    work: str
    places: int
    questions: int
    changed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    uncovered: tuple[str, ...] = ()


class Layer(Frozen):
    """What the layer adds to an index: bridges, words by passage id, known gaps, and how it fits."""

    bridges: tuple[Bridge, ...] = ()
    gaps: tuple[Gap, ...] = ()
    words: dict[str, str] = Field(default_factory=dict)
    reports: tuple[LayerReport, ...] = ()

    @property
    def questions(self) -> tuple[str, ...]:
        """All that leads somewhere or is known to lead nowhere, each once: what has a vector, in its order."""
        return tuple(self.rows)

    @cached_property
    def rows(self) -> Mapping[str, int]:
        """Which row the vector of each question is."""
        unanswered = (question for gap in self.gaps for question in gap.questions)
        asked = dict.fromkeys((*(bridge.text for bridge in self.bridges), *unanswered))
        return {question: row for row, question in enumerate(asked)}


def layer_files(folders: Iterable[Path]) -> tuple[Path, ...]:
    """The files of the layer, that of the known gaps too. Of a name in several folders, the first folder's counts."""
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.toml")) if folder.is_dir() else ():
            found.setdefault(path.name, path)
    return tuple(found[name] for name in sorted(found))


def read_places(path: Path) -> tuple[Place, ...]:
    """The places of one file. Raises `ManifestError`, which names the file and the place."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ManifestError(f"{path} cannot be read: {error}") from error
    if unknown := set(data) - {"work", "version", "place"}:
        raise ManifestError(f"{path} has an unknown key '{min(unknown)}'")
    given = {key: str(data[key]) for key in ("work", "version") if key in data}
    places: list[Place] = []
    seen: set[tuple[object, ...]] = set()
    for number, raw in enumerate(data.get("place", ()), start=1):
        try:
            place = Place.model_validate(given | raw)
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"])
            raise ManifestError(f"{path}, place {number}: {field or 'place'}: {first['msg']}") from None
        key = (place.work, place.version, place.name, place.occurrence)
        if key in seen:
            raise ManifestError(f"{path}, place {number}: {place.work} {place.name} stands here twice")
        seen.add(key)
        places.append(place)
    return tuple(places)


def read_gaps(path: Path) -> tuple[Gap, ...]:
    """The known gaps of a file. Raises `ManifestError`, which names the file and the gap."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ManifestError(f"{path} cannot be read: {error}") from error
    if unknown := set(data) - {"gap"}:
        raise ManifestError(f"{path} has an unknown key '{min(unknown)}'")
    gaps: list[Gap] = []
    for number, raw in enumerate(data.get("gap", ()), start=1):
        try:
            gaps.append(Gap.model_validate(raw))
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"])
            raise ManifestError(f"{path}, gap {number}: {field}: {first['msg']}") from None
    return tuple(gaps)


def lines_of(path: Path) -> tuple[str, ...]:
    """All that leads somewhere, or is known to lead nowhere, in one file of the layer; each once.

    Raises `ManifestError`.
    """
    if path.name == GAPS:
        said = [question for gap in read_gaps(path) for question in gap.questions]
    else:
        said = [line for place in read_places(path) for line in place.lines]
    return tuple(dict.fromkeys(said))


def article_hash(document: Document, article: str) -> str:
    """Twelve hex digits of the SHA-256 of an article's text, white space aside."""
    sections = (s for s in document.sections if s.article == article)
    text = " ".join(" ".join(document.text[s.start : s.end].split()) for s in sections)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def fit(
    places: Sequence[Place],
    gaps: Sequence[Gap],
    documents: Sequence[Document],
    passages: Mapping[str, Sequence[Passage]],
) -> Layer:
    """Fits the layer to what is indexed: `passages` by source id. Places of laws
    that are not there lead to who refers to them; those of other texts are left out."""
    by_work: dict[str, list[Document]] = defaultdict(list)
    for document in documents:
        by_work[document.source.work].append(document)
    referring = _referring(documents, passages)
    bridges: dict[tuple[str, str, tuple[str, ...]], Bridge] = {}
    words: dict[str, list[str]] = defaultdict(list)
    reports: list[LayerReport] = []

    def lead(place: Place, source_id: str, ids: tuple[str, ...], said: Mapping[str, tuple[int, ...]]) -> None:
        for line in place.lines:
            bridges.setdefault((line, source_id, ids), Bridge(line, source_id, ids, said.get(line, ())))

    for work in sorted({place.work for place in places}):
        own = [place for place in places if place.work == work]
        found: set[int] = set()
        for document in by_work[work]:
            pieces = passages[document.source.id]
            for number, place in enumerate(own):
                ids = _passages_of(place, document, pieces)
                if not ids:
                    continue
                found.add(number)
                lead(place, document.source.id, ids, _said(place, [p for p in pieces if p.id in ids]))
                for identity in ids:
                    words[identity] += [place.about, *place.words, *place.questions]
        if by_work[work]:
            reports.append(_report(work, own, by_work[work], {own[n].name for n in set(range(len(own))) - found}))
            continue
        for place in own:
            for source_id, ids in _guides_to(place, referring).items():
                lead(place, source_id, ids, {})
    said = {identity: "\n".join(filter(None, lines)) for identity, lines in words.items()}
    return Layer(bridges=tuple(bridges.values()), gaps=tuple(gaps), words=said, reports=tuple(reports))


Referring = Mapping[tuple[str, str], Sequence[tuple[str | None, Passage]]]


def _referring(documents: Sequence[Document], passages: Mapping[str, Sequence[Passage]]) -> Referring:
    """The passages, not of laws, that refer to an article, by work and article: the lid they name, and the passage."""
    pieces = {piece.id: piece for of_source in passages.values() for piece in of_source if piece.kind is not Kind.LAW}
    found: dict[tuple[str, str], list[tuple[str | None, Passage]]] = defaultdict(list)
    for identity, work, article, lid in links(documents, pieces.values()):
        found[work, article].append((lid, pieces[identity]))
    return found


def _guides_to(place: Place, referring: Referring) -> dict[str, tuple[str, ...]]:
    """By source, the passages that refer to a place."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for lid, piece in referring.get((place.work, place.article), ()) if place.article else ():
        if lid is None or place.lid is None or lid == place.lid:
            found[piece.source_id][piece.id] = None
    return {source_id: tuple(ids) for source_id, ids in found.items()}


def _passages_of(place: Place, document: Document, pieces: Sequence[Passage]) -> tuple[str, ...]:
    if place.article is None:
        return tuple(piece.id for piece in pieces if _is_there(place, piece, pieces[0]))
    sections = [s for s in document.sections if s.article == place.article and not s.lapsed]
    if place.lid is not None:
        same = [s for s in sections if s.lid == place.lid]
        sections = same[place.occurrence - 1 : place.occurrence]
    spans = [(s.start, s.end) for s in sections]
    if place.onderdeel is not None:
        spans = [(p.start, p.start + 1) for s in sections for p in s.parts if p.label == place.onderdeel]
    return tuple(
        piece.id
        for piece in pieces
        if piece.article == place.article and any(piece.start < end and start < piece.end for start, end in spans)
    )


def sentence_at(opening: str, pieces: Sequence[Passage]) -> int | None:
    """The offset in the source's text of the sentence that opens with these words; None where it does not stand."""
    pattern = re.compile(r"\s+".join(re.escape(word) for word in opening.split()))
    for piece in pieces:
        if found := pattern.search(piece.text):
            return piece.start + found.start()
    return None


def _said(place: Place, pieces: Sequence[Passage]) -> dict[str, tuple[int, ...]]:
    """For the questions of a place, the offsets of the sentences that answer them, as far as those stand there."""
    if not place.answers:
        return {}
    at = [sentence_at(opening, pieces) for opening in place.sentences]
    return {
        question: tuple(where for number in numbers if (where := at[number - 1]) is not None)
        for question, numbers in zip(place.questions, place.answers, strict=True)
    }


def _is_there(place: Place, piece: Passage, opening: Passage) -> bool:
    if place.page is not None:
        return piece.page == place.page
    if place.heading is not None:
        return bool(piece.heading_path) and piece.heading_path[-1] == place.heading
    return piece.heading_path == opening.heading_path


def _report(work: str, places: Sequence[Place], documents: Sequence[Document], missing: set[str]) -> LayerReport:
    hashes: dict[str, set[str]] = defaultdict(set)
    articles: dict[str, None] = {}
    for document in documents:
        for section in _articles(document):
            articles[section] = None
            hashes[section].add(article_hash(document, section))
    written = {place.article: place.hash for place in places if place.article and place.hash}
    return LayerReport(
        work=work,
        places=len(places),
        questions=sum(len(place.questions) for place in places),
        changed=tuple(a for a, was in written.items() if a in hashes and was not in hashes[a]),
        missing=tuple(sorted(missing)),
        uncovered=tuple(a for a in articles if a not in {place.article for place in places}),
    )


def _articles(document: Document) -> dict[str, Any]:
    found: dict[str, Section] = {}
    for section in document.sections:
        if section.article is not None and not section.lapsed:
            found.setdefault(section.article, section)
    return found
