"""A follow-up question made to stand alone by a language model, trusted only as far as it keeps to what was asked."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from assistant import privacy, prompts
from assistant.answering.client import ChatClient
from assistant.answering.protocol import clean
from assistant.errors import ModelError
from assistant.models import Turn, Usage
from assistant.scope import language_of
from assistant.terms import content_words
from assistant.verification import spoken_numbers
from indexer.lexical import stem

_LONGEST = 300
_TOKENS = 120
_OWN = 0.75
"""Share of the rewritten question's words that were said before."""


def standalone(
    client: ChatClient, question: str, earlier: Sequence[Turn], stop: threading.Event
) -> tuple[str | None, Usage]:
    """The question as it stands alone, or None; and what it took. Questions come in masked."""
    call = client.call(prompts.rewriting(question, earlier, language_of(question)), stop=stop, output_tokens=_TOKENS)
    try:
        text = "".join(call)
    except ModelError:
        return None, call.usage
    said = " ".join((*(turn.question for turn in earlier), question))
    return (None if call.broke_off else trusted(text, said)), call.usage


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
    if not spoken_numbers(line) <= spoken_numbers(said) or any(mark in line for mark in "<>[]{}⟦⟧"):
        return None
    return line if line.endswith("?") and privacy.mask(line).text == line else None
