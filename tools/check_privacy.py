"""Measures the masking of personal data: what is missed, by kind, and what is masked for nothing.

    python -m tools.check_privacy [TEXT or FOLDER …]

Misses are counted over `privacy_texts.txt` (invented people), where `{kind:value}` marks what must go; nothing else in
those texts may go. False alarms are counted in sentences over the shipped corpus, the known questions for development
and the folders named (default ../shared/sources). Prints the figures and exits with 1 when a bar is not met.
"""

from __future__ import annotations

import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from assistant.privacy import mask
from evals.questions import load_questions
from indexer.readers import read
from indexer.sentences import sentence_spans
from indexer.sources import discover

HERE = Path(__file__).parent
ROOT = HERE.parent
MISSES, FALSE_ALARMS = 0.01, 0.001
_LABELS = frozenset(
    "v vnummer nr nummer number vreemdelingennummer is van geboren geb dat born on op te in asmara kabul date of birth "
    "geboortedatum jarig dob klantnummer cliëntnummer dossiernummer ind zaaknummer duo client debiteurnummer".split()
)
_MARK = re.compile(r"\{([^:{}]+):([^{}]*)\}")


class Example:
    """One development text: what stands in it, and what of it must go."""

    def __init__(self, line: str) -> None:
        self.text = _MARK.sub(r"\2", line)
        self.personal = [(kind, value) for kind, value in _MARK.findall(line)]
        self.rest = Counter(re.findall(r"\w+", _MARK.sub(" ", line)))

    def missed(self, masked: str) -> list[tuple[str, str]]:
        """What still stands in the masked text, in whole or in part."""
        left = Counter(re.findall(r"\w+", re.sub(r"\[[^\]]*\]", " ", masked))) - self.rest
        return [
            (kind, value)
            for kind, value in self.personal
            if any(left[word] for word in re.findall(r"\w+", value) if len(word) > 1)
        ]

    def lost(self, masked: str) -> list[str]:
        """Words beside the personal data that went too. What says what a number is ("V-nummer") may go with it."""
        left = Counter(re.findall(r"\w+", re.sub(r"\[([^\]]*)\]", r" \1 ", masked)))
        return [word for word in (self.rest - left) if word.lower() not in _LABELS]


def examples() -> list[Example]:
    """The development texts."""
    lines = (HERE / "privacy_texts.txt").read_text(encoding="utf-8").splitlines()
    return [Example(line) for line in lines if line.strip() and not line.startswith("#")]


def known_sentences(folders: list[Path]) -> Iterator[tuple[str, str]]:
    """(where it stands, sentence) of every document in the folders."""
    for folder in folders:
        for source in discover(folder)[0]:
            text = read(folder / source.file, source).text
            for start, end in sentence_spans(text):
                yield source.file, text[start:end]


def known_questions() -> Iterator[tuple[str, str]]:
    """(id, question) of the known development questions that hold no personal data."""
    for question in load_questions():
        if question.set == "dev" and question.kind != "personal_data":
            for text in (question.question, *(turn.question for turn in question.conversation)):
                yield question.id, text


def alarms(texts: Iterator[tuple[str, str]]) -> tuple[int, list[tuple[str, str, str]]]:
    """How many texts were looked at, and (where, text, masked) of those in which something was masked."""
    count = 0
    found = []
    for where, text in texts:
        count += 1
        masked = mask(text)
        if masked.kinds:
            found.append((where, text, masked.text))
    return count, found


def _milliseconds(text: str) -> float:
    began = time.process_time()
    mask(text)
    return (time.process_time() - began) * 1000


def main() -> int:
    """Measures and tells."""
    folders = [Path(name) for name in sys.argv[1:]] or [
        folder for folder in (ROOT / "corpus", ROOT.parent / "shared" / "sources") if folder.is_dir()
    ]
    total: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    lost = 0
    known = examples()
    for example in known:
        masked = mask(example.text).text
        total.update(kind for kind, _ in example.personal)
        for kind, value in example.missed(masked):
            missed[kind] += 1
            print(f"  missed {kind} '{value}': {masked}")
        if words := example.lost(masked):
            lost += 1
            print(f"  lost {', '.join(words)}: {masked}")
    print(f"{len(known)} development texts")
    for kind, count in sorted(total.items()):
        print(f"  {kind:16}{missed[kind]:3} missed of {count}")
    share = missed.total() / total.total()
    print(f"  all             {missed.total():3} missed of {total.total()} ({share:.2%}; bar {MISSES:.0%})")
    print(f"  texts in which another word was lost: {lost}")
    passed = share <= MISSES
    for name, texts in (("known questions", known_questions()), ("sentences", known_sentences(folders))):
        count, found = alarms(texts)
        for where, text, masked in found:
            changed = " ".join(masked.split())
            print(f"  {where}: {' '.join(text.split())[:150]}\n    -> {changed[:150]}")
        rate = len(found) / max(1, count)
        print(f"{name}: {len(found)} false alarms in {count} ({rate:.3%}; bar {FALSE_ALARMS:.1%})")
        passed = passed and rate <= FALSE_ALARMS
    long = ("Mevrouw Haddad (BSN 111222333) komt niet naar de intake, wat nu? " * 40)[:2000]
    best = min(_milliseconds(long) for _ in range(20))
    print(f"{best:.1f} ms of processor time for a question of 2,000 characters")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
