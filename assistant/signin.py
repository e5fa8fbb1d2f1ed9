"""From what the sign-in provider says about somebody to who they are here, what they do and what they may read.

The provider's signed statement (OIDC claims) is checked by Streamlit; this module reads it. A **claim** names the
person (`identity_claim`), another their roles (`roles_claim`); `role_names` translates the municipality's names of
groups. Who has no role here does not get in. A session ends `session_hours` after the provider signed somebody in,
whatever the browser keeps.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from assistant.people import People
from assistant.roles import Person, Role
from assistant.settings import Settings
from indexer.errors import LeidraadError

_SKEW = timedelta(minutes=5)
"""How far the provider's clock may run ahead of ours."""


class Refusal(StrEnum):
    """Why somebody who signed in does not get in."""

    EXPIRED = "expired"
    NO_ROLE = "no_role"
    NO_IDENTITY = "no_identity"


class NotAdmitted(LeidraadError):
    """Somebody signed in and does not get in; `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(f"The person who signed in is not admitted ({refusal}).")


def admit(
    claims: Mapping[str, object], settings: Settings, people: People, now: datetime | None = None
) -> tuple[Person, datetime]:
    """The person that these claims are about, and until when they count. Raises `NotAdmitted` and `RecordsError`."""
    until = ends(claims, settings, now)
    identity = str(claims.get(settings.identity_claim) or "").strip()
    if not identity:
        raise NotAdmitted(Refusal.NO_IDENTITY)
    roles = roles_of(claims, settings)
    name = str(claims.get("name") or identity)
    if roles is None:
        listed = next((person for person in people.known() if person.id == identity), None)
        roles = listed.roles if listed else frozenset()
    if not roles:
        raise NotAdmitted(Refusal.NO_ROLE)
    return people.person(identity, name, roles), until


def roles_of(claims: Mapping[str, object], settings: Settings) -> frozenset[Role] | None:
    """The roles that the claims give; None when the provider says nothing about roles at all."""
    said = claims.get(settings.roles_claim)
    if said is None:
        return None
    names = said.split() if isinstance(said, str) else [str(name) for name in said] if isinstance(said, list) else []
    known = settings.role_names or {role.value: role for role in Role}
    return frozenset(known[name] for name in names if name in known)


def ends(claims: Mapping[str, object], settings: Settings, now: datetime | None = None) -> datetime:
    """When the session of these claims ends. Raises `NotAdmitted` when it has, or when they do not say since when.

    A sign-in that lies in the future is refused too: then one of the two clocks cannot be trusted.
    """
    now = now or datetime.now(UTC)
    issued = claims.get("auth_time") or claims.get("iat")
    if isinstance(issued, bool) or not isinstance(issued, (int, float)):
        raise NotAdmitted(Refusal.EXPIRED)
    since = datetime.fromtimestamp(issued, UTC)
    until = since + timedelta(hours=settings.session_hours)
    if since > now + _SKEW or now >= until:
        raise NotAdmitted(Refusal.EXPIRED)
    return until
