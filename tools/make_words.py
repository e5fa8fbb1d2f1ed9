"""Writes `assistant/words.txt`: words that laws and guides write small, which are no names of people.

    python -m tools.make_words FOLDER…

Reads every law (XML), text and guide in the folders and keeps the words that stand in two of them or more.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

_TAG = re.compile(r"<[^>]*>")
_SMALL = re.compile(r"(?<![\w'’-])[a-zà-ÿ]{3,}(?![\w'’-])")
OUT = Path(__file__).resolve().parent.parent / "assistant" / "words.txt"


def main() -> int:
    """Counts and writes."""
    count: Counter[str] = Counter()
    for folder in map(Path, sys.argv[1:]):
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".xml", ".txt", ".md", ".toml"):
                count.update(set(_SMALL.findall(_TAG.sub(" ", path.read_text(encoding="utf-8", errors="replace")))))
    words = sorted(word for word, texts in count.items() if texts > 1)
    OUT.write_text("\n".join(words) + "\n", encoding="utf-8")
    print(f"{len(words)} words")
    return 0


if __name__ == "__main__":
    sys.exit(main())
