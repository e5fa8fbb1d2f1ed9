"""Who is at the screen, and what each role may read: kept in the records.

A **role** may be granted further collections besides the public one; the manager, who puts the files there, reads all.
Without sign-in there is one local person.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from assistant.roles import PUBLIC, Person, Role
from assistant.tables import GrantRow, PersonRow

if TYPE_CHECKING:
    from assistant.records import Records


class People:
    """The people and grants of an installation."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def person(self, identity: str, name: str, roles: Iterable[Role]) -> Person:
        """Somebody who has been identified, with these roles and what those may read."""
        own = frozenset(roles)
        return Person(id=identity, name=name, roles=own, collections=self.readable(own))

    def readable(self, roles: Collection[Role]) -> frozenset[str] | None:
        """The collections that these roles together may read; None for all."""
        if Role.MANAGER in roles:
            return None
        with self._records.session() as session:
            rows = session.scalars(select(GrantRow.collection).where(GrantRow.role.in_([str(r) for r in roles])))
            return frozenset((PUBLIC, *rows))

    def grants(self) -> dict[Role, frozenset[str]]:
        """The collections granted to each role, besides the public one."""
        found: dict[Role, set[str]] = {role: set() for role in Role}
        with self._records.session() as session:
            for row in session.scalars(select(GrantRow)):
                if row.role in found:
                    found[Role(row.role)].add(row.collection)
        return {role: frozenset(collections) for role, collections in found.items()}

    def grant(self, role: Role, collections: Iterable[str]) -> None:
        """Lets a role read exactly these collections besides the public one. Raises `RecordsError`."""
        with self._records.session() as session:
            session.execute(delete(GrantRow).where(GrantRow.role == str(role)))
            session.add_all(GrantRow(role=str(role), collection=name) for name in sorted({*collections} - {PUBLIC}))

    def known(self) -> list[Person]:
        """Everybody who is on the list, by name."""
        with self._records.session() as session:
            rows = [
                (row.id, row.name, row.roles) for row in session.scalars(select(PersonRow).order_by(PersonRow.name))
            ]
        return [self.person(identity, name, (Role(r) for r in roles)) for identity, name, roles in rows]

    def put(self, identity: str, name: str, roles: Iterable[Role]) -> None:
        """Puts a person on the list, or changes name and roles. Raises `RecordsError`."""
        with self._records.session() as session:
            session.merge(PersonRow(id=identity, name=name, roles=sorted(str(role) for role in roles)))

    def remove(self, identity: str) -> None:
        """Takes a person off the list; nothing happens for who is not on it. Raises `RecordsError`."""
        with self._records.session() as session:
            session.execute(delete(PersonRow).where(PersonRow.id == identity))
