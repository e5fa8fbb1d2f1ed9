"""The data that flows from a question to a verified answer. All models are frozen."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import Field

from indexer.models import Binding, Frozen, Kind, Passage, Regime


class Status(StrEnum):
    """How a question ended, in one word; the exact way is the answer's outcome."""

    ANSWERED = "answered"
    REFUSED = "refused"
    CLARIFY = "clarify"


class Mode(StrEnum):
    """Who put the sentences together: our own choice of verbatim sentences, or a language model."""

    EXTRACTIVE = "extractive"
    GENERATIVE = "generative"


class Turn(Frozen):
    """An earlier exchange in the conversation."""

    question: str
    answer: str = ""


class Outcome(Frozen):
    """One entry of the closed list in `outcomes.toml`."""

    key: str
    status: Status
    sentence_nl: str
    sentence_en: str
    retryable: bool

    def sentence(self, language: str) -> str:
        """The sentence a person reads, in `language` ('nl' or 'en')."""
        return self.sentence_en if language == "en" else self.sentence_nl


class Evidence(Frozen):
    """A passage with the scores that brought it here; `score` is what it was ranked by."""

    passage: Passage
    score: float
    dense: float | None = Field(default=None, description="cosine similarity to the question, -1 to 1")
    bridge: float | None = Field(
        default=None, description="cosine similarity of the nearest question in plain words that leads here"
    )
    lexical: float | None = Field(default=None, description="BM25 over stems, higher is better")
    told: tuple[tuple[int, float], ...] = Field(
        default=(),
        exclude=True,
        description="where in the source's text sentences begin that answer questions in plain words near this one, "
        "and how near they are (`retrieve`)",
    )


class Citation(Frozen):
    """A verbatim quote and where it stands. `start` and `end` point into the source document's text."""

    number: int
    passage_id: str
    source_id: str
    title: str
    kind: Kind
    binding: Binding
    regime: Regime | None = None
    locator: str
    page: str | None = None
    page_index: int | None = None
    article: str | None = None
    quote: str
    start: int
    end: int
    url: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None


class Claim(Frozen):
    """One sentence of an answer and the numbers of the citations it rests on.

    `label` names the regime the claim holds for when an answer speaks about more than one.
    """

    text: str
    citations: tuple[int, ...]
    label: str = ""


class Choice(Frozen):
    """What can be chosen when an answer asks back: its name on a button, and the question that it completes."""

    label: str
    question: str


class Usage(Frozen):
    """What an answer took of a language model, over all its calls."""

    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    estimated: bool = Field(default=False, description="the endpoint did not tell; counted with our own encoding")
    first_token_ms: float | None = Field(default=None, description="until the first word of the answer, thinking over")
    cost: float | None = Field(default=None, description="euros, by the prices in the settings; None without prices")


class Answer(Frozen):
    """What a person gets, and what is kept. Printed as it is by `leidraad ask --json`."""

    question: str = Field(description="as asked, personal data masked")
    standalone_question: str
    language: str
    status: Status
    outcome: str = Field(description="key in outcomes.toml")
    completeness: str = Field(default="complete", pattern="^(complete|partial)$")
    text: str
    claims: tuple[Claim, ...] = ()
    citations: tuple[Citation, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    regime: Regime | None = None
    as_of: date
    mode: Mode = Mode.EXTRACTIVE
    model: str | None = None
    prompt_version: str | None = Field(default=None, description="version of the prompts that the model was given")
    usage: Usage | None = Field(default=None, description="None when no language model was asked")
    masked: tuple[str, ...] = Field(default=(), description="kinds of personal data that were masked")
    choices: tuple[Choice, ...] = Field(default=(), description="what can be chosen when the outcome asks back")
    timings_ms: dict[str, float] = Field(default_factory=dict)
    index_generation: str | None = None
    warnings: tuple[str, ...] = ()
