"""Stored evaluation runs: what a run of the known questions found, and what made it.

`leidraad eval` writes a run as `results.json` and into the records; the Kwaliteit page and `--compare` read it. The
schema carries its version, and a file of another version is refused by name.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from sqlalchemy import JSON, DateTime, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from assistant.models import Status
from assistant.records import Records
from assistant.tables import Base
from indexer.errors import LeidraadError
from indexer.models import Frozen, Regime

SCHEMA = 2
"""Version of `Run`; raised whenever a field changes its meaning or goes away."""

KEPT = 200
"""How many runs the records list, newest first."""


class RunError(LeidraadError):
    """A stored run cannot be read: no such file, or another schema."""


class Made(Frozen):
    """What made a run: with the same of all these, the same answers come out."""

    created: datetime
    version: str = Field(description="version of Leidraad")
    generation: str
    corpus: str = Field(description="fingerprint of the documents that were indexed")
    sources: int
    passages: int
    embedder: str
    weights: str = Field(description="hash of weights.toml")
    prompts: str = Field(description="hash of the prompts; empty where there are none")
    questions: str = Field(description="hash of the questions that were asked")
    settings: dict[str, str] = Field(default_factory=dict)
    seed: int
    day: date = Field(description="the day the questions were asked: it decides which law holds")

    @property
    def key(self) -> str:
        """Tells whether a run that was broken off may be taken up again: equal for the same makings."""
        return self.model_dump_json(exclude={"created"})


class Shown(Frozen):
    """A passage as it is shown beside an answer: where it stands, its text, whether it is a right one."""

    place: str
    text: str
    right: bool = False
    source: str = ""


class Case(Frozen):
    """One question put to one system.

    `values` are what the scorers found, by scorer; a scorer that does not bear on the question is absent. `ranks` are
    the places (from 1) of right passages, `right` how many right passages there are at all. `similarity` is the best
    cosine of the evidence. A test question keeps its figures but not its answer, so that nobody tunes on it.
    """

    id: str
    set: str
    kind: str = ""
    topic: str = ""
    audience: str = ""
    regime: Regime | None = None
    question: str
    expected: Status
    status: Status | None = None
    outcome: str = ""
    values: dict[str, float]
    ranks: tuple[int, ...] = ()
    right: int = 0
    missing: tuple[str, ...] = ()
    quotes: int = 0
    quotes_verbatim: int = 0
    similarity: float | None = None
    text: str = ""
    cited: tuple[Shown, ...] = ()
    evidence: tuple[Shown, ...] = ()
    gold: tuple[Shown, ...] = ()
    timings_ms: dict[str, float] = Field(default_factory=dict)
    usage: dict[str, float] = Field(default_factory=dict, description="tokens, cost and time to first token")


class Figure(Frozen):
    """A mean over `n` questions with its 95% interval: of one system, set and scorer, over all or over one group."""

    system: str
    set: str
    scorer: str
    label: str
    by: str = Field(default="", description="'topic', 'audience', 'kind' or 'regime'; empty for all questions")
    group: str = ""
    n: int
    mean: float
    low: float
    high: float


class SystemRun(Frozen):
    """What one system did with all questions, in the order in which they were asked."""

    name: str
    label: str
    cases: tuple[Case, ...]


class Run(Frozen):
    """One run of the known questions."""

    schema_version: Literal[2] = 2
    id: str
    made: Made
    seconds: float
    left_out: int = Field(default=0, description="questions whose sources are not in the index")
    systems: tuple[SystemRun, ...]
    figures: tuple[Figure, ...]

    def figure(self, system: str, set_: str, scorer: str) -> Figure | None:
        """The figure over all questions of a set."""
        wanted = (system, set_, scorer, "")
        return next((f for f in self.figures if (f.system, f.set, f.scorer, f.by) == wanted), None)


class RunSummary(Frozen):
    """A stored run without its cases: what a list or a line over time needs."""

    id: str
    made: Made
    seconds: float
    left_out: int = 0
    figures: tuple[Figure, ...]


def read_run(path: Path) -> Run:
    """A run from its `results.json`, or from the folder that holds it. Raises `RunError`."""
    file = path / "results.json" if path.is_dir() else path
    try:
        return Run.model_validate_json(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise RunError(f"There is no stored run in {path}.") from None
    except ValidationError:
        raise RunError(f"{file} is not a run of this version (schema {SCHEMA}); run leidraad eval anew.") from None


class RunRow(Base):
    """One run, with what a list needs apart from the whole."""

    __tablename__ = "eval_runs"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    summary: Mapped[dict[str, object]] = mapped_column(JSON)
    run: Mapped[str] = mapped_column(Text)


class Runs:
    """The runs in the records."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def keep(self, run: Run) -> None:
        """Keeps a run; one of the same id is replaced. Raises `RecordsError`."""
        summary = RunSummary(
            id=run.id,
            made=run.made,
            seconds=run.seconds,
            left_out=run.left_out,
            figures=tuple(f for f in run.figures if not f.by),
        )
        row = RunRow(
            id=run.id,
            created=run.made.created.astimezone(UTC),
            summary=summary.model_dump(mode="json"),
            run=run.model_dump_json(),
        )
        with self._records.session() as session:
            session.merge(row)

    def list(self) -> list[RunSummary]:
        """The newest runs, oldest first. What an older version wrote in another schema is left out."""
        query = select(RunRow.summary).order_by(RunRow.created.desc(), RunRow.id).limit(KEPT)
        found = []
        with self._records.session() as session:
            for summary in session.scalars(query):
                try:
                    found.append(RunSummary.model_validate(summary))
                except ValidationError:
                    continue
        return found[::-1]

    def get(self, identity: str) -> Run | None:
        """The whole run; None where there is none, or one of another schema."""
        with self._records.session() as session:
            text = session.scalar(select(RunRow.run).where(RunRow.id == identity))
        try:
            return Run.model_validate_json(text) if text else None
        except ValidationError:
            return None
