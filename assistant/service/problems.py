"""Errors as problem details (RFC 9457), with the same keys as the app's outcomes."""

from __future__ import annotations

import math
import tomllib
from functools import lru_cache
from pathlib import Path

from pydantic import Field
from starlette.responses import JSONResponse

from assistant.logs import request_id
from assistant.outcomes import outcomes
from indexer.models import Frozen

MEDIA_TYPE = "application/problem+json"


class ProblemKind(Frozen):
    """One way in which a request brings no answer."""

    key: str
    status: int
    nl: str
    en: str
    retry_after: int | None = None

    def sentence(self, language: str) -> str:
        """What a person reads, in `language` ('nl' or 'en')."""
        return self.en if language == "en" else self.nl


class FieldError(Frozen):
    """What is wrong with one field of a request; never what was in it."""

    field: str
    message: str


class ProblemBody(Frozen):
    """A problem as it is sent. `outcome` is its key, `retryable` tells whether the same request may work later."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    outcome: str
    retryable: bool
    request_id: str
    errors: tuple[FieldError, ...] = Field(default=())


class Problem(Exception):
    """A request that brings no answer, by the key of its kind. `after` is when to try again, in seconds."""

    def __init__(self, key: str, *, after: float | None = None, errors: tuple[FieldError, ...] = ()) -> None:
        self.kind = kinds()[key]
        self.after = after if after is not None else self.kind.retry_after
        self.errors = errors
        super().__init__(self.kind.en)


@lru_cache(maxsize=1)
def kinds() -> dict[str, ProblemKind]:
    """All kinds of problems by key."""
    data = tomllib.loads((Path(__file__).parent / "problems.toml").read_text(encoding="utf-8"))
    known = outcomes()
    made: dict[str, ProblemKind] = {}
    for key, entry in data.items():
        said = {"nl": known[key].sentence_nl, "en": known[key].sentence_en} if key in known else {}
        made[key] = ProblemKind.model_validate({"key": key, **said, **entry})
    return made


def body(problem: Problem, path: str, language: str) -> ProblemBody:
    """The problem as it is sent; `path` is what was asked for."""
    kind = problem.kind
    return ProblemBody(
        type=f"/problems/{kind.key}",
        title=kind.en,
        status=kind.status,
        detail=kind.sentence(language),
        instance=path,
        outcome=kind.key,
        retryable=problem.after is not None,
        request_id=request_id.get(),
        errors=problem.errors,
    )


def response(problem: Problem, path: str, language: str) -> JSONResponse:
    """The HTTP answer for a problem."""
    headers = {"Retry-After": str(max(1, math.ceil(problem.after)))} if problem.after is not None else {}
    if problem.kind.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    sent = body(problem, path, language)
    return JSONResponse(sent.model_dump(mode="json"), sent.status, headers, MEDIA_TYPE)


def language_of(accept_language: str | None) -> str:
    """'en' for who prefers English to Dutch, else 'nl'."""
    for part in (accept_language or "").lower().split(","):
        tag = part.strip().partition(";")[0].partition("-")[0]
        if tag in ("nl", "en"):
            return tag
    return "nl"
