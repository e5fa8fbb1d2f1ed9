"""What a language model makes of a question before anything is searched, trusted only as far as it keeps to it."""

from __future__ import annotations

import re

from assistant import privacy
from assistant.answering.protocol import clean
from assistant.terms import content_words
from assistant.verification import spoken_numbers
from indexer.lexical import stem

_LONGEST = 300
_OWN = 0.75
"""Share of the rewritten question's words that were said before."""
_MOST_WORDS = 6


def trusted(text: str, said: str) -> str | None:
    """A rewritten question when it is one, in words of the conversation `said`; else None."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) != 1:
        return None
    line = clean(lines[0]).strip("\"'“”„ ")
    own = content_words(line)
    known = {stem(word) for word in content_words(said)}
    new = [word for word in own if stem(word) not in known]
    if not own or len(line) > _LONGEST or len(new) > (1 - _OWN) * len(own):
        return None
    if not spoken_numbers(line) <= spoken_numbers(said) or any(mark in line for mark in "<>{}⟦⟧"):
        return None
    return line if line.endswith("?") and privacy.mask(line).text == line else None


def search_words(text: str) -> tuple[str, ...]:
    """The words of a line with commas; none when it is anything else."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) != 1:
        return ()
    found = [clean(part).strip(". ") for part in lines[0].split(",")]
    words = [word for word in found if re.fullmatch(r"[^\W\d][\w -]{2,40}", word)]
    return tuple(dict.fromkeys(words))[:_MOST_WORDS]
