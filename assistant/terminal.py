"""The terminal commands of who looks after an installation: audit, erasure, licences, parts list."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from assistant.errors import RecordsError
from assistant.settings import Settings, load_settings

EXIT_FAULT, EXIT_USAGE = 1, 2


def add_to(application: typer.Typer) -> None:
    """Adds these commands to the program."""
    commands: tuple[tuple[str, Callable[..., None]], ...] = (
        ("audit", audit),
        ("forget", forget),
        ("licences", licences),
        ("sbom", sbom),
    )
    for name, command in commands:
        application.command(name=name)(command)


def note(settings: Settings, event: str, **details: str | int | bool) -> None:
    """Writes in the audit log what was done in the terminal; says it where the log does not take it."""
    from assistant.audit import TERMINAL, Audit, Event
    from assistant.records import Records

    try:
        records = Records(settings.records)
        Audit(records).note(Event(event), actor=TERMINAL, **details)
        records.close()
    except RecordsError as error:
        typer.echo(f"Note: the audit log could not be written. {error}", err=True)


def audit(
    verify: Annotated[bool, typer.Option("--verify", help="Check the whole chain; exit 1 when it is broken.")] = False,
    export: Annotated[Path | None, typer.Option("--export", help="Write all entries here, as JSON lines.")] = None,
    expect: Annotated[str, typer.Option("--expect", help="A hash noted earlier that must be in the log.")] = "",
) -> None:
    """Look at the log of who entered and changed what: check it, export it, or print its last entries."""
    from assistant.audit import Audit
    from assistant.records import Records

    records = Records(load_settings().records)
    log = Audit(records)
    if export is not None:
        try:
            with export.open("w", encoding="utf-8") as file:
                count = sum(1 for entry in log.entries() if file.write(entry.model_dump_json() + "\n"))
        except OSError as error:
            _stop(f"{export} cannot be written: {error.strerror}", EXIT_FAULT)
        typer.echo(f"{count} entries written to {export}.")
    if verify or expect:
        verdict = log.verify(expect)
        if verdict.broken:
            _stop(f"The audit log is not what was written: {verdict.broken}", EXIT_FAULT)
        typer.echo(f"The audit log is whole: {verdict.entries} entries, newest hash {verdict.head or 'none'}.")
    elif export is None:
        for entry in list(log.entries())[-20:]:
            details = " ".join(f"{key}={value}" for key, value in entry.details.items())
            typer.echo(f"{entry.number}  {entry.at}  {entry.event}  {entry.actor or '-'}  {details}")


def forget(
    person: Annotated[str | None, typer.Option("--person", help="Id of the person, as the sign-in gives it.")] = None,
    old: Annotated[bool, typer.Option("--old", help="Delete what is older than the days set.")] = False,
) -> None:
    """Erase everything that is kept of one person, or the conversations that were kept long enough."""
    from assistant.audit import TERMINAL
    from assistant.records import Records
    from assistant.retention import Retention

    settings = load_settings()
    if (person is None) == (not old):
        _stop("Give --person ID or --old.", EXIT_USAGE)
    retention = Retention(Records(settings.records))
    if person is not None:
        told = retention.forget(person)
        if not told:
            typer.echo("Nothing is kept under that id.")
            return
        typer.echo(f"Erased: {', '.join(f'{count} {name}' for name, count in told.items())}.")
        typer.echo("Backups made before hold it still, until they are deleted.")
    elif settings.retention_days == 0:
        typer.echo("Nothing is deleted: retention_days is 0.")
    else:
        count = retention.delete_older(settings.retention_days, actor=TERMINAL)
        typer.echo(f"{count} conversations older than {settings.retention_days} days deleted.")


def licences() -> None:
    """List every package that Leidraad needs here, by licence."""
    from assistant.parts_list import licences as by_licence
    from assistant.parts_list import parts

    known = parts()
    for licence, group in by_licence(known).items():
        typer.echo(f"{licence} ({len(group)})")
        typer.echo(f"    {', '.join(f'{part.name} {part.version}' for part in group)}")
    typer.echo(f"{len(known)} packages.")


def sbom(
    out: Annotated[Path | None, typer.Option("--out", help="Write it here instead of printing it.")] = None,
) -> None:
    """Print the software bill of materials: CycloneDX 1.6, JSON."""
    from assistant.parts_list import bill_of_materials, parts

    text = json.dumps(bill_of_materials(parts()), indent=1, ensure_ascii=False)
    if out is None:
        typer.echo(text)
        return
    try:
        out.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        _stop(f"{out} cannot be written: {error.strerror}", EXIT_FAULT)


def _stop(sentence: str, code: int) -> None:
    typer.echo(sentence, err=True)
    raise typer.Exit(code)
