"""A municipality's own known questions: written by its policy team, read by every evaluation after that.

They lie as YAML in `corpus/local/questions/`, in the form of those that ship, with the role of who accepted them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import yaml

from assistant.errors import RecordsError
from assistant.models import Status
from assistant.privacy import mask
from indexer.files import replace_file
from indexer.models import Passage

FILE = "eigen-vragen.yaml"
SUGGESTED = "suggested"
"""The folder beside them where candidates of `leidraad eval --suggest` wait; no evaluation reads it."""

_HEAD = "# Known questions of this municipality. Made in Leidraad, on the page Kwaliteit.\n"


def place_of(passage: Passage) -> dict[str, str]:
    """A passage as a gold place: its work, and the article and lid, the heading, or the page in it."""
    place = {"source": passage.work}
    if passage.article:
        place["article"] = passage.article
        if passage.lid:
            place["lid"] = passage.lid
    elif passage.heading_path:
        place["heading"] = passage.heading_path[-1]
    elif passage.page:
        place["page"] = passage.page
    return place


def add_known(
    folder: Path, question: str, passages: Sequence[Passage], role: str, today: date, facts: Sequence[str] = ()
) -> str:
    """Adds a known question and returns its id. Without passages it is one that must be refused.

    `facts` are what its answer must state; `role` is that of whoever accepts it. Raises `RecordsError` when the file
    cannot be read or written.
    """
    file = folder / FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        entries = yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else []
        if not isinstance(entries, list):
            raise RecordsError(f"{file} does not hold a list of questions; put it right or move it away.")
        taken = {entry.get("id") for entry in entries if isinstance(entry, dict)}
        number = next(n for n in range(1, len(entries) + 2) if f"own-{today:%Y%m%d}-{n:02d}" not in taken)
        identity = f"own-{today:%Y%m%d}-{number:02d}"
        entry: dict[str, object] = {
            "id": identity,
            "question": mask(question.strip()).text,
            "kind": "own",
            "over": "corpus",
            "status": (Status.ANSWERED if passages else Status.REFUSED).value,
            "gold": [dict(place) for place in dict.fromkeys(tuple(place_of(p).items()) for p in passages)],
            "must_state": [mask(fact).text for fact in facts if fact.strip()],
            "reviewer": role,
            "reviewed": today,
        }
        text = yaml.safe_dump([*entries, entry], allow_unicode=True, sort_keys=False, width=120)
        replace_file(file, (_HEAD + text).encode())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise RecordsError(f"The question could not be kept in {file} ({type(error).__name__}).") from error
    return identity


def suggestions(folder: Path) -> list[dict[str, object]]:
    """The newest candidates that wait for a person; none where none were made."""
    files = sorted((folder / SUGGESTED).glob("*.yaml"))
    try:
        entries = yaml.safe_load(files[-1].read_text(encoding="utf-8")) if files else []
    except (OSError, yaml.YAMLError):
        return []
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
