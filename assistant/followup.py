"""Makes a question stand alone: what it leaves out is taken from the question before it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.models import Turn
from assistant.terms import content_words

_LEANS = re.compile(
    r"(?i)^\s*(?:en|maar|dus|ook|of|and|but|what about|hoe zit (?:het|dat) (?:dan )?(?:met|bij|in))\b"
    r"|\b(?:dat|die|dit|deze|daarvan|daarvoor|daarbij|hiervan|hiervoor|hij|zij|ze|hem|haar|it|that|they|those|he|she)\b"
)
_OPENING = re.compile(r"(?i)^\s*(?:en|maar|dus|and|but)\s+")


def standalone(question: str, conversation: Sequence[Turn]) -> str:
    """The question, with the subject of the one before where it leans on that.

    A question leans when it opens with "en", points back with a pronoun, or has hardly a word of its own. The
    earlier question goes in front of it; earlier answers and their sources do not come along.
    """
    if not conversation:
        return question
    own = content_words(question)
    opens = bool(_OPENING.match(question))
    if len(own) > 5 or not (opens or len(own) <= 2 or (_LEANS.search(question) and len(own) <= 3)):
        return question
    before = conversation[-1].question.strip().rstrip("?.! ")
    # Of a chain "X? – en Y? – en Z?" only the subject X and the last turn matter.
    rest = _OPENING.sub("", question).strip()
    return f"{before}: {rest}" if before else question
