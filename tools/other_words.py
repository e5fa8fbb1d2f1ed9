"""Finding when a question names the person otherwise: make other-words [ARGS="--index FOLDER"].

Development questions about "een klant" are put again about "een statushouder", "een inburgeraar" and so on: the same is
asked, so the same should be found. Prints, by word, how often the right passage is first, in the first five and ten.
"""

from __future__ import annotations

import argparse
import re
import sys
from datetime import date
from pathlib import Path

from assistant.assistant import Assistant
from assistant.retrieval import retrieve
from assistant.settings import load_settings
from evals.judge import Judge
from evals.metrics import mean, recall_at
from evals.questions import load_questions
from evals.run import askable

WORDS = {
    "klant": "en",
    "statushouder": "s",
    "inburgeringsplichtige": "n",
    "vergunninghouder": "s",
    "vluchteling": "en",
    "nieuwkomer": "s",
    "inburgeraar": "s",
    "cliënt": "en",
}
"""By word what its plural adds."""

_CLIENT = re.compile(r"\bklant(en)?\b", re.IGNORECASE)


def about(question: str, word: str) -> str:
    """The question with another word for the client."""
    return _CLIENT.sub(lambda found: word + (WORDS[word] if found[1] else ""), question)


def main() -> int:
    """Asks and prints."""
    parser = argparse.ArgumentParser(description="Finding when a question names the person otherwise.")
    parser.add_argument("--index", type=Path, default=load_settings().index, help="folder of the index")
    given = parser.parse_args()
    assistant = Assistant(load_settings(index=given.index))
    index = assistant.index()
    judge = Judge(index)
    questions = [
        q
        for q in askable(load_questions(), index)
        if q.set == "dev" and q.gold and not q.conversation and _CLIENT.search(q.question)
    ]
    if not questions:
        print("No development question about a client can be asked of this index.", file=sys.stderr)
        return 2
    print(f"{len(questions)} development questions; right passage in the first / first five / first ten")
    allowed = index.allowed(date.today())
    for word in WORDS:
        ranks: list[list[int]] = []
        for question in questions:
            asked = about(question.question, word)
            found = retrieve(index, assistant.embedder, asked, allowed, assistant.weights).evidence
            ranks.append([rank for rank, e in enumerate(found, 1) if judge.right(question.gold, e.passage)])
        print(f"  {word:22}" + "  ".join(str(mean([recall_at(own, depth) for own in ranks])) for depth in (1, 5, 10)))
    index.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
