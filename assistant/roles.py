"""What somebody does here, and which collections they may read.

A **collection** is a set of sources that is read together; `public` is everybody's.
"""

from __future__ import annotations

from enum import StrEnum

from indexer.models import Frozen

PUBLIC = "public"
LOCAL = "lokaal"
"""The one person where nobody signs in; also whose conversations are that were kept before there were persons."""


class Role(StrEnum):
    """What somebody does here. A person may have several."""

    PROFESSIONAL = "professional"
    REVIEWER = "reviewer"
    TRAINER = "trainer"
    POLICY = "policy"
    MANAGER = "manager"


class Person(Frozen):
    """Somebody at the screen. `collections` None means all of them."""

    id: str
    name: str
    roles: frozenset[Role]
    collections: frozenset[str] | None

    def may_read(self, collection: str) -> bool:
        """Whether this person may read a collection."""
        return self.collections is None or collection in self.collections

    @property
    def reviews(self) -> bool:
        """Whether this person looks at colleagues' answers."""
        return Role.REVIEWER in self.roles

    @property
    def trains(self) -> bool:
        """Whether this person makes scenarios for others to practise with."""
        return bool(self.roles & {Role.TRAINER, Role.MANAGER})

    @property
    def assesses(self) -> bool:
        """Whether this person looks after the quality of answers."""
        return bool(self.roles & {Role.POLICY, Role.REVIEWER, Role.MANAGER})

    @property
    def manages(self) -> bool:
        """Whether this person manages sources, people and settings."""
        return Role.MANAGER in self.roles
