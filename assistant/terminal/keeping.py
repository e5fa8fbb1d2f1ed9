"""Commands of who looks after an installation: backup, restore, audit, erasure, licences, parts list."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from assistant.settings import load_settings
from assistant.terminal.shared import EXIT_FAULT, EXIT_USAGE, note, say, stop


def backup(file: Annotated[Path, typer.Argument(help="Where the backup goes, as backup.tar.gz.")]) -> None:
    """Write records, index and own texts to one file; the app may be in use."""
    from assistant.backup import backup as make

    settings = load_settings()
    report = make(settings, file)
    note(settings, "backed_up", files=len(report.files))
    say(f"{len(report.files)} files into {file}.")
    if not report.records and not settings.records.startswith("sqlite"):
        say("The records are not in it: a database other than SQLite has its own backups.")


def restore(file: Annotated[Path, typer.Argument(help="A file that leidraad backup wrote.")]) -> None:
    """Put a backup back; everything in it is checked before anything changes."""
    from assistant.backup import restore as put_back

    settings = load_settings()
    report = put_back(settings, file)
    note(settings, "restored", files=len(report.files), made=f"{report.created:%Y-%m-%d}")
    say(f"Restored {len(report.files)} files of {report.created:%Y-%m-%d %H:%M} UTC.")


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
            stop(f"{export} cannot be written: {error.strerror}", EXIT_FAULT)
        typer.echo(f"{count} entries written to {export}.")
    if verify or expect:
        verdict = log.verify(expect)
        if verdict.broken:
            stop(f"The audit log is not what was written: {verdict.broken}", EXIT_FAULT)
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
        stop("Give --person ID or --old.", EXIT_USAGE)
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
        stop(f"{out} cannot be written: {error.strerror}", EXIT_FAULT)
