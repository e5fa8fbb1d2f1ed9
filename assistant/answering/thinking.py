"""Leaves out what a reasoning model thinks before it answers: everything between <think> and </think>."""

from __future__ import annotations

import re

_OPEN = re.compile(r"<(think|thinking|reasoning)>", re.IGNORECASE)
_CLOSE = re.compile(r"</(think|thinking|reasoning)>", re.IGNORECASE)
_LONGEST = len("</reasoning>")

AGAIN = "\x00"
"""Stands where thinking ended that had no beginning: what came before it was thinking too."""


class ThinkingFilter:
    """Fed a stream of text, gives what is not thinking. A mark that is split over pieces is waited for."""

    def __init__(self) -> None:
        self._held = ""
        self._inside = False

    def feed(self, text: str) -> str:
        """The part of the stream so far that can be told not to be thinking, each part once."""
        self._held += text.replace(AGAIN, "")
        given: list[str] = []
        while True:
            mark = (_CLOSE if self._inside else re.compile(f"{_OPEN.pattern}|{_CLOSE.pattern}", re.IGNORECASE)).search(
                self._held
            )
            if mark is None:
                break
            closing = mark.group().startswith("</")
            if not self._inside:
                given.append(AGAIN if closing else self._held[: mark.start()])
            self._held = self._held[mark.end() :]
            self._inside = not closing
        at = self._held.rfind("<", max(0, len(self._held) - _LONGEST))
        keep = len(self._held) if at < 0 else at
        if not self._inside:
            given.append(self._held[:keep])
        self._held = self._held[keep:]
        return "".join(given)

    def rest(self) -> str:
        """What was held back at the end of the stream; thinking that never ended is none of it."""
        text = "" if self._inside else self._held
        self._held = ""
        return text
