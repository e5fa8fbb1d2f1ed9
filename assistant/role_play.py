"""Free role-play: a language model speaks for one person of a scenario, and nothing else.

What the learner types is masked before it is sent; names that the scenario invented stay. What the model writes is
shown only as that person's words: instructions, links, another role and legal articles never pass. Nothing of a
conversation is kept, except the tokens it took.
"""

from __future__ import annotations

import queue
import re
import threading
from collections.abc import Callable, Iterator, Sequence

from assistant import prompts
from assistant.answering.checking import MARKUP
from assistant.answering.client import TOO_LONG
from assistant.answering.modelled import Model
from assistant.answering.protocol import clean
from assistant.answering.thinking import AGAIN
from assistant.errors import ModelError
from assistant.privacy import mask
from assistant.scenarios import Role, Scenario
from indexer.models import Frozen
from indexer.tokens import count_tokens

MOST_LINES = 60
"""Lines of a conversation, both speakers together; after that it is time to look back."""
LONGEST_LINE = 1_000
"""Characters of what a learner says at once."""

_OUTPUT = 250
_OTHER_ENCODING = 1.3
_LONGEST_REPLY = 700
_HELD = 8
"""Last words of a coming line that are not shown yet: what must not be said is seen before it is shown."""
_TICK_SECONDS = 0.4

_OUT_OF_ROLE = re.compile(
    r"(?i)\b(?:taalmodel|language model|chatbot|chatgpt|openai|system\s?prompt|systeemprompt|merkteken|"
    r"als (?:een )?(?:ai|kunstmatige)|as an? (?:ai|artificial)|i am an? (?:ai|assistant)|ik ben een (?:ai|assistent)|"
    r"leidraad)\b"
)
_RULE = re.compile(r"(?i)\b(?:artikel|artikelen|article|art\.)\s*\d|\blid \d|\bbwbr\d")
_LABEL = re.compile(r"^\s*(?:\*{0,2})([\w' -]{2,30}?)(?:\*{0,2})\s*:\s*")


class Line(Frozen):
    """What was said at once: by the learner (masked), or by the person whom the model plays."""

    learner: bool
    text: str


def role_of(scenario: Scenario) -> Role:
    """Whom the model plays: the role that the persona is about, or who the persona says it is, else the first role."""
    named = [role for role in scenario.roles if role.name.split()[0] in re.findall(r"\w+", scenario.persona)]
    if named:
        return min(named, key=lambda role: scenario.persona.find(role.name.split()[0]))
    # A case that is spoken about: "Fatima, vastbesloten en praktisch."
    own = re.match(r"[A-ZÀ-Ý][\w'-]+(?=,)", scenario.persona)
    return Role(name=own.group(), about=scenario.persona) if own else scenario.roles[0]


def masked(text: str, scenario: Scenario) -> tuple[str, tuple[str, ...]]:
    """What a learner said without personal data, and the kinds that were masked; the scenario's own names stay."""
    hidden: list[tuple[str, str]] = []
    result = mask(" ".join(text.split())[:LONGEST_LINE], hidden).text
    invented = {word for role in scenario.roles for word in re.findall(r"\w+", role.name)}
    kinds: dict[str, None] = {}
    at = 0
    for kind, original in hidden:
        sign = f"[{kind}]"
        at = result.find(sign, at)
        if kind == "naam" and set(re.findall(r"\w+", original)) <= invented:
            result = result[:at] + original + result[at + len(sign) :]
            at += len(original)
        else:
            kinds[kind] = None
            at += len(sign)
    return result, tuple(kinds)


class Talk:
    """One conversation's way to the model; it holds nothing between two lines."""

    def __init__(self, model: Model, scenario: Scenario, language: str = "nl") -> None:
        self._model = model
        self._scenario = scenario
        self._language = language

    def reply(self, lines: Sequence[Line]) -> Reply:
        """What the person says after these lines, while it comes."""
        stop = threading.Event()
        call = self._model.talk(self._messages(lines), output_tokens=_OUTPUT, stop=stop)
        return Reply(iter(call), lambda: call.broke_off, stop, self._scenario)

    def _messages(self, lines: Sequence[Line]) -> list[prompts.Message]:
        """The prompt with as many of the last lines as the model can read."""
        role = role_of(self._scenario)
        person = f"{role.name}: {role.about}\n{self._scenario.persona}"
        room = self._model.settings.chat_context_tokens / _OTHER_ENCODING - _OUTPUT
        said = [(line.learner, line.text) for line in lines]
        while True:
            messages = prompts.playing(self._scenario.situation, person, said, self._language)
            if len(said) <= 1 or sum(count_tokens(text) + 4 for _, text in messages) <= room:
                return messages
            said = said[1:]


class Reply(Iterator[str]):
    """A person's line while it comes: each item is the line as far as it may be shown.

    An item comes at least twice a second, also when nothing is new, so that a page can be stopped while it waits.
    Raises `ModelError` when the model gives nothing. Afterwards `text` is the line, `withheld` tells that it fell out
    of its role, and `cut_short` that it broke off or was stopped.
    """

    def __init__(
        self, pieces: Iterator[str], broke_off: Callable[[], str | None], stop: threading.Event, scenario: Scenario
    ) -> None:
        self.text = ""
        self.withheld = False
        self.cut_short = False
        self._scenario = scenario
        self._broke_off = broke_off
        self._stop = stop
        self._written = ""
        self._ended = False
        self._items: queue.Queue[str | ModelError | None] = queue.Queue()
        threading.Thread(target=self._read, args=(pieces,), daemon=True, name="role-play").start()

    def __next__(self) -> str:
        if self._ended:
            raise StopIteration
        try:
            item = self._items.get(timeout=_TICK_SECONDS)
        except queue.Empty:
            return self.text
        if isinstance(item, ModelError):
            self._ended = True
            raise item
        if item is None:
            self._end()
        else:
            self._written = item.rpartition(AGAIN)[2] if AGAIN in item else self._written + item
            self._show(_without_last_words(self._written))
        return self.text

    def finish(self) -> str:
        """Stops the model and gives what it said by then."""
        self._stop.set()
        for _ in self:
            pass
        return self.text

    def _read(self, pieces: Iterator[str]) -> None:
        try:
            for piece in pieces:
                self._items.put(piece)
            self._items.put(None)
        except ModelError as error:
            self._items.put(error)

    def _end(self) -> None:
        self._ended = True
        if self.withheld:
            return
        self._show(self._written)
        reason = self._broke_off()
        self.cut_short = reason is not None
        if reason and not self.withheld:
            end = max(self.text.rfind(sign) for sign in ".!?…)")
            # A line that was too long ends with its last whole sentence.
            self.text = self.text[: end + 1] if reason == TOO_LONG and end > 0 else self.text
        if not self.text and not self.withheld and not self._stop.is_set():
            raise ModelError("The language model said nothing.")

    def _show(self, written: str) -> None:
        if self.withheld:
            return
        text = spoken(written, self._scenario)
        # What is not shown yet is looked at too.
        if out_of_role(spoken(self._written, self._scenario)) or out_of_role(self._written):
            self.withheld, self.text = True, ""
            self._stop.set()
        else:
            self.text = text


def spoken(written: str, scenario: Scenario) -> str:
    """What the model wrote as the person's own words: no name before it, no other speaker behind it, no asterisks."""
    role = role_of(scenario)
    others = {word.lower() for other in scenario.roles if other != role for word in other.name.split()}
    others |= {"medewerker", "professional", "consulent", "klantmanager"}
    lines: list[str] = []
    for line in written.splitlines():
        if label := _LABEL.match(line):
            named = label[1].strip().lower()
            if set(named.split()) & others:
                break  # the model goes on for the other speaker
            if set(named.split()) & {role.name.split()[0].lower(), "persoon", "person", "ik"}:
                line = line[label.end() :]
        lines.append(line)
    text = re.sub(r"\*+([^*\n]+)\*+", r"(\1)", " ".join(lines)).replace("*", "").strip()
    if text[:1] in '"“„' and text[-1:] in '"”':
        text = text[1:-1]
    return clean(text)[:_LONGEST_REPLY]


def out_of_role(text: str) -> bool:
    """Whether a text is none of a person at a desk: our instructions, a link, markup, a law's article, a machine."""
    return bool(
        prompts.tells_instructions(text) or _OUT_OF_ROLE.search(text) or MARKUP.search(text) or _RULE.search(text)
    )


def _without_last_words(text: str) -> str:
    """The text without its last words, which may become something that is not shown."""
    words = list(re.finditer(r"\S+", text))
    return text[: words[-_HELD].start()].rstrip() if len(words) > _HELD else ""
