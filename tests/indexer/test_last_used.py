"""What was looked up last is not looked up again."""

from __future__ import annotations

import numpy as np

from indexer.embedding import VectorCache
from indexer.last_used import LastUsed


def test_only_what_is_not_kept_is_made_and_the_longest_unused_goes() -> None:
    asked: list[list[str]] = []

    def lengths(keys: list[str]) -> dict[str, int]:
        asked.append(keys)
        return {key: len(key) for key in keys if key != "none"}

    kept: LastUsed[int] = LastUsed(2)
    assert kept.get(["a", "bb", "a"], lengths) == {"a": 1, "bb": 2}
    assert kept.get(["a"], lengths) == {"a": 1}
    assert kept.get(["ccc", "none"], lengths) == {"ccc": 3}
    assert kept.get(["a", "bb"], lengths) == {"a": 1, "bb": 2}
    assert asked == [["a", "bb"], ["ccc", "none"], ["bb"]]


def test_vectors_come_in_the_order_of_the_texts_and_cannot_be_changed() -> None:
    cache = VectorCache(10)
    cache.get(["one"], lambda texts: np.ones((len(texts), 2), dtype=np.float32))
    rows = cache.get(["two", "one", "two"], lambda texts: np.full((len(texts), 2), 2, dtype=np.float32))
    assert [row[0] for row in rows] == [2, 1, 2]
    assert not any(row.flags.writeable for row in rows)
