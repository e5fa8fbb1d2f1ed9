"""API keys: who may ask through the API, which collections they may read, and how often.

A key is `leidraad_<id>_<secret>`. Of the secret, 256 random bits, only the SHA-256 is kept: what is drawn at random
cannot be guessed from a dictionary, so a slow hash would add nothing but time to every request.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import JSON, DateTime, Integer, String, select
from sqlalchemy.orm import Mapped, mapped_column

from assistant.errors import RecordsError
from assistant.records import Records
from assistant.roles import PUBLIC
from assistant.tables import Base
from indexer.models import Frozen

PREFIX = "leidraad"
PER_MINUTE = 60


class ApiKeyRow(Base):
    """One key, without its secret."""

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(String(12), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    hash: Mapped[str] = mapped_column(String(64))
    collections: Mapped[list[str]] = mapped_column(JSON)
    per_minute: Mapped[int] = mapped_column(Integer)
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    revoked: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Caller(Frozen):
    """A program that asks, by its key. `per_minute` None: no limit, for who sits at this machine."""

    id: str
    name: str
    collections: frozenset[str]
    per_minute: int | None = PER_MINUTE

    @property
    def person(self) -> str:
        """Whose conversations and feedback these are in the records."""
        return f"api:{self.id}"


class ApiKey(Frozen):
    """A key as it is listed."""

    id: str
    name: str
    collections: tuple[str, ...]
    per_minute: int
    created: datetime
    revoked: datetime | None


class Keys:
    """The keys of an installation, in its records."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def add(self, name: str, collections: Iterable[str] = (), per_minute: int = PER_MINUTE) -> str:
        """Makes a key and returns it whole; it cannot be shown again. The public collection is always part of it.

        Raises `RecordsError`, also for a name without a letter or a limit under one.
        """
        if not name.strip() or per_minute < 1:
            raise RecordsError("A key needs a name and a limit of at least 1 a minute.")
        identity, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        with self._records.session() as session:
            session.add(
                ApiKeyRow(
                    id=identity,
                    name=name.strip()[:200],
                    hash=_hash(secret),
                    collections=sorted({PUBLIC, *collections}),
                    per_minute=per_minute,
                    created=datetime.now(UTC),
                    revoked=None,
                )
            )
        return f"{PREFIX}_{identity}_{secret}"

    def caller(self, key: str) -> Caller | None:
        """Whose key this is; None for one that is not known, not whole or revoked. Raises `RecordsError`."""
        prefix, _, rest = key.partition("_")
        identity, _, secret = rest.partition("_")
        if prefix != PREFIX or not secret:
            return None
        with self._records.session() as session:
            row = session.get(ApiKeyRow, identity)
            if row is None or row.revoked is not None or not hmac.compare_digest(row.hash, _hash(secret)):
                return None
            return Caller(id=row.id, name=row.name, collections=frozenset(row.collections), per_minute=row.per_minute)

    def known(self) -> list[ApiKey]:
        """All keys, the oldest first, revoked ones too. Raises `RecordsError`."""
        with self._records.session() as session:
            return [
                ApiKey(
                    id=row.id,
                    name=row.name,
                    collections=tuple(row.collections),
                    per_minute=row.per_minute,
                    created=row.created,
                    revoked=row.revoked,
                )
                for row in session.scalars(select(ApiKeyRow).order_by(ApiKeyRow.created))
            ]

    def revoke(self, identity: str) -> None:
        """Ends a key, from the next request on. Raises `RecordsError` when there is none with this id."""
        with self._records.session() as session:
            row = session.get(ApiKeyRow, identity)
            if row is None:
                raise RecordsError(f"There is no key '{identity}'; leidraad keys list shows them.")
            row.revoked = row.revoked or datetime.now(UTC)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
