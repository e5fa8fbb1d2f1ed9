"""Stored runs as tests need them."""

from __future__ import annotations

from datetime import UTC, date, datetime

from assistant.runs import Made


def made(**given: object) -> Made:
    """The makings of a run."""
    known = {
        "created": datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
        "version": "0.1.0",
        "generation": "20260301-093000-abcdef",
        "corpus": "c" * 64,
        "sources": 8,
        "passages": 30,
        "embedder": "proefmodel",
        "weights": "w" * 16,
        "prompts": "",
        "questions": "q" * 16,
        "seed": 1,
        "day": date(2026, 3, 1),
    }
    return Made.model_validate({**known, **given})
