"""The page that lists every setting, made from the settings model itself: `docs/settings.md`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from assistant.settings import ROOT, SETTINGS_FILE, Settings

PAGE = ROOT / "docs" / "settings.md"
_HEAD = f"""# Settings

Made from `assistant/settings.py` by `make settings-page`; do not edit it by hand.

A setting comes from the environment (`LEIDRAAD_…`) or from `{SETTINGS_FILE}` in the working folder; the environment
wins. Lists and tables are JSON in the environment (`LEIDRAAD_ROLE_NAMES='{{"GG-Inburgering": "professional"}}'`).
An unknown key in the file is refused by name. Keys and passwords belong in the environment or in a file that only the
service may read: the app never shows them, and they are in no log and no process list.

| setting | in the environment | kind | if not set | meaning |
|---|---|---|---|---|
"""


def settings_page() -> str:
    """The page's text."""
    return _HEAD + "".join(_row(name, field) for name, field in sorted(Settings.model_fields.items()))


def _row(name: str, field: FieldInfo) -> str:
    cells = (
        f"`{name}`",
        f"`LEIDRAAD_{name.upper()}`",
        _kind(field.annotation),
        f"`{_default(field)}`" if _default(field) else "–",
        (field.description or "").replace("|", "\\|"),
    )
    return f"| {' | '.join(cells)} |\n"


def _kind(annotation: Any) -> str:
    if annotation is None:
        return ""
    options = [option for option in get_args(annotation) if option is not type(None)]
    if SecretStr in (annotation, *options):
        return "secret"
    if options and all(isinstance(option, str) for option in options):
        return " or ".join(options)
    text = re.sub(r"\b(?:\w+\.)+(\w+)", r"\1", str(annotation if get_args(annotation) else annotation.__name__))
    return text.replace(" | None", "").replace(", ...", "…").replace("|", "\\|")


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    if value in (None, "", (), {}):
        return ""
    if isinstance(value, Path):
        return value.relative_to(ROOT).as_posix() if value.is_relative_to(ROOT) else str(value)
    if isinstance(value, tuple):
        return ", ".join(str(one) for one in value)
    return str(value).replace(str(ROOT), "…")


if __name__ == "__main__":
    PAGE.write_text(settings_page(), encoding="utf-8")
