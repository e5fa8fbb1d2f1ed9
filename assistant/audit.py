"""The audit log: who changed or entered what, in a chain that only grows and shows tampering.

Every entry holds the hash of the one before it, over its own canonical JSON (sorted keys, no spaces, UTF-8). A changed,
removed or inserted entry breaks the chain from there on. The newest entries can be cut off, and the whole log can be
written anew, without breaking it; therefore every new hash also goes to the service's log (`leidraad.audit`), and
`verify` takes a hash that somebody noted earlier and looks for it.

Entries hold no questions and no names. The actor is a pseudonym, made from the person's id and the start of this log:
who knows the id can look its entries up, who reads the log does not learn the id.
"""

from __future__ import annotations

import hashlib
import json
import logging
import random
import secrets
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from pydantic import ValidationError
from sqlalchemy import JSON, Integer, String, select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Mapped, Session, mapped_column

from assistant.errors import RecordsError
from assistant.privacy import mask
from assistant.records import Records
from assistant.settings import Settings
from assistant.tables import Base
from indexer.models import Frozen

logger = logging.getLogger("leidraad.audit")

TERMINAL = "terminal"
"""The actor of what is done on the machine itself."""
_ATTEMPTS = 30
_LONGEST = 200
_PAGE = 1_000


class Event(StrEnum):
    """What is written down."""

    STARTED = "started"
    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    REFUSED = "refused"
    INDEX_CHANGED = "index_changed"
    KEY_ADDED = "key_added"
    KEY_REVOKED = "key_revoked"
    PERSON_CHANGED = "person_changed"
    GRANTS_CHANGED = "grants_changed"
    ERASED = "erased"
    EXPIRED = "expired"
    BACKED_UP = "backed_up"
    RESTORED = "restored"


class AuditRow(Base):
    """One entry. The database itself refuses to change or remove one."""

    __tablename__ = "audit"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[str] = mapped_column(String(40))
    event: Mapped[str] = mapped_column(String(32))
    actor: Mapped[str] = mapped_column(String(64))
    details: Mapped[dict[str, object]] = mapped_column(JSON)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class Entry(Frozen):
    """An entry as it is exported, one JSON object a line."""

    number: int
    at: str
    event: str
    actor: str
    details: dict[str, str | int | bool]
    previous: str
    hash: str

    def right_hash(self) -> str:
        """The hash that these contents must have."""
        contents = self.model_dump(exclude={"hash"})
        text = json.dumps(contents, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


class Verdict(Frozen):
    """What a look at the whole chain found. `broken` is one sentence; empty when all is right."""

    entries: int
    head: str
    broken: str = ""


class Audit:
    """The log of an installation."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def note(self, event: Event, *, actor: str = "", **details: str | int | bool) -> Entry:
        """Adds an entry. `actor` is a person's id, or `TERMINAL`. Raises `RecordsError`."""
        clean = {key: _clean(value) for key, value in sorted(details.items())}
        for attempt in range(_ATTEMPTS):
            try:
                with self._records.session() as session:
                    entry = _next(session, event, actor, clean)
                    session.add(AuditRow(**entry.model_dump()))
            except RecordsError as error:
                # Somebody else added an entry at the same moment: this one comes after it.
                if attempt == _ATTEMPTS - 1 or not isinstance(error.__cause__, IntegrityError | OperationalError):
                    raise
                time.sleep(random.uniform(0.01, 0.05) * (1 + attempt % 5))  # noqa: S311 — spreads writers, no secret
            else:
                logger.info("audit entry %d %s %s", entry.number, entry.event, entry.hash)
                return entry
        raise RecordsError("The audit log could not be written.")

    def entries(self) -> Iterator[Entry]:
        """All entries, oldest first. Raises `RecordsError` for one that is no entry at all."""
        after = 0
        while rows := self._page(after):
            for columns in rows:
                try:
                    yield Entry.model_validate(columns)
                except ValidationError as error:
                    raise RecordsError(f"Entry {columns['number']} of the audit log cannot be read.") from error
            after = rows[-1]["number"]

    def _page(self, after: int) -> list[dict[str, Any]]:
        query = select(AuditRow).where(AuditRow.number > after).order_by(AuditRow.number).limit(_PAGE)
        with self._records.session() as session:
            return [{name: getattr(row, name) for name in Entry.model_fields} for row in session.scalars(query)]

    def verify(self, expect: str = "") -> Verdict:
        """Looks at the whole chain. `expect` is a hash noted earlier, which must then be in it."""
        count, head, seen, broken = 0, "", False, ""
        try:
            for entry in self.entries():
                count += 1
                if entry.number != count:
                    broken = f"Entry {count} is missing."
                elif head and entry.previous != head:
                    broken = f"Entry {entry.number} does not follow the one before it."
                elif entry.hash != entry.right_hash():
                    broken = f"Entry {entry.number} was changed after it was written."
                if broken:
                    break
                head = entry.hash
                seen = seen or head == expect
        except RecordsError as error:
            broken = str(error)
        if expect and not seen and not broken:
            broken = "The hash that was noted earlier is not in the log: entries were removed or all was written anew."
        return Verdict(entries=count, head=head, broken=broken)

    def pseudonym(self, identity: str) -> str:
        """How this log calls a person. Raises `RecordsError`."""
        with self._records.session() as session:
            start = session.scalar(select(AuditRow.previous).where(AuditRow.number == 1))
        return _pseudonym(identity, start or "")


def _next(session: Session, event: Event, actor: str, details: dict[str, str | int | bool]) -> Entry:
    last = session.scalar(select(AuditRow).order_by(AuditRow.number.desc()).limit(1))
    first = session.scalar(select(AuditRow.previous).where(AuditRow.number == 1)) if last else None
    start = first or secrets.token_hex(32)
    entry = Entry(
        # Number and previous hash come from one row: of two writers that read the same one, one finds its number taken.
        number=last.number + 1 if last else 1,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        event=event,
        actor=_pseudonym(actor, start),
        details=details,
        previous=last.hash if last else start,
        hash="",
    )
    return entry.model_copy(update={"hash": entry.right_hash()})


def _pseudonym(identity: str, start: str) -> str:
    if identity in ("", TERMINAL):
        return identity
    return hashlib.sha256(f"{start}\n{identity}".encode()).hexdigest()[:16]


def _clean(value: str | int | bool) -> str | int | bool:
    """A detail without personal data, and bounded."""
    return mask(value[:_LONGEST]).text if isinstance(value, str) else value


def settings_in_force(settings: Settings) -> dict[str, str | int | bool]:
    """What the settings say that bears on who may do what and what is kept; never a secret."""
    return {
        "mode": settings.mode,
        "embeddings": "endpoint" if settings.embedding_url else "bundled",
        "records": settings.records.partition(":")[0],
        "sign_in": settings.sign_in or settings.sign_in_file is not None,
        "session_hours": str(settings.session_hours),
        "retention_days": settings.retention_days,
        "roles_claim": settings.roles_claim,
    }
