"""Keys: only a hash is kept, and a key that is wrong, cut or revoked opens nothing."""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import text

from assistant.errors import RecordsError
from assistant.records import Records
from assistant.service.keys import Keys


def test_a_key_says_who_asks_and_what_may_be_read(records: Records) -> None:
    keys = Keys(records)
    caller = keys.caller(keys.add("zaaksysteem", ["besloten"], 30))
    assert caller is not None
    assert (caller.name, caller.collections, caller.per_minute) == ("zaaksysteem", {"public", "besloten"}, 30)
    assert caller.person == f"api:{caller.id}"


def test_the_secret_is_not_in_the_database(records: Records) -> None:
    secret = Keys(records).add("zaaksysteem").split("_", 2)[2]
    with records.session() as session:
        (kept,) = session.execute(text("SELECT * FROM api_keys")).all()
    assert hashlib.sha256(secret.encode()).hexdigest() in kept and secret not in str(kept)


def test_a_wrong_a_cut_and_a_revoked_key_open_nothing(records: Records) -> None:
    keys = Keys(records)
    first, second = keys.add("een"), keys.add("twee")
    swapped = first.rsplit("_", 1)[0] + "_" + second.split("_", 2)[2]
    assert [keys.caller(k) for k in (swapped, first[:-1], first + "x", "", "leidraad__", "leidraad_x_y")] == [None] * 6
    identity = first.split("_")[1]
    keys.revoke(identity)
    assert keys.caller(first) is None and keys.caller(second) is not None
    assert [k.revoked is not None for k in keys.known()] == [True, False]
    revoked = keys.known()[0].revoked
    keys.revoke(identity)
    assert keys.known()[0].revoked == revoked


def test_mistakes_are_told_in_a_sentence(records: Records) -> None:
    keys = Keys(records)
    with pytest.raises(RecordsError, match="no key 'x'"):
        keys.revoke("x")
    for name, limit in ((" ", 5), ("een", 0)):
        with pytest.raises(RecordsError, match="needs a name"):
            keys.add(name, (), limit)
    assert keys.known() == []
