"""Reading and writing the YAML files of scenarios, lessons and criteria, with one clear sentence for a mistake.

The people who make these files read the sentence in the app, so it is Dutch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from assistant.errors import ContentError

Model = TypeVar("Model", bound=BaseModel)

_REASONS = {
    "missing": "ontbreekt",
    "extra_forbidden": "is een onbekend veld",
    "string_type": "moet tekst zijn",
    "string_too_short": "mag niet leeg zijn",
    "bool_type": "moet true of false zijn",
    "bool_parsing": "moet true of false zijn",
    "int_type": "moet een geheel getal zijn",
    "int_parsing": "moet een geheel getal zijn",
    "list_type": "moet een lijst zijn",
    "tuple_type": "moet een lijst zijn",
    "model_type": "moet velden hebben",
    "too_short": "heeft er te weinig: minstens {min_length}",
    "too_long": "heeft er te veel: hoogstens {max_length}",
    "greater_than_equal": "moet minstens {ge} zijn",
    "less_than_equal": "mag hoogstens {le} zijn",
    "enum": "moet een van deze zijn: {expected}",
    "literal_error": "moet een van deze zijn: {expected}",
    "string_pattern_mismatch": "heeft niet de goede vorm",
}


def mistake(error: ValidationError, names: Mapping[str, str] | None = None) -> str:
    """The first mistake in words: the field as a path, and what is wrong with it.

    `names` gives what a person sees a field called, where that is not the name in the file.
    """
    first = error.errors()[0]
    field = ""
    for part in first["loc"]:
        named = f" {part + 1}" if isinstance(part, int) else (names or {}).get(part, part)
        field += named if isinstance(part, int) or not field else f" → {named}"
    reason = _REASONS.get(first["type"], "klopt niet").format(**first.get("ctx", {}))
    if first["type"] == "value_error":
        return f"{field}: {first['ctx']['error']}" if field else str(first["ctx"]["error"])
    return f"veld '{field}' {reason}"


def read_content(path: Path, model: type[Model]) -> Model:
    """The file as that model. Raises `ContentError` with file and field."""
    try:
        data: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        return model.model_validate(data)
    except ValidationError as error:
        raise ContentError(f"{path.name}: {mistake(error)}.") from None
    except yaml.YAMLError as error:
        place = getattr(error, "problem_mark", None)
        line = f" (regel {place.line + 1})" if place else ""
        raise ContentError(f"{path.name} is geen geldige YAML{line}.") from None
    except (OSError, UnicodeDecodeError):
        raise ContentError(f"{path.name} kan niet worden gelezen.") from None


def read_folder(folders: Iterable[Path], model: type[Model]) -> tuple[list[Model], list[str]]:
    """All YAML files of these folders by name, and a sentence for each that is wrong: one mistake hides no other file.

    A folder that is not there holds nothing.
    """
    found: list[Model] = []
    wrong: list[str] = []
    for folder in folders:
        for path in sorted(folder.glob("*.yaml")):
            try:
                found.append(read_content(path, model))
            except ContentError as error:
                wrong.append(str(error))
    return found, wrong


def as_yaml(content: BaseModel) -> str:
    """The content as YAML that a person can read and change; empty fields are left out."""
    data = content.model_dump(mode="json", exclude_defaults=True)
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=100)


def write_content(path: Path, content: BaseModel) -> None:
    """Writes the file whole or not at all. Raises `ContentError`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.write_text(as_yaml(content), encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        raise ContentError(f"{path.name} kan niet worden bewaard ({error.strerror}).") from None
