"""Known questions: what is asked, where the answer stands, what it must say."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

import yaml
from pydantic import Field, ValidationError, field_validator

from assistant.models import Status, Turn
from indexer.errors import LeidraadError
from indexer.models import Frozen, Passage, Regime

FOLDER = Path(__file__).parent / "questions"


class QuestionsError(LeidraadError):
    """A file of known questions has a mistake, named by file and id."""


class Gold(Frozen):
    """Where an answer stands: a work (a source's id without its version) and, where told, the place in it.

    `judged` marks a place that the question's writer did not name: an assessor found it to answer by itself, among
    what several systems brought (`tools/pool_passages.py`).
    """

    source: str
    article: str | None = None
    lid: str | None = None
    page: str | None = None
    heading: str | None = None
    judged: bool = False

    def holds(self, passage: Passage) -> bool:
        """Whether a passage is that place, or part of it."""
        told = (
            (self.article, passage.article),
            (self.lid, passage.lid),
            (self.page, passage.page),
        )
        if passage.work != self.source or any(want is not None and want != is_ for want, is_ in told):
            return False
        return self.heading is None or self.heading in passage.heading_path


class KnownQuestion(Frozen):
    """One known question. Any of `gold` may answer.

    `must_state` are facts the answer says; a nested list means any one of its wordings. `over` tells what must be
    indexed: the shipped corpus, or the source texts themselves.
    """

    id: str
    question: str
    status: Status
    kind: str = ""
    audience: str = ""
    topic: str = ""
    topic_expected: str = ""
    over: Literal["corpus", "sources"] = "corpus"
    regime: Regime | None = None
    as_of: date | None = None
    conversation: tuple[Turn, ...] = ()
    gold: tuple[Gold, ...] = ()
    must_state: tuple[str | tuple[str, ...], ...] = Field(default=())
    reviewer: str = Field(default="", description="role of whoever accepted a question of a municipality's own")
    reviewed: date | None = None

    @field_validator("gold", mode="before")
    @classmethod
    def _whole_sources(cls, value: object) -> object:
        """A bare name in `gold` means the whole source."""
        if isinstance(value, list):
            return [{"source": entry} if isinstance(entry, str) else entry for entry in value]
        return value

    @property
    def written(self) -> tuple[Gold, ...]:
        """The places that the question's writer named."""
        return tuple(gold for gold in self.gold if not gold.judged)

    @property
    def set(self) -> str:
        """'test' for a question nothing was ever tuned on, else 'dev': the id tells, and whoever wrote it."""
        return "test" if self.id.startswith("test-") else "dev"

    def missing(self, text: str) -> list[str]:
        """The facts that a text does not state."""
        lowered = " ".join(text.lower().split())
        wanted = [(fact,) if isinstance(fact, str) else fact for fact in self.must_state]
        return [ways[0] for ways in wanted if not any(way.lower() in lowered for way in ways)]


def load_questions(folder: Path | None = None, own: Path | None = None) -> tuple[KnownQuestion, ...]:
    """All known questions of a folder's YAML files, and those of the folder `own` where there is one.

    Raises `QuestionsError`.
    """
    folder = folder or FOLDER
    files = sorted(folder.glob("*.yaml")) if folder.is_dir() else []
    if not files:
        raise QuestionsError(f"There are no known questions (*.yaml) in {folder}.")
    files += sorted(own.glob("*.yaml")) if own else []
    questions: dict[str, KnownQuestion] = {}
    number = 0
    for path in files:
        try:
            entries = yaml.safe_load(path.read_text(encoding="utf-8"))
            for entry in entries:
                number += 1
                question = KnownQuestion.model_validate(entry)
                if question.id in questions:
                    raise QuestionsError(f"{path.name}: the id '{question.id}' is used twice.")
                questions[question.id] = question
        except ValidationError as error:
            first = error.errors()[0]
            raise QuestionsError(
                f"{path.name}, question {number} of all: {'.'.join(map(str, first['loc']))}: {first['msg']}."
            ) from None
        except (yaml.YAMLError, OSError, TypeError) as error:
            raise QuestionsError(
                f"{path.name} cannot be read as a list of questions ({type(error).__name__})."
            ) from None
    return tuple(questions.values())
