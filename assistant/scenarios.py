"""Practice scenarios: a situation, choices with their consequences, and feedback that rests on passages.

A scenario is one YAML file: those that ship in `corpus/scenarios/`, a municipality's own in
`corpus/local/scenarios/`. It shows persons, not cultures; its maker answers a checklist about that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path

from pydantic import Field, field_validator, model_validator

from assistant.content import read_folder, write_content
from assistant.errors import ContentError
from assistant.export import Paper, PaperSection, PaperSource
from assistant.places import Place
from assistant.settings import ROOT, Settings
from indexer.models import Frozen

END = "einde"
"""Where a choice leads when the scenario is over."""

CHECKLIST = {
    "persons": "De mensen zijn personen met een eigen verhaal, geen voorbeeld van een land, cultuur of geloof.",
    "own_motives": "Ieder heeft eigen, begrijpelijke redenen; niemand is alleen slachtoffer, lastig of dader.",
    "no_origin_as_cause": "Niets in het verhaal gebeurt 'omdat iemand daar vandaan komt'.",
    "professional_too": "Ook de aannames en gewoonten van de professional en van Nederland staan ter discussie.",
    "no_fixed_roles": "Taken, emoties en ambities zijn niet vanzelf van mannen of van vrouwen.",
    "invented": "Alles is verzonnen; geen klant of collega is te herkennen.",
}
"""What the maker of a scenario answers, each with yes."""


class Theme(StrEnum):
    """What a scenario trains."""

    INTERCULTURAL = "intercultural"
    GENDER = "gender"
    MIXED = "mixed"


THEMES = {Theme.INTERCULTURAL: "Intercultureel", Theme.GENDER: "Gender", Theme.MIXED: "Gemengd"}


class Worth(StrEnum):
    """How a choice works out: `STRONG` helps on, `MIXED` has a price, `WEAK` makes it harder."""

    STRONG = "strong"
    MIXED = "mixed"
    WEAK = "weak"


class Role(Frozen):
    """Somebody in the scenario, with what moves this person."""

    name: str = Field(min_length=1)
    about: str = Field(min_length=1)


class Option(Frozen):
    """A choice: what happens next, and feedback that rests on the places named."""

    text: str = Field(min_length=1)
    worth: Worth
    consequence: str = Field(min_length=1)
    feedback: str = Field(min_length=1)
    based_on: tuple[Place, ...] = Field(min_length=1)
    leads_to: str = Field(default="", description="id of a later decision, or 'einde'; empty: the next one")


class Decision(Frozen):
    """A moment at which the professional chooses."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    question: str = Field(min_length=1)
    moment: str = Field(default="", description="what has just happened")
    options: tuple[Option, ...] = Field(min_length=2, max_length=5)


class Checklist(Frozen):
    """The maker's answers to `CHECKLIST`; each must be yes."""

    persons: bool
    own_motives: bool
    no_origin_as_cause: bool
    professional_too: bool
    no_fixed_roles: bool
    invented: bool

    @model_validator(mode="after")
    def _all_yes(self) -> Checklist:
        for name, question in CHECKLIST.items():
            if getattr(self, name) is not True:
                raise ValueError(f"nog niet bevestigd: {question.rstrip('.')}")
        return self


class Scenario(Frozen):
    """One scenario, as it stands in its file."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60)
    title: str = Field(min_length=1, max_length=120)
    theme: Theme
    minutes: int = Field(ge=5, le=60, description="duration with a group, debrief included")
    aims: tuple[str, ...] = Field(min_length=1)
    situation: str = Field(min_length=1)
    roles: tuple[Role, ...] = Field(min_length=2)
    decisions: tuple[Decision, ...] = Field(min_length=3)
    weighs: tuple[str, ...] = Field(min_length=2, description="what a good professional weighs")
    debrief: tuple[str, ...] = Field(min_length=2)
    facilitator: tuple[str, ...] = Field(min_length=1)
    persona: str = Field(min_length=1, description="who the client is in free role-play: wishes, fears, way of talking")
    checklist: Checklist

    @field_validator("aims", "weighs", "debrief", "facilitator")
    @classmethod
    def _no_empty_lines(cls, lines: tuple[str, ...]) -> tuple[str, ...]:
        if any(not line.strip() for line in lines):
            raise ValueError("een regel is leeg")
        return lines

    @model_validator(mode="after")
    def _choices_lead_forward(self) -> Scenario:
        """Every choice leads on to a later decision, and every decision can be reached: it always ends."""
        ids = [decision.id for decision in self.decisions]
        if len(set(ids)) < len(ids):
            raise ValueError("twee beslismomenten hebben dezelfde id")
        reached = {ids[0]}
        for at, decision in enumerate(self.decisions):
            for option in decision.options:
                goal = self._goal(at, option)
                if goal != END and goal not in ids[at + 1 :]:
                    raise ValueError(f"keuze '{option.text}' leidt naar '{goal}', dat is geen later beslismoment")
                if decision.id in reached:
                    reached.add(goal)
        for name in ids:
            if name not in reached:
                raise ValueError(f"beslismoment '{name}' wordt nooit bereikt")
        return self

    def _goal(self, at: int, option: Option) -> str:
        return option.leads_to or (self.decisions[at + 1].id if at + 1 < len(self.decisions) else END)

    def decision(self, name: str) -> Decision:
        """The decision with this id. Raises `KeyError`."""
        for decision in self.decisions:
            if decision.id == name:
                return decision
        raise KeyError(name)

    def after(self, name: str, option: int) -> str:
        """Where choice number `option` (from 0) at a decision leads: the id of a decision, or `END`."""
        at = next(i for i, decision in enumerate(self.decisions) if decision.id == name)
        return self._goal(at, self.decisions[at].options[option])

    @property
    def places(self) -> tuple[Place, ...]:
        """Every place its feedback rests on, once."""
        return tuple(dict.fromkeys(p for d in self.decisions for o in d.options for p in o.based_on))


class Taken(Frozen):
    """What was chosen at a decision, and the votes per choice when a group played."""

    decision: str
    option: int
    votes: tuple[int, ...] = ()


class Shelf(Frozen):
    """The scenarios at hand, by title, those that are a municipality's own, and what could not be read."""

    scenarios: tuple[Scenario, ...]
    own: frozenset[str] = frozenset()
    wrong: tuple[str, ...] = ()

    def get(self, name: str) -> Scenario | None:
        """The scenario with this id."""
        return next((scenario for scenario in self.scenarios if scenario.id == name), None)


def own_folder(settings: Settings) -> Path:
    """Where a municipality's own scenarios stand."""
    return settings.corpus / "local" / "scenarios"


def load_scenarios(settings: Settings) -> Shelf:
    """All scenarios: those that ship and the municipality's own."""
    shipped, wrong = read_folder([ROOT / "corpus" / "scenarios"], Scenario)
    own, wrong_own = read_folder([own_folder(settings)], Scenario)
    taken = {scenario.id for scenario in shipped}
    twice = [f"{s.id}.yaml: er is al een scenario met deze id." for s in own if s.id in taken]
    own = [scenario for scenario in own if scenario.id not in taken]
    order = list(Theme)
    return Shelf(
        scenarios=tuple(sorted((*shipped, *own), key=lambda s: (order.index(s.theme), s.title))),
        own=frozenset(scenario.id for scenario in own),
        wrong=(*wrong, *wrong_own, *twice),
    )


def save_scenario(settings: Settings, scenario: Scenario) -> Path:
    """Keeps an own scenario as YAML. Raises `ContentError` when its id is that of a scenario that ships."""
    if (ROOT / "corpus" / "scenarios" / f"{scenario.id}.yaml").exists():
        raise ContentError(f"Er is al een meegeleverd scenario met de naam '{scenario.id}'; kies een andere titel.")
    path = own_folder(settings) / f"{scenario.id}.yaml"
    write_content(path, scenario)
    return path


def most_votes(votes: Sequence[int]) -> int | None:
    """The choice with most votes; None where nobody voted or the vote is tied."""
    first = Counter(dict(enumerate(votes))).most_common(2)
    if not first or first[0][1] == 0 or (len(first) > 1 and first[0][1] == first[1][1]):
        return None
    return first[0][0]


def session_paper(scenario: Scenario, taken: Sequence[Taken], names: Mapping[Place, str], day: str) -> Paper:
    """The course of a session for the trainer: choices, votes, consequences, debrief questions and sources.

    `names` tells each place as a person cites it.
    """
    sections = [PaperSection(heading="Situatie", paragraphs=(scenario.situation,))]
    for number, step in enumerate(taken, start=1):
        decision = scenario.decision(step.decision)
        option = decision.options[step.option]
        votes = [f"{o.text} ({n} stemmen)" for o, n in zip(decision.options, step.votes, strict=False)]
        sections.append(
            PaperSection(
                heading=f"{number}. {decision.question}",
                paragraphs=(f"Gekozen: {option.text}", f"Gevolg: {option.consequence}", f"Feedback: {option.feedback}"),
                items=tuple(votes),
            )
        )
    sections.append(PaperSection(heading="Wat een goede professional weegt", items=scenario.weighs))
    sections.append(PaperSection(heading="Nabespreking", items=scenario.debrief))
    used = dict.fromkeys(p for s in taken for p in scenario.decision(s.decision).options[s.option].based_on)
    return Paper(
        title=f"Scenario: {scenario.title}",
        meta=(f"{THEMES[scenario.theme]} · {scenario.minutes} minuten", f"Datum: {day}"),
        sections=tuple(sections),
        sources=tuple(PaperSource(text=names.get(place, str(place))) for place in used),
        footer="Verzonnen oefensituatie. Leidraad",
    )
