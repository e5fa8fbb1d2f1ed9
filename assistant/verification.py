"""Checking an answer before a person sees it: every quote stands in its source, every number in its passages.

A quote is a contiguous run of the passage's raw text; white space and typographic quotes are normalised, nothing
else. Numbers, dates, amounts, durations and article numbers of a claim must occur in the passages it cites.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from assistant.models import Citation, Claim
from indexer.models import Passage

_QUOTES = str.maketrans({"‘": "'", "’": "'", "‚": "'", "‛": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"'})
_SPACE = re.compile(r"\s+")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*[a-z]?\b|\d+(?:[.,:]\d+)*")
_FROM_ZERO = (
    "nul een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien zeventien "
    "achttien negentien twintig"
).split()
# "een" is an article far more often than a number.
_FROM_ZERO_EN = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
).split()
_NUMBER_WORDS = {
    word: str(number) for words in (_FROM_ZERO, _FROM_ZERO_EN) for number, word in enumerate(words) if number > 1
} | {
    "één": "1",
    "thirty": "30",
    "forty": "40",
    "fifty": "50",
    "sixty": "60",
    "hundred": "100",
    "dertig": "30",
    "veertig": "40",
    "vijftig": "50",
    "zestig": "60",
    "honderd": "100",
}
_UNITS = {
    **dict.fromkeys(("minuut", "minuten", "minute", "minutes"), "minuut"),
    **dict.fromkeys(("dag", "dagen", "day", "days"), "dag"),
    **dict.fromkeys(("week", "weken", "weeks"), "week"),
    **dict.fromkeys(("maand", "maanden", "month", "months"), "maand"),
    **dict.fromkeys(("jaar", "jaren", "year", "years"), "jaar"),
    **dict.fromkeys(("uur", "uren", "hour", "hours"), "uur"),
    **dict.fromkeys(("keer", "maal", "times"), "keer"),
    **dict.fromkeys(("procent", "percent", "%"), "procent"),
    **dict.fromkeys(("euro", "euros", "eur", "€"), "euro"),
}
_UNIT = rf"(?:{'|'.join(sorted(filter(str.isalpha, _UNITS), key=len, reverse=True))})"
_WORD_NUMBER = re.compile(rf"(?i)\b({'|'.join(_NUMBER_WORDS)})(?=\s+(?:{_UNIT})\b)")


def normalise(text: str) -> str:
    """The text with white space as single spaces and typographic quotes as plain ones."""
    return _SPACE.sub(" ", text.translate(_QUOTES)).strip()


def stands_in(quote: str, text: str) -> bool:
    """Whether a quote is a contiguous run of a text, in whole words."""
    needle, hay = normalise(quote), normalise(text)
    if not needle:
        return False
    at = hay.find(needle)
    while at >= 0:
        before = hay[at - 1] if at else " "
        after = hay[at + len(needle)] if at + len(needle) < len(hay) else " "
        if not (before.isalnum() and needle[0].isalnum()) and not (after.isalnum() and needle[-1].isalnum()):
            return True
        at = hay.find(needle, at + 1)
    return False


def locate(quote: str, text: str) -> tuple[int, int] | None:
    """Where a quote stands in a text, in whole words, as (start, end); None where it does not.

    The quote's own marks around it, its first letter's case and a full stop behind it may differ: what is shown is
    what stands in the text.
    """
    wanted = normalise(quote).strip("\"' ").rstrip(".,;:")
    if not wanted:
        return None
    marks = {"'": "['‘’‚‛]", '"': '["“”„«»]'}
    first, others = wanted[0], wanted[1:]
    pattern = f"(?i:{marks.get(first) or re.escape(first)})"
    pattern += "".join(r"\s+" if sign == " " else marks.get(sign) or re.escape(sign) for sign in others)
    edges = r"(?<!\w)" if first.isalnum() else "", r"(?!\w)" if wanted[-1].isalnum() else ""
    found = re.search(f"{edges[0]}{pattern}{edges[1]}", text)
    if found is None:
        return None
    stop = found.end()
    return found.start(), stop + (quote.rstrip("\"'”’» ")[-1:] == text[stop : stop + 1] and text[stop] in ".,;:")


def numbers(text: str) -> set[str]:
    """The numbers of a text, one notation each: '1.234' as '1234', 'drie jaar' as '3'."""
    found = {_plain(number) for number in _NUMBER.findall(text.lower())}
    return found | {_NUMBER_WORDS[word.lower()] for word in _WORD_NUMBER.findall(text)}


_QUANTITY = re.compile(
    rf"(?i)(?P<euro>€)\s*(?P<amount>\d[\d.,]*)"
    rf"|\b(?P<number>\d[\d.,]*|{'|'.join(_NUMBER_WORDS)}|een)(?:\s+(?P<unit>{_UNIT})\b|\s*(?P<percent>%))"
)


def quantities(text: str) -> set[tuple[str, str]]:
    """The amounts of a text as (number, unit): 'tien weken' as ('10', 'week'), '€ 1.800' as ('1800', 'euro')."""
    found = set()
    for match in _QUANTITY.finditer(text.lower()):
        number = (match["amount"] or match["number"]).rstrip(".,")
        number = "1" if number == "een" else _NUMBER_WORDS.get(number, number)
        found.add((_plain(number), _UNITS[match["euro"] or match["percent"] or match["unit"]]))
    return found


def spoken_numbers(text: str) -> set[str]:
    """Every number of a text, in figures or in words, whatever it counts: 'vier gesprekken' as '4'."""
    said = {_NUMBER_WORDS[word] for word in re.findall(r"\w+", text.lower()) if word in _NUMBER_WORDS}
    return numbers(text) | said


_ORDINALS = {
    word: str(number)
    for language in (
        "eerste tweede derde vierde vijfde zesde zevende achtste negende tiende elfde twaalfde",
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth",
    )
    for number, word in enumerate(language.split(), start=1)
}


def ordinals(text: str) -> set[str]:
    """The ordinal numbers of a text in words, as figures: 'het tweede lid' as '2'."""
    return {_ORDINALS[word] for word in re.findall(r"\w+", text.lower()) if word in _ORDINALS}


def _plain(number: str) -> str:
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?", number):
        number = number.replace(".", "")
    return re.sub(r",(?:00|-)?$", "", number)


def verify(
    claims: Sequence[Claim],
    citations: Sequence[Citation],
    passages: Mapping[str, Passage],
    raw_text: Callable[[str, int, int], str],
) -> tuple[list[Claim], list[Citation], list[str]]:
    """The claims and citations that hold, renumbered from 1, and a sentence for each claim that was dropped.

    `raw_text(source_id, start, end)` gives the text at that place of the source's document; a citation must quote
    just what stands there.
    """
    good = {c.number: c for c in citations if _citation_holds(c, passages, raw_text)}
    dropped: list[str] = []
    kept: list[Claim] = []
    for claim in claims:
        cited = [good[number] for number in claim.citations if number in good]
        if len(cited) != len(claim.citations) or not cited:
            dropped.append("Een zin is weggelaten: het citaat staat niet zo in de bron.")
            continue
        ground = " ".join(f"{passages[c.passage_id].context} {passages[c.passage_id].text} {c.locator}" for c in cited)
        # 'lid 2' is what a text calls 'het tweede lid'.
        if not numbers(claim.text) <= numbers(ground) | ordinals(ground):
            dropped.append("Een zin is weggelaten: een getal daarin staat niet in de bron.")
            continue
        kept.append(claim)
    order = list(dict.fromkeys(number for claim in kept for number in claim.citations))
    renumber = {old: new for new, old in enumerate(order, start=1)}
    return (
        [c.model_copy(update={"citations": tuple(renumber[n] for n in c.citations)}) for c in kept],
        [good[old].model_copy(update={"number": renumber[old]}) for old in order],
        dropped,
    )


def _citation_holds(
    citation: Citation, passages: Mapping[str, Passage], raw_text: Callable[[str, int, int], str]
) -> bool:
    passage = passages.get(citation.passage_id)
    if passage is None or passage.source_id != citation.source_id:
        return False
    there = raw_text(citation.source_id, citation.start, citation.end)
    return stands_in(citation.quote, passage.text) and normalise(there) == normalise(citation.quote)
