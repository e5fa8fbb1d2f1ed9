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


def stream(ask: Callable[[Watch, threading.Event], Answer]) -> Iterator[Event]:
    """The events of one question while it is answered in a thread of its own; `Answered` comes last.

    `ask` is given where to tell events and what stops the model. Closing the iterator sets that stop.
    """
    events: queue.Queue[Event | BaseException] = queue.Queue()
    stop = threading.Event()

    def run() -> None:
        try:
            events.put(Answered(answer=ask(events.put, stop)))
        except BaseException as error:  # raised where the events are read
            events.put(error)

    threading.Thread(target=run, daemon=True, name="answer").start()
    try:
        while True:
            event = events.get()
            if isinstance(event, BaseException):
                raise event
            yield event
            if isinstance(event, Answered):
                return
    finally:
        stop.set()
