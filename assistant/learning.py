"""Learning paths: modules that open passages, questions about them, and when a missed question comes back.

A path is one YAML file in `corpus/learning/` (a municipality's own in `corpus/local/learning/`). An open answer is
checked against known facts: each fact is a list of ways to say it, by number or term.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Literal

from pydantic import Field, model_validator

from assistant.content import read_folder
from assistant.export import Paper, PaperSection
from assistant.places import Place
from assistant.reading import dutch_date
from assistant.settings import ROOT, Settings
from indexer.lexical import stem
from indexer.models import Frozen

INTERVALS = (1, 3, 7, 14)
"""Days until a missed question comes back, for each time in a row that it was right since (Leitner's boxes).

After the last of them it is known.
"""


class Option(Frozen):
    """One answer to choose from."""

    text: str = Field(min_length=1)
    right: bool = False


class Question(Frozen):
    """A question with either `options` (one of them right) or `facts` that an open answer must state."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60)
    question: str = Field(min_length=1)
    options: tuple[Option, ...] = Field(default=(), max_length=6)
    facts: tuple[tuple[str, ...], ...] = ()
    answer: str = Field(min_length=1, description="the right answer in words")
    based_on: tuple[Place, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_kind(self) -> Question:
        if bool(self.options) == bool(self.facts):
            raise ValueError("een vraag heeft keuzes ('options') of feiten ('facts'), niet beide")
        if self.options and sum(option.right for option in self.options) != 1:
            raise ValueError("precies een keuze moet goed zijn")
        if any(not ways for ways in self.facts):
            raise ValueError("een feit noemt minstens een manier om het te zeggen")
        return self

    @property
    def right_option(self) -> int:
        """The number of the right choice, from 0."""
        return next(at for at, option in enumerate(self.options) if option.right)


class Module(Frozen):
    """A piece that is learned in one sitting: what to read, and questions about it."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str = Field(min_length=1)
    minutes: int = Field(ge=5, le=60)
    aim: str = Field(min_length=1)
    read: tuple[Place, ...] = Field(min_length=1)
    questions: tuple[Question, ...] = Field(min_length=2)


class Path(Frozen):
    """A learning path, as it stands in its file."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60)
    title: str = Field(min_length=1)
    about: str = Field(min_length=1)
    order: int = 100
    modules: tuple[Module, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _named_once(self) -> Path:
        names = [q.id for m in self.modules for q in m.questions]
        if len(set(names)) < len(names):
            raise ValueError("twee vragen hebben dezelfde id")
        return self

    @property
    def questions(self) -> tuple[Question, ...]:
        """All its questions in order."""
        return tuple(question for module in self.modules for question in module.questions)


class Stand(Frozen):
    """How somebody stands with one question.

    `box` counts how often in a row it was right since it was missed; `due` is None for what need not come back.
    """

    question: str
    first_right: bool
    last_right: bool
    tries: int
    box: int = 0
    due: date | None = None
    answered: date


class Shelf(Frozen):
    """The paths at hand in their order, and what could not be read."""

    paths: tuple[Path, ...]
    wrong: tuple[str, ...] = ()

    def get(self, name: str) -> Path | None:
        """The path with this id."""
        return next((path for path in self.paths if path.id == name), None)


def load_paths(settings: Settings) -> Shelf:
    """All learning paths: those that ship and the municipality's own."""
    found, wrong = read_folder([ROOT / "corpus" / "learning", settings.corpus / "local" / "learning"], Path)
    paths: list[Path] = []
    taken: set[str] = set()
    for path in found:
        names = {path.id, *(question.id for question in path.questions)}
        if twice := sorted(names & taken):
            wrong.append(f"{path.id}.yaml: de id '{twice[0]}' is al gebruikt in een ander leerpad.")
            continue
        taken |= names
        paths.append(path)
    return Shelf(paths=tuple(sorted(paths, key=lambda p: (p.order, p.title))), wrong=tuple(wrong))


# -- checking an open answer ---------------------------------------------------------------------------------

_NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        "nul een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien zeventien "
        "achttien negentien twintig".split()
    )
    if word != "een"
}
_UNITS = frozenset(stem(word) for word in "dag dagen week weken maand maanden jaar jaren uur uren euro procent".split())
_REACH = 2  # words that may stand between the words of a fact


def missing_facts(question: Question, answer: str) -> tuple[str, ...]:
    """The facts that an open answer does not state, each in its first wording; empty when the answer is right.

    A number counts only with its own unit, and not when the answer names another number of that unit beside it.
    """
    told = _tokens(answer)
    return tuple(ways[0] for ways in question.facts if not any(_states(told, _tokens(way)) for way in ways))


def _tokens(text: str) -> list[str]:
    """The words of a text by their stem, numbers in digits, signs for units as words."""
    text = text.casefold().replace("één", "een").replace("€", " euro ").replace("%", " procent ")
    text = re.sub(r"(?<=\d)[. ](?=\d{3}(?!\d))", "", text)
    words = re.findall(r"\d+[a-z]?\b|[^\W\d_]+\d*", text)
    return [_NUMBERS.get(word, word if word[0].isdigit() else stem(word)) for word in words]


def _states(told: Sequence[str], fact: Sequence[str]) -> bool:
    numbers = [word for word in fact if word.isdigit()]
    units = [word for word in fact if word in _UNITS]
    if len(numbers) == 1 and units:
        found = _numbers_of(told, units[0])
        return found == {numbers[0]}
    if len(numbers) == 1 == len(fact):
        return {word for word in told if word.isdigit()} == {numbers[0]} and not _UNITS.intersection(told)
    return any(_runs_from(told, at, fact) for at in range(len(told)))


def _numbers_of(told: Sequence[str], unit: str) -> set[str]:
    """The numbers that a text gives in this unit: "10 weken", "euro 250", and each of "10 of 12 weken"."""
    found: set[str] = set()
    for at, word in enumerate(told):
        if not word.isdigit():
            continue
        after = [other for other in told[at + 1 : at + 2 + _REACH] if other in _UNITS]
        before = told[at - 1] if at else ""
        if (after and after[0] == unit) or (not after and before == unit):
            found.add(word)
    return found


def _runs_from(told: Sequence[str], at: int, fact: Sequence[str]) -> bool:
    if told[at] != fact[0]:
        return False
    place = at
    for word in fact[1:]:
        window = list(told[place + 1 : place + 2 + _REACH])
        if word not in window:
            return False
        place += 1 + window.index(word)
    return True


# -- when a question comes back ------------------------------------------------------------------------------


def after_answer(before: Stand | None, question: str, today: date, *, right: bool) -> Stand:
    """How somebody stands after an answer. What was right at once never comes back; what was missed does, at
    growing intervals, until it was right in a row as often as there are intervals."""
    tries = before.tries + 1 if before else 1
    first = before.first_right if before else right
    if not right:
        due: date | None = today + timedelta(days=INTERVALS[0])
        box = 0
    elif before is None or before.due is None:
        due, box = None, before.box if before else 0
    elif before.due > today:
        due, box = before.due, before.box  # what was just read is no memory: practising early does not count
    else:
        box = before.box + 1
        due = today + timedelta(days=INTERVALS[box]) if box < len(INTERVALS) else None
    return Stand(question=question, first_right=first, last_right=right, tries=tries, box=box, due=due, answered=today)


def due_questions(paths: Iterable[Path], stands: Mapping[str, Stand], today: date) -> list[Question]:
    """What somebody should repeat today, longest due first."""
    known = {question.id: question for path in paths for question in path.questions}
    due = [s for s in stands.values() if s.due is not None and s.due <= today and s.question in known]
    return [known[stand.question] for stand in sorted(due, key=lambda s: (s.due or today, s.question))]


State = Literal["open", "begonnen", "klaar"]


def module_state(module: Module, stands: Mapping[str, Stand]) -> State:
    """Whether a module is not begun, begun, or done: every question answered, and right the last time."""
    own = [stands.get(question.id) for question in module.questions]
    if all(stand is not None and stand.last_right for stand in own):
        return "klaar"
    return "begonnen" if any(own) else "open"


def summary_paper(paths: Iterable[Path], stands: Mapping[str, Stand], name: str, today: date) -> Paper:
    """What somebody did, for the supervisor: modules done, right at once, what was missed. It is no diploma."""
    sections = []
    for path in paths:
        asked = [stands[q.id] for q in path.questions if q.id in stands]
        if not asked:
            continue
        done = [m for m in path.modules if module_state(m, stands) == "klaar"]
        first = sum(stand.first_right for stand in asked)
        last = max(stand.answered for stand in asked)
        items = [f"{m.title}: {module_state(m, stands)} ({m.minutes} minuten)" for m in path.modules]
        missed = [q.question for q in path.questions if q.id in stands and stands[q.id].due is not None]
        sections.append(
            PaperSection(
                heading=path.title,
                paragraphs=(
                    f"{len(done)} van {len(path.modules)} modules klaar. {len(asked)} van {len(path.questions)} vragen "
                    f"beantwoord, waarvan {first} in één keer goed. Laatst geoefend op {dutch_date(last)}.",
                ),
                items=tuple(items),
            )
        )
        if missed:
            sections.append(PaperSection(paragraphs=("Komt nog terug ter herhaling:",), items=tuple(missed)))
    if not sections:
        sections.append(PaperSection(paragraphs=("Er is nog niets geoefend.",)))
    return Paper(
        title="Overzicht inwerken",
        meta=tuple(
            line
            for line in (f"Naam: {name}" if name else "", f"Datum: {dutch_date(today)}", "Leidraad, Inwerken")
            if line
        ),
        sections=tuple(sections),
        footer="Overzicht van oefening, geen diploma of beoordeling",
    )
