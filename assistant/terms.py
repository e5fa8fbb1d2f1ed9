"""The words of a question that carry its meaning, and how much each weighs."""

from __future__ import annotations

import re

from indexer.lexical import words

# Words that a question is built with rather than about.
STOP_WORDS = frozenset(
    "de het een en van in op te dat die is dit zijn was wordt worden werd met voor aan er om als bij ook "
    "dan naar door over uit tot of maar niet geen nog wel al zo hoe wat wie waar welke welk wanneer "
    "waarom hoeveel hoelang mag mogen moet moeten kan kunnen zal zullen wil willen heeft hebben had ik "
    "jij je u we wij ze zij hij haar hem hun mijn jouw uw ons onze deze daar hier iemand iets men zich "
    "doen doet gaan gaat komt komen krijgt krijgen ben bent eigenlijk precies dus eens even toch graag "
    "alsjeblieft bedankt hoi hallo vraag weten weet zeggen zegt minimaal maximaal minstens hoogstens "
    "gemiddeld ongeveer lang vaak veel per the a an of to in on for with is are be by it its this that "
    "what who when where which how many much long does do did can may must should my your their his her "
    "he she they i we and or if not no does at from under".split()
)


_PLACEHOLDER = re.compile(r"(?i)(?:\b(?:bsn|tel(?:efoon)?|e-?mail|iban|v-?nummer|naam)\.?\s*:?\s*)?\[[\w -]+\]")
_YEAR = re.compile(r"(?:19|20)\d\d")


def without_placeholders(text: str) -> str:
    """A masked text without the marks of what was masked: they say nothing about what is asked."""
    return " ".join(_PLACEHOLDER.sub(" ", text).split())


def content_words(text: str) -> list[str]:
    """The distinct words of a text that are not stop words, in order, in lower case. A year tells when, not what."""
    found = dict.fromkeys(words(without_placeholders(text)))
    return [word for word in found if word not in STOP_WORDS and len(word) > 1 and not _YEAR.fullmatch(word)]
