"""Known questions: what is asked, where the answer stands, what it must say."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import Field, ValidationError

from assistant.models import Status
from indexer.errors import LeidraadError
from indexer.models import Frozen

FOLDER = Path(__file__).parent / "questions"


class QuestionsError(LeidraadError):
    """A file of known questions has a mistake, named by file and id."""


class KnownQuestion(Frozen):
    """One known question. `gold` are works (source ids without version), any of which may answer.

    `must_state` are facts the answer says; a nested list means any one of its wordings.
    """

    id: str
    question: str
    status: Status
    gold: tuple[str, ...] = ()
    must_state: tuple[str | tuple[str, ...], ...] = Field(default=())

    def missing(self, text: str) -> list[str]:
        """The facts that a text does not state."""
        lowered = " ".join(text.lower().split())
        wanted = [(fact,) if isinstance(fact, str) else fact for fact in self.must_state]
        return [ways[0] for ways in wanted if not any(way.lower() in lowered for way in ways)]


def load_questions(folder: Path | None = None) -> tuple[KnownQuestion, ...]:
    """All known questions of a folder's YAML files. Raises `QuestionsError`."""
    folder = folder or FOLDER
    files = sorted(folder.glob("*.yaml")) if folder.is_dir() else []
    if not files:
        raise QuestionsError(f"There are no known questions (*.yaml) in {folder}.")
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
