"""Answers made of sentences that stand in the sources, each with its citation.

Passages give **units**: a sentence, or the lead-in of a list with its items. Units are weighed on five things: how
close their passage is, the question's words they hold, whether they have the kind of answer asked for (a number for
"hoeveel"), how near the nearest question in plain words is that they are known to answer, and, for the best of them,
their likeness in meaning. The first sentence is the best one; others follow when they come close, in source order
within a source.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from assistant.answering.sentence_vectors import sentence_vectors
from assistant.evidence import WordWeights
from assistant.models import Citation, Claim, Evidence
from assistant.settings import AnswerWeights, Weights
from assistant.verification import normalise, numbers
from indexer.embedding import Embedder
from indexer.index import Index
from indexer.models import Frozen, Kind, Passage
from indexer.readers.bwb import article_url
from indexer.sentences import Span, sentence_spans

_ITEM = re.compile(r"^(?:[-–•*]|[a-z]{1,2}[.)]|\d{1,2}[°.)]+|[ivx]+[.)])\s")
_HOW_MANY = re.compile(
    r"(?i)\bhoe\s*(?:veel|lang|vaak|hoog|groot|oud|snel)\b|\bhow (?:many|much|long|often|old|high)\b"
    r"|\btermijn\b|\bbedrag\b|\bmaximaal\b|\bminimaal\b|\bwanneer\b|\bwhen\b"
)
_WHO = re.compile(r"(?i)\bwie\b|\bwelke (?:instantie|organisatie|partij)\b|\bwho\b")
_WHO_ANSWERS = re.compile(
    r"(?i)\b(?:college|DUO|COA|IND|UWV|Onze Minister|minister|gemeente(?:raad)?|SVB|werkgever|klantmanager|rechter|"
    r"inburgeringsplichtige|Dienst Uitvoering Onderwijs|belanghebbende)\b"
)
_MAY = re.compile(r"(?i)^\s*(?:en\s+)?(?:mag|mogen|moet|moeten|kan|kunnen|hoeft|is het|may|must|can)\b")
_MAY_ANSWERS = re.compile(
    r"(?i)\b(?:kan|kunnen|mag|mogen|moet|moeten|verplicht|recht|niet|geen|tenzij|uitsluitend|dient)\b"
)
_EXCEPTION = re.compile(r"(?i)^(?:in afwijking van|tenzij|mits|het eerste lid (?:is|geldt) niet|behalve)\b")
_LONGEST = 70
_REFERENCE = re.compile(
    r"(?i)\([^()]*\b(?:artikel|lid|wet|besluit|p\.)[^()]*\)"
    r"|\bartikel(?:en)?\s+\d[\w.:]*(?:,\s*(?:\w+ lid|lid \d+|onderdeel \w+))*"
    r"|\b(?:wet|besluit|regeling|wi)[ \w]{0,14}?\b20\d\d\b"
)
"""Where something stands: its numbers count nothing."""
_CELL = "\t"
"""Between the cells of a table in a reading text."""
_TOPIC = "Onderwerp"
"""Above the first column of a table that tells topic by topic: the topic alone says as much."""


class Unit(Frozen):
    """A stretch of a passage that can be said on its own. Offsets point into the document's text.

    `lead` is what a list item hangs on (the lead-in of its list, or its heading), or a row (the head of its table):
    without it the item would seem to say more than it does, so it is said along with it; `lead_at` are its offsets
    where it stands in the passage, to be quoted too.
    """

    passage: Passage
    start: int
    end: int
    text: str
    rank: int
    opening: bool = False
    lead: str = ""
    lead_at: tuple[int, int] | None = None


def units_of(passage: Passage, rank: int, whole: int = 0) -> list[Unit]:
    """The units of a passage: sentences, and lists with their lead-in (as far as they stay short).

    A passage of a law of up to `whole` words is one unit: its sentences lean on each other.
    """
    if passage.kind is Kind.LAW and len(passage.text.split()) <= whole:
        return [Unit(passage=passage, start=passage.start, end=passage.end, text=passage.text, rank=rank, opening=True)]
    spans = _spans(passage.text)
    items = [bool(_ITEM.match(passage.text[start:end])) for start, end in spans]
    rows = [*(_CELL in passage.text[start:end] for start, end in spans), False]
    units: list[Unit] = []
    number = 0
    lead, lead_at = _lead_before(passage), None
    while number < len(spans):
        start, end = spans[number]
        marked, row = items[number], rows[number]
        number += 1
        if _CELL in lead and not row:
            lead, lead_at = _heading(passage), None
        if row and rows[number] and not marked and _CELL not in lead:
            # The head of a table says nothing alone, and its rows say little without it.
            lead, lead_at = passage.text[start:end], (passage.start + start, passage.start + end)
            continue
        is_item = marked or (row and _CELL in lead)
        leads_in = passage.text[start:end].endswith(":")
        if not is_item:
            lead = passage.text[start:end] if leads_in else _heading(passage)
            lead_at = (passage.start + start, passage.start + end) if leads_in else None
        if leads_in:
            # A lead-in says nothing alone: take its items along, as many as can be read at once.
            while number < len(spans) and items[number] and _is_short(passage.text[start : spans[number][1]]):
                end = spans[number][1]
                number += 1
        elif is_item and lead == _heading(passage) and not passage.text[start:end].endswith("."):
            # A list of parts of a sentence right under its heading is said whole where it can be read at once: its
            # items answer together. Items that are sentences stand alone.
            after = items.index(False, number) if False in items[number:] else len(items)
            if _is_short(passage.text[start : spans[after - 1][1]]):
                end, number = spans[after - 1][1], after
        mark = _ITEM.match(passage.text[start:end])
        if mark and "\n" not in passage.text[start:end]:
            start += mark.end()  # the mark of a single list item says nothing
        text = passage.text[start:end]
        if len(text.split()) >= 3 or (is_item and lead):  # "huur" says enough behind what it hangs on
            units.append(
                Unit(
                    passage=passage,
                    start=passage.start + start,
                    end=passage.start + end,
                    text=text,
                    rank=rank,
                    opening=not units and not is_item,
                    lead=lead if is_item else "",
                    lead_at=lead_at if is_item else None,
                )
            )
    return units


def _spans(text: str) -> list[Span]:
    """The sentences of a text; a row of a table is one, also where a cell ends with a question mark."""
    spans: list[Span] = []
    for start, end in sentence_spans(text):
        line = text.rfind("\n", 0, start) + 1
        if spans and spans[-1][0] >= line and _CELL in text[spans[-1][0] : end]:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans


def _is_short(text: str) -> bool:
    """Whether a list can be read at once."""
    return len(text.split()) <= _LONGEST


def _lead_before(passage: Passage) -> str:
    """What the first list item of a passage hangs on: the lead-in that chunking put in its context, or its heading."""
    last = passage.context.rpartition("\n")[2]
    return last if last.endswith(":") else _heading(passage)


def _heading(passage: Passage) -> str:
    return passage.heading_path[-1] if passage.heading_path and passage.kind is not Kind.LAW else ""


def answer(
    index: Index,
    embedder: Embedder,
    question: str,
    vector: NDArray[np.float32],
    evidence: Sequence[Evidence],
    word_weights: WordWeights,
    weights: Weights,
    label: str = "",
) -> tuple[list[Claim], list[Citation]]:
    """Claims and the citations they rest on, best first; empty when no passage has a sentence that fits."""
    chosen = _choose(embedder, question, vector, evidence, word_weights, weights)
    runs = citation_runs(_with_leads(chosen))
    citations = [
        cite(index, run[0].passage, run[0].start, run[-1].end, number) for number, run in enumerate(runs, start=1)
    ]
    number_of = {unit_key(unit): number for number, run in enumerate(runs, start=1) for unit in run}
    claims = [
        Claim(
            text=_said(together),
            citations=tuple(dict.fromkeys(number_of[unit_key(unit)] for unit in _with_leads(together))),
            label=label,
        )
        for together in _lists(chosen)
    ]
    return claims, citations


def _with_leads(chosen: Sequence[Unit]) -> list[Unit]:
    """The units with, in front of each, the lead-in that it is said behind: what is said is quoted."""
    found: dict[tuple[str, int], Unit] = {}
    for unit in chosen:
        if unit.lead_at is not None:
            start, end = unit.lead_at
            lead = Unit(passage=unit.passage, start=start, end=end, text=unit.lead, rank=unit.rank)
            found.setdefault(unit_key(lead), lead)
        found.setdefault(unit_key(unit), unit)
    return list(found.values())


def _lists(chosen: Sequence[Unit]) -> list[list[Unit]]:
    """Single items said one after another that hang on the same lead-in are said as one list."""
    groups: list[list[Unit]] = []
    for unit in chosen:
        before = groups[-1][-1] if groups else None
        hangs_along = before and unit.lead and (before.passage.id, before.lead) == (unit.passage.id, unit.lead)
        if before and hangs_along and "\n" not in before.text + unit.text:  # a whole list has marks of its own
            groups[-1].append(unit)
        else:
            groups.append([unit])
    return groups


def citation_runs(chosen: Sequence[Unit]) -> list[list[Unit]]:
    """Units that follow each other in one passage, in its order: they are cited as one quote."""
    runs: list[list[Unit]] = []
    for unit in sorted(chosen, key=lambda u: (u.passage.id, u.start)):
        before = runs[-1][-1] if runs else None
        if before and before.passage.id == unit.passage.id:
            gap = unit.passage.text[before.end - unit.passage.start : unit.start - unit.passage.start]
            if not gap.strip():
                runs[-1].append(unit)
                continue
        runs.append([unit])
    # Numbered in the order in which they are said.
    order = {unit_key(unit): place for place, unit in enumerate(chosen)}
    return sorted(runs, key=lambda run: min(order[unit_key(unit)] for unit in run))


def _choose(
    embedder: Embedder,
    question: str,
    vector: NDArray[np.float32],
    evidence: Sequence[Evidence],
    word_weights: WordWeights,
    weights: Weights,
) -> list[Unit]:
    limits = weights.answer
    near = [e for e in evidence[: limits.passages] if e.score >= evidence[0].score - limits.passage_margin]
    units = [unit for rank, item in enumerate(near) for unit in units_of(item.passage, rank, limits.whole)]
    if not units:
        return []
    total = word_weights.total or 1.0
    first = {unit_key(u): _first_score(u, question, word_weights, total) for u in units}
    told = {unit_key(u): _told(u, near[u.rank]) for u in units}
    ranked = sorted(_distinct(units), key=lambda unit: -first[unit_key(unit)])
    candidates = _heard(ranked, told, limits)
    # A passage that is said whole was compared when it was found.
    alike = {item.passage.id: item.dense for item in near}
    known = {
        unit_key(u): alike[u.passage.id] for u in candidates if (u.start, u.end) == (u.passage.start, u.passage.end)
    }
    asked = [unit for unit in candidates if known.get(unit_key(unit)) is None]
    likeness = {unit_key(u): known.get(unit_key(u)) or 0.0 for u in candidates}
    if asked:
        found = sentence_vectors(embedder, [in_place(unit) for unit in asked]) @ vector
        likeness |= {unit_key(unit): float(like) for unit, like in zip(asked, found, strict=True)}
    worth = {item.passage.id: item.score - near[0].score for item in near}
    scores = {
        unit_key(unit): limits.words_weight * first[unit_key(unit)]
        + likeness[unit_key(unit)]
        + limits.passage_weight * worth[unit.passage.id]
        + limits.opening_weight * unit.opening
        + limits.told_weight * max(0.0, told[unit_key(unit)] - limits.told_from)
        for unit in candidates
    }
    candidates.sort(key=lambda unit: -scores[unit_key(unit)])
    # The best sentence of each of the best passages comes first, then what comes close to the best of all.
    lead = [rank for rank, e in enumerate(near[: limits.leading]) if e.score >= near[0].score - limits.leading_margin]
    leading = [next((u for u in candidates if u.rank == rank), None) for rank in lead]
    wanted = [unit for unit in leading if unit is not None]
    # A short passage that answers best is said whole: its sentences are each other's conditions and exceptions.
    if candidates[0].rank == 0 and len(candidates[0].passage.text.split()) <= limits.whole_top:
        wanted = [wanted[0], *(u for u in units if u.rank == 0 and u not in wanted), *wanted[1:]]
    margin = scores[unit_key(candidates[0])] - limits.margin
    wanted += [unit for unit in candidates if unit not in wanted and scores[unit_key(unit)] >= margin]
    chosen: list[Unit] = []
    words = 0
    for unit in wanted:
        size = len(unit.text.split())
        fits = not chosen or (words + size <= limits.words and len(chosen) < limits.sentences)
        if fits and not any(_says_the_same(unit, other) for other in chosen):
            chosen.append(unit)
            words += size
    chosen.extend(_exceptions(chosen, units, limits.sentences, limits.words - words))
    return _ordered(chosen)


def _heard(ranked: Sequence[Unit], told: Mapping[tuple[str, int], float], limits: AnswerWeights) -> list[Unit]:
    """The units that are compared by meaning.

    Of each of the best passages a few; its opening, and a sentence that answers a question in plain words near this
    one, even where they have none of the words. Of the next passages only such sentences.
    """
    heard: dict[int, list[Unit]] = defaultdict(list)
    for unit in ranked:
        opens = unit.opening and unit.rank < limits.whole_passages
        if opens or told[unit_key(unit)] >= limits.told_from:
            heard[unit.rank].append(unit)
    for unit in ranked:
        room = limits.candidates if unit.rank < limits.whole_passages else 0
        if unit not in heard[unit.rank] and len(heard[unit.rank]) < room:
            heard[unit.rank].append(unit)
    return [unit for of_passage in heard.values() for unit in of_passage]


def unit_key(unit: Unit) -> tuple[str, int]:
    """What tells one unit from another."""
    return unit.passage.id, unit.start


def _first_score(unit: Unit, question: str, word_weights: WordWeights, total: float) -> float:
    """Between about 0 and 1.6: words of the question, kind of answer, rank of the passage."""
    words = word_weights.held_by(unit.text) / total
    around = word_weights.held_by(unit.passage.context) / total
    kind = 0.0
    if _HOW_MANY.search(question):
        kind += 0.25 if numbers(_REFERENCE.sub(" ", unit.text)) else -0.1
    if _WHO.search(question):
        kind += 0.12 if _WHO_ANSWERS.search(unit.text) else 0.0
    if _MAY.search(question):
        kind += 0.06 if _MAY_ANSWERS.search(unit.text) else 0.0
    if unit.text.rstrip().endswith("?"):
        kind -= 0.3  # a question is no answer
    return words + 0.25 * around + kind + 0.35 / (1 + unit.rank)


def _told(unit: Unit, evidence: Evidence) -> float:
    """The cosine of the nearest question in plain words that this unit answers; 0 where none is known."""
    return max((like for at, like in evidence.told if unit.start <= at < unit.end), default=0.0)


def in_place(unit: Unit) -> str:
    """The unit as it is compared by meaning: with the heading it stands under."""
    heading = unit.lead or (unit.passage.heading_path[-1] if unit.passage.heading_path else "")
    return f"{heading}: {normalise(unit.text)}" if heading else normalise(unit.text)


def _distinct(units: Sequence[Unit]) -> list[Unit]:
    """Each text once: of two sources with the same sentence, the one that can say on which page it stands."""
    result: dict[str, Unit] = {}
    for unit in units:
        key = normalise(unit.text).lower()
        if key not in result or (unit.passage.page is not None and result[key].passage.page is None):
            result[key] = unit
    return list(result.values())


def _says_the_same(unit: Unit, other: Unit) -> bool:
    mine, theirs = set(unit.text.lower().split()), set(other.text.lower().split())
    return len(mine & theirs) >= 0.7 * min(len(mine), len(theirs))


def _exceptions(chosen: Sequence[Unit], units: Sequence[Unit], sentences: int, room: int) -> list[Unit]:
    """What limits the first sentence comes along: the next sentence that opens with an exception to it."""
    best = chosen[0]
    said = {unit_key(unit) for unit in chosen}
    found: list[Unit] = []
    for unit in units:
        near = unit.passage.source_id == best.passage.source_id and 0 < unit.start - best.end < 400
        if near and _EXCEPTION.match(unit.text) and unit_key(unit) not in said:
            size = len(unit.text.split())
            if len(chosen) + len(found) < sentences and size <= room:
                found.append(unit)
                room -= size
    return found


def _ordered(chosen: list[Unit]) -> list[Unit]:
    """The best unit first; the others of its source right after it in their order, then the other sources."""
    best = chosen[0]
    places = {source: number for number, source in enumerate(dict.fromkeys(u.passage.source_id for u in chosen))}
    rest = sorted(chosen[1:], key=lambda unit: (places[unit.passage.source_id], unit.start))
    return [best, *rest]


def _said(together: Sequence[Unit]) -> str:
    """Units as they are said: list items on lines of their own, a lone item behind what it hangs on."""
    lead = " ".join(together[0].lead.split())
    if _CELL in together[0].lead:
        texts = [_row(unit) for unit in together]
        lead = _heading(together[0].passage) if len(texts) > 1 else ""
    else:
        lines = [unit.text.replace(_CELL, " – ").split("\n") for unit in together]
        texts = ["\n".join(" ".join(line.split()) for line in of_unit) for of_unit in lines]
    if len(texts) > 1:
        return "\n".join((lead, *(f"- {text}" for text in texts)))
    if not lead:
        return texts[0]
    return f"{lead}\n{texts[0]}" if "\n" in texts[0] else f"{lead} {texts[0]}"


def _row(unit: Unit) -> str:
    """A row of a table, with what its head says of each cell. The head may lack the cell above the first column."""
    head, cells = ([" ".join(cell.split()) for cell in text.split(_CELL)] for text in (unit.lead, unit.text))
    if len(head) == len(cells) and head[0] != _TOPIC:
        return "; ".join(map(" – ".join, zip(head, cells, strict=True)))
    names = head[1:] if head[0] == _TOPIC else head
    if len(names) != len(cells) - 1:
        return " – ".join(cells)
    return f"{cells[0]}: " + "; ".join(map(" – ".join, zip(names, cells[1:], strict=True)))


def cite(index: Index, passage: Passage, start: int, end: int, number: int) -> Citation:
    """The citation of a stretch of a document: the quote as it stands there, and where that is."""
    source = index.sources[passage.source_id]
    document = index.document(passage.source_id)
    section = index.section_at(passage.source_id, start)
    locator = section.locator if section and section.locator else passage.locator
    if section and section.article:
        within = [part.label for part in section.parts if part.start <= start and end <= part.end and part.label]
        if within:
            locator = f"{locator}, onderdeel {within[-1]}"
    elif section and section.heading_path and source.kind is not Kind.LAW and section.page is None:
        locator = section.heading_path[-1]
    page = section.page if section else passage.page
    url = source.url
    if passage.kind is Kind.LAW and passage.article:
        url = article_url(passage.work, passage.article, passage.lid)
    return Citation(
        number=number,
        passage_id=passage.id,
        source_id=passage.source_id,
        title=source.title,
        kind=passage.kind,
        binding=passage.binding,
        regime=passage.regime,
        locator=locator,
        page=page,
        page_index=section.page_index if section else passage.page_index,
        article=passage.article,
        quote=document.text[start:end],
        start=start,
        end=end,
        url=url,
        valid_from=passage.valid_from,
        valid_to=passage.valid_to,
    )
