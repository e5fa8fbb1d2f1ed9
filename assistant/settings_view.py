"""The settings in force, fit to be shown: what is secret is only told to be there."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import SecretStr

from assistant.settings import Settings
from indexer.models import Frozen

_SECRET_NAME = re.compile(r"(?i)key|secret|password|token")
_LOGIN = re.compile(r"(?<=://)[^/@\s]+@")


class Shown(Frozen):
    """One setting. `value` is empty for one that is not set; `secret` tells that its value is withheld."""

    name: str
    value: str
    secret: bool
    meaning: str


def in_force(settings: Settings) -> list[Shown]:
    """Every setting by name, without keys, passwords, or the login in an address."""
    shown: list[Shown] = []
    for name, field in sorted(type(settings).model_fields.items()):
        value = getattr(settings, name)
        secret = isinstance(value, SecretStr) or bool(_SECRET_NAME.search(name))
        text = "" if value is None or secret else _text(value)
        shown.append(Shown(name=name, value=text, secret=secret and bool(value), meaning=field.description or ""))
    return shown


def _text(value: object) -> str:
    if isinstance(value, (tuple, list, set, frozenset)):
        return ", ".join(_text(one) for one in value)
    if isinstance(value, Path):
        return str(value)
    return _LOGIN.sub("…@", str(value))
