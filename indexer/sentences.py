"""Dutch and English sentences as spans of a text.

A newline always ends a sentence: readers put one paragraph, lid or list item on a line. Within a line a full
stop, question mark or exclamation mark ends one, unless it belongs to an abbreviation, a number or an initial.
"""

from __future__ import annotations

import re

Span = tuple[int, int]

_ABBREVIATIONS = frozenset(
    "art artt al bijv bv blz ca cq dhr d.d dr drs e.a e.d e.v evt excl fig hfst i.c i.h.k.v i.o i.p.v "
    "i.v.m incl ing ir jl jo lid m.a.w m.b.t m.b.v m.i m.i.v m.n m.u.v max mevr min mr mw n.a.v n.v.t nl "
    "no nr nrs o.a o.b.v o.g.v o.m o.v.v ong p par pag prof red resp secr sr st stb stcrt t.a.v t.b.v "
    "t.o.v t.w t/m tel vgl vlg vs w.o zgn zoal e.g i.e vol approx".split()
)
_END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s|$)")
_LAST_WORD = re.compile(r"([\w./]+)$")


def sentence_spans(text: str, start: int = 0, end: int | None = None) -> list[Span]:
    """The (start, end) of every sentence between `start` and `end`, without the white space around it.

    Together they cover every character of the stretch that is not white space.
    """
    stop = len(text) if end is None else end
    spans: list[Span] = []
    line_start = start
    while line_start < stop:
        newline = text.find("\n", line_start, stop)
        line_end = stop if newline < 0 else newline
        begin = line_start
        for match in _END.finditer(text, line_start, line_end):
            if _ends_sentence(text, begin, match):
                _add(spans, text, begin, match.end())
                begin = match.end()
        _add(spans, text, begin, line_end)
        line_start = line_end + 1
    return spans


def _ends_sentence(text: str, begin: int, match: re.Match[str]) -> bool:
    after = text[match.end() : match.end() + 2].lstrip()
    if after and after[0].islower():
        return False
    if match.group()[0] != ".":
        return True
    word = _LAST_WORD.search(text, begin, match.start())
    if word is None:
        return True
    last = word.group(1).lower()
    if last in _ABBREVIATIONS or (len(last) == 1 and last.isalpha()):
        return False
    # "1. De aanvraag" and "2.1. Doel" number a line rather than end a sentence.
    return not (word.start(1) == begin + _leading(text, begin) and re.fullmatch(r"[\d.]+", last))


def _leading(text: str, begin: int) -> int:
    return len(text[begin:]) - len(text[begin:].lstrip())


def _add(spans: list[Span], text: str, begin: int, end: int) -> None:
    while begin < end and text[begin].isspace():
        begin += 1
    while end > begin and text[end - 1].isspace():
        end -= 1
    if begin < end:
        spans.append((begin, end))
