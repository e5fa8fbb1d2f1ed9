"""What the commands have in common: where they print, how they stop, the options that several of them take."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from assistant.errors import RecordsError
from assistant.settings import Settings

EXIT_FAULT, EXIT_USAGE, EXIT_REFUSED = 1, 2, 3

out = Console()
err = Console(stderr=True)

IndexOption = Annotated[Path | None, typer.Option("--index", help="Folder of the index.", show_default="data/index")]
CorpusOption = Annotated[
    Path | None, typer.Option("--corpus", help="Folder of documents; a sources.toml in it adds metadata.")
]
CollectionOption = Annotated[
    list[str] | None, typer.Option("--collection", help="A collection that may be read besides the public one.")
]
ModeOption = Annotated[str | None, typer.Option("--mode", help="extractive or generative.")]


def say(line: str) -> None:
    """Prints a line as it is: no markup, no colours, never folded."""
    out.print(line, markup=False, highlight=False, soft_wrap=True)


def stop(sentence: str, code: int) -> NoReturn:
    """Ends the command with one sentence on stderr."""
    err.print(sentence, markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(code)


def day(text: str | None) -> date | None:
    """A day as somebody typed it; stops the command where it is none."""
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        stop(f"'{text}' is not a date; write it as 2023-01-31.", EXIT_USAGE)


def check_mode(mode: str | None) -> None:
    """Stops the command for a mode that there is not."""
    if mode not in (None, "extractive", "generative"):
        stop(f"There is no mode '{mode}'; choose extractive or generative.", EXIT_USAGE)


def note(settings: Settings, event: str, **details: str | int | bool) -> None:
    """Writes in the audit log what was done in the terminal; says it where the log does not take it."""
    from assistant.audit import TERMINAL, Audit, Event
    from assistant.records import Records

    try:
        records = Records(settings.records)
        Audit(records).note(Event(event), actor=TERMINAL, **details)
        records.close()
    except RecordsError as error:
        err.print(f"Note: the audit log could not be written. {error}", markup=False, highlight=False, soft_wrap=True)
