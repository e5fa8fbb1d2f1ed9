"""What can be seen of an answer while it comes."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from enum import StrEnum

from assistant.models import Answer, Citation
from indexer.models import Frozen


class ClaimState(StrEnum):
    """How far a sentence of a language model is. Only a verified one may be shown as an answer."""

    CHECKING = "checking"
    VERIFIED = "verified"
    DROPPED = "dropped"


class StepBegan(Frozen):
    """A step of the way began, by name."""

    name: str


class ClaimSeen(Frozen):
    """A sentence that is coming, or what became of it. `position` counts from 0 and tells which sentence it is.

    `citations` are there once it is verified, numbered over the answer so far. A failed sentence stays `checking`
    until it has been written anew.
    """

    position: int
    state: ClaimState
    text: str
    label: str = ""
    citations: tuple[Citation, ...] = ()


class FirstAnswer(Frozen):
    """The model is slow: a whole answer made of sentences from the sources, to read meanwhile or to keep."""

    answer: Answer


class Answered(Frozen):
    """The end: the answer that is kept."""

    answer: Answer


Event = StepBegan | ClaimSeen | FirstAnswer | Answered
Watch = Callable[[Event], None]


class Stream(Iterator[Event]):
    """The events of one question while it is answered in a thread of its own; `Answered` comes last."""

    def __init__(self, ask: Callable[[Watch, threading.Event], Answer]) -> None:
        """`ask` is given where to tell events and what stops the model."""
        self._events: queue.Queue[Event | BaseException] = queue.Queue()
        self._stop = threading.Event()
        self._ended = False
        threading.Thread(target=self._run, args=(ask,), daemon=True, name="answer").start()

    def __next__(self) -> Event:
        if self._ended:
            raise StopIteration
        event = self._events.get()
        self._ended = isinstance(event, Answered | BaseException)
        if isinstance(event, BaseException):
            raise event
        return event

    def close(self) -> None:
        """Stops the model; nobody waits for an answer any more."""
        self._stop.set()

    def finish(self) -> Answer:
        """Stops the model and gives the answer of what was verified by then, or of sentences from the sources."""
        self._stop.set()
        return next(event.answer for event in self if isinstance(event, Answered))

    def _run(self, ask: Callable[[Watch, threading.Event], Answer]) -> None:
        try:
            self._events.put(Answered(answer=ask(self._events.put, self._stop)))
        except BaseException as error:  # raised where the events are read
            self._events.put(error)
