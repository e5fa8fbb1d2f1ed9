"""Who gets in: claims become a person with roles and collections, or a refusal with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assistant.people import People
from assistant.records import Records
from assistant.roles import PUBLIC, Role
from assistant.settings import Settings, load_settings
from assistant.signin import NotAdmitted, Refusal, admit

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    records = Records(f"sqlite:///{tmp_path / 'r.sqlite'}")
    yield People(records)
    records.close()


def claims(**more: object) -> dict[str, object]:
    return {"sub": "p-17", "name": "A. Bakker", "iat": int(NOW.timestamp()) - 60, "roles": ["professional"], **more}


def refused(given: dict[str, object], people: People, settings: Settings | None = None) -> Refusal:
    with pytest.raises(NotAdmitted) as caught:
        admit(given, settings or load_settings(), people, NOW)
    return caught.value.refusal


def test_roles_come_from_the_claim_and_give_their_collections(people: People) -> None:
    people.grant(Role.PROFESSIONAL, ["waterdam"])
    people.grant(Role.POLICY, ["beleid"])
    person, until = admit(claims(), load_settings(), people, NOW)
    assert (person.id, person.name) == ("p-17", "A. Bakker")
    assert person.collections == {PUBLIC, "waterdam"}
    assert until == NOW - timedelta(seconds=60) + timedelta(hours=9)
    both, _ = admit(claims(roles=["professional", "policy"]), load_settings(), people, NOW)
    assert both.collections == {PUBLIC, "waterdam", "beleid"}
    assert admit(claims(roles="manager"), load_settings(), people, NOW)[0].collections is None


def test_the_providers_own_names_are_translated_and_only_those_count(people: People) -> None:
    settings = load_settings(roles_claim="groups", role_names={"GG-Inburgering": "professional"})
    person, _ = admit(claims(groups=["GG-Inburgering", "GG-Kantine"]), settings, people, NOW)
    assert person.roles == {Role.PROFESSIONAL}
    # Once names are translated, our own names give nothing.
    assert refused(claims(groups=["manager"]), people, settings) is Refusal.NO_ROLE


def test_without_a_role_nobody_gets_in(people: People) -> None:
    for roles in ([], ["onbekend"], 7, "", None):
        assert refused(claims(roles=roles), people) is Refusal.NO_ROLE


def test_where_the_provider_says_nothing_of_roles_the_list_of_people_does(people: People) -> None:
    said = claims()
    del said["roles"]
    assert refused(said, people) is Refusal.NO_ROLE
    people.put("p-17", "A. Bakker", [Role.TRAINER])
    assert admit(said, load_settings(), people, NOW)[0].roles == {Role.TRAINER}
    # An empty list of roles is said by the provider and wins over the list here.
    assert refused(claims(roles=[]), people) is Refusal.NO_ROLE


def test_a_session_ends_and_one_without_a_beginning_never_starts(people: People) -> None:
    long_ago = int((NOW - timedelta(hours=9)).timestamp())
    assert refused(claims(iat=long_ago), people) is Refusal.EXPIRED
    assert admit(claims(iat=long_ago + 1), load_settings(), people, NOW)
    # The moment of signing in counts, not that of a renewed statement.
    assert refused(claims(auth_time=long_ago), people) is Refusal.EXPIRED
    for iat in (None, "gisteren", True):
        assert refused(claims(iat=iat), people) is Refusal.EXPIRED


def test_a_clock_that_was_set_back_lets_nobody_in(people: People) -> None:
    assert refused(claims(iat=int((NOW + timedelta(hours=2)).timestamp())), people) is Refusal.EXPIRED
    assert admit(claims(iat=int((NOW + timedelta(minutes=4)).timestamp())), load_settings(), people, NOW)


def test_somebody_without_an_id_is_nobody(people: People) -> None:
    assert refused(claims(sub=" "), people) is Refusal.NO_IDENTITY
    assert refused(claims(), people, load_settings(identity_claim="oid")) is Refusal.NO_IDENTITY
