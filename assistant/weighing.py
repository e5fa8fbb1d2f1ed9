"""The weighing framework: criteria with their questions and passages, and a note of how a professional weighed them.

A criterion is one YAML file in `corpus/weighing/`. Leidraad never decides: it asks, shows what the sources say, and
writes down what the professional considered. Personal data is masked before a note is kept or written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import yaml
from pydantic import Field, ValidationError

from assistant.content import as_yaml, mistake, read_folder
from assistant.errors import ContentError
from assistant.export import Paper, PaperSection, PaperSource
from assistant.places import Place
from assistant.privacy import mask
from assistant.settings import ROOT, Settings
from indexer.models import Frozen

DISCLAIMER = "Leidraad weegt en beslist niet. De professional weegt; het college beslist."
LONGEST_DRAFT = 200_000
"""Bytes of a draft that is read back."""


class Criterion(Frozen):
    """One criterion, as it stands in its file. `origin` is where it was recommended."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    order: int = 100
    title: str = Field(min_length=1)
    about: str = Field(min_length=1)
    origin: Place
    questions: tuple[str, ...] = Field(min_length=2)
    based_on: tuple[Place, ...] = Field(min_length=1)


class Consideration(Frozen):
    """How the professional weighed one criterion. `used` are the passages it rests on."""

    criterion: str
    text: str = ""
    weighs_for: str = ""
    weighs_against: str = ""
    not_relevant: bool = Field(default=False, description="the professional says that it plays no part here")
    used: tuple[Place, ...] = ()

    @property
    def filled(self) -> bool:
        """Whether anything was considered, or said to play no part."""
        return self.not_relevant or any(part.strip() for part in (self.text, self.weighs_for, self.weighs_against))


class Note(Frozen):
    """A weighing: what it is about, the considerations, and what the professional concludes in own words."""

    subject: str = Field(default="", max_length=300)
    author: str = Field(default="", max_length=200, description="function of who weighs, not a name")
    considerations: tuple[Consideration, ...] = ()
    conclusion: str = ""


class Shelf(Frozen):
    """The criteria in their order, and what could not be read."""

    criteria: tuple[Criterion, ...]
    wrong: tuple[str, ...] = ()


def load_criteria(settings: Settings) -> Shelf:
    """The criteria that ship and the municipality's own."""
    found, wrong = read_folder([ROOT / "corpus" / "weighing", settings.corpus / "local" / "weighing"], Criterion)
    once: dict[str, Criterion] = {}
    for criterion in found:
        if criterion.id in once:
            wrong.append(f"{criterion.id}.yaml: er is al een criterium met deze id.")
        once.setdefault(criterion.id, criterion)
    return Shelf(criteria=tuple(sorted(once.values(), key=lambda c: (c.order, c.title))), wrong=tuple(wrong))


def without_personal_data(note: Note) -> tuple[Note, tuple[str, ...]]:
    """The note with personal data masked, and which kinds were found."""
    kinds: dict[str, None] = {}

    def clean(text: str) -> str:
        masked = mask(text)
        kinds.update(dict.fromkeys(masked.kinds))
        return masked.text

    cleaned = Note(
        subject=clean(note.subject),
        author=clean(note.author),
        conclusion=clean(note.conclusion),
        considerations=tuple(
            c.model_copy(update={name: clean(getattr(c, name)) for name in ("text", "weighs_for", "weighs_against")})
            for c in note.considerations
        ),
    )
    return cleaned, tuple(kinds)


def draft(note: Note) -> str:
    """The note as a file to go on with later, personal data masked."""
    return as_yaml(without_personal_data(note)[0])


def read_draft(data: bytes) -> Note:
    """A note from such a file, personal data masked. Raises `ContentError`."""
    if len(data) > LONGEST_DRAFT:
        raise ContentError("Dit bestand is te groot voor een concept.")
    try:
        told: Any = yaml.safe_load(data.decode("utf-8"))
        return without_personal_data(Note.model_validate(told or {}))[0]
    except ValidationError as error:
        raise ContentError(f"Dit bestand is geen concept van een afweging: {mistake(error)}.") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise ContentError("Dit bestand is geen concept van een afweging.") from None


def note_paper(
    note: Note,
    criteria: Sequence[Criterion],
    day: str,
    cite: Callable[[Place], PaperSource],
    quotes: Mapping[Place, str],
    generation: str = "",
) -> Paper:
    """The note on paper, traceable: every criterion with its consideration and the numbers of its sources.

    Sources are those of the criteria that were weighed; a passage the professional used is quoted (`quotes`).
    A criterion that was not weighed is named as such. Personal data is masked here once more.
    """
    note, _ = without_personal_data(note)
    by_id = {consideration.criterion: consideration for consideration in note.considerations}
    weighed = [c for c in criteria if c.id in by_id and by_id[c.id].filled and not by_id[c.id].not_relevant]
    aside = [c for c in criteria if c.id in by_id and by_id[c.id].not_relevant]
    open_ones = [c for c in criteria if c not in weighed and c not in aside]
    numbers = _numbers(place for c in weighed for place in (c.origin, *c.based_on))
    sections = [PaperSection(heading="Waar het over gaat", paragraphs=(note.subject or "Niet ingevuld.",))]
    sections += [_section(criterion, by_id[criterion.id], numbers) for criterion in weighed]
    if aside:
        sections.append(PaperSection(heading="Speelt hier geen rol", items=tuple(c.title for c in aside)))
    if open_ones:
        sections.append(PaperSection(heading="Niet gewogen", items=tuple(c.title for c in open_ones)))
    sections.append(
        PaperSection(
            heading="Conclusie van de professional", paragraphs=(note.conclusion or "Nog niet ingevuld.", DISCLAIMER)
        )
    )
    used = {place for consideration in by_id.values() for place in consideration.used}
    sources = [
        cite(place).model_copy(update={"quote": quotes.get(place, "") if place in used else ""}) for place in numbers
    ]
    meta = (
        f"Datum: {day}",
        f"Opgesteld door: {note.author}" if note.author else "",
        f"Stand van de bronnen: {generation}" if generation else "",
    )
    return Paper(
        title="Afweging" + (f": {note.subject[:80]}" if note.subject else ""),
        meta=tuple(line for line in meta if line),
        sections=tuple(sections),
        sources=tuple(sources),
        footer=DISCLAIMER,
    )


def _numbers(places: Iterable[Place]) -> dict[Place, int]:
    return {place: number for number, place in enumerate(dict.fromkeys(places), start=1)}


def _section(criterion: Criterion, weighed: Consideration, numbers: Mapping[Place, int]) -> PaperSection:
    parts = (
        ("Overweging", weighed.text),
        ("Pleit ervoor", weighed.weighs_for),
        ("Pleit ertegen", weighed.weighs_against),
    )
    marks = " ".join(f"[{numbers[place]}]" for place in (criterion.origin, *criterion.based_on))
    return PaperSection(
        heading=criterion.title,
        paragraphs=(
            *(f"{name}: {text.strip()}" for name, text in parts if text.strip()),
            f"Bronnen bij dit criterium: {marks}",
        ),
    )
