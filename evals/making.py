"""What makes a run: two runs of the same makings give the same answers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path

import assistant as room
from assistant.runs import Made
from assistant.settings import Settings
from evals.questions import KnownQuestion
from indexer.index import Index


def made_by(settings: Settings, index: Index, questions: Sequence[KnownQuestion], seed: int, embedder: str) -> Made:
    """What makes a run of these questions over this index."""
    told = {name: getattr(settings, name, None) for name in ("mode", "chat_model", "embedding_model", "threads")}
    return Made(
        created=datetime.now(UTC),
        version=version("leidraad"),
        generation=index.name,
        corpus=index.manifest.fingerprint,
        sources=len(index.sources),
        passages=index.manifest.passages,
        embedder=embedder,
        weights=_hash((Path(str(room.__file__)).parent / "weights.toml").read_bytes()),
        prompts=prompts_hash(),
        questions=_hash("\n".join(q.model_dump_json() for q in questions).encode()),
        settings={name: str(value) for name, value in told.items() if value},
        seed=seed,
        day=date.today(),
    )


def prompts_hash(folder: Path | None = None) -> str:
    """A hash of what a language model is told; empty where there are no prompts."""
    folder = folder or Path(str(room.__file__)).parent
    texts = [path.read_bytes() for path in sorted(folder.glob("prompts*")) if path.is_file()]
    return _hash(b"\0".join(texts)) if texts else ""


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]
