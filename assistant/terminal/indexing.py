"""Commands that make the index and say how it is: index, fetch, status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from assistant.settings import load_settings
from assistant.terminal.build_progress import shown
from assistant.terminal.shared import EXIT_FAULT, CorpusOption, IndexOption, day, err, note, out, say

if TYPE_CHECKING:
    from assistant.status import ServiceStatus
    from indexer.generation import Report


def index(
    corpus: CorpusOption = None,
    index: IndexOption = None,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Build anew, even when nothing changed.")] = False,
) -> None:
    """Make the index fit a folder of documents; what did not change is not embedded again."""
    from assistant.embedders import make_embedder
    from assistant.upkeep import build_index

    settings = load_settings(corpus=corpus, index=index)
    embedder = make_embedder(settings)
    with shown(err) as progress:
        report = build_index(settings, embedder, progress, rebuild=rebuild)
    if embedder.notice:
        err.print(f"Note: {embedder.notice}.")
    _print_report(report)
    if report.changed:
        made = report.manifest
        note(settings, "index_changed", generation=made.name, sources=len(made.documents))


def _print_report(report: Report) -> None:
    manifest = report.manifest
    if not report.changed:
        out.print(
            f"Nothing changed: {len(manifest.documents)} sources, {manifest.passages} passages "
            f"(generation {manifest.name})."
        )
    else:
        table = Table(box=None, pad_edge=False)
        for column in ("source", "holds", "found", "passages"):
            table.add_column(column, justify="right" if column == "passages" else "left", overflow="fold")
        for entry in manifest.documents:
            source = entry.source
            since = f"{source.valid_from or ''} – {source.valid_to or ''}".strip(" –")
            facts = ", ".join(f"{value} {name}" for name, value in entry.facts.items() if value)
            table.add_row(source.id, since, facts, str(entry.passages))
        out.print(table)
        seconds = sum(report.seconds.values())
        out.print(
            f"{len(manifest.documents)} sources, {manifest.passages} passages "
            f"({report.embedded} embedded, {report.reused} unchanged) in {seconds:.1f} s; "
            f"generation {manifest.name} now serves."
        )
    for entry in manifest.documents:
        for warning in entry.warnings:
            say(f"Note: {entry.source.file}: {warning}")
    for problem in manifest.unreadable:
        say(f"Not indexed: {problem.file}: {problem.reason}")


def fetch(
    only: Annotated[str | None, typer.Option("--only", help="One source of sources.toml, by its id.")] = None,
    corpus: CorpusOption = None,
    since: Annotated[
        str | None, typer.Option("--since", help="Earlier versions in force since this day too, as 2022-01-01.")
    ] = None,
) -> None:
    """Bring the official texts that sources.toml names, with their versions; run `leidraad index` after it."""
    from indexer.fetch import fetch as bring
    from indexer.fetch import summary

    settings = load_settings(corpus=corpus)
    with Progress(TextColumn("{task.description:<50}"), BarColumn(), MofNCompleteColumn(), console=err) as progress:
        task = progress.add_task("Fetching", total=None)
        reports = bring(
            settings.corpus,
            only=only,
            since=day(since),
            repository=settings.repository,
            on_step=lambda title, done, total: progress.update(
                task, description=title[:50] or "Done", completed=done, total=total
            ),
        )
    for line in summary(reports):
        say(line)
    if any(report.new or report.changed for report in reports):
        out.print("Run leidraad index to make the index fit.")
    if any(report.failed for report in reports):
        raise typer.Exit(EXIT_FAULT)


def status(
    index: IndexOption = None,
    corpus: CorpusOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """What serves now and what needs attention: generation, sources, ages, missing texts, the plain words."""
    from assistant.embedders import make_embedder
    from assistant.status import service_status

    settings = load_settings(corpus=corpus, index=index)
    state = service_status(settings, make_embedder(settings))
    if as_json:
        typer.echo(state.model_dump_json(indent=1))
        return
    _print_status(state)


def _print_status(state: ServiceStatus) -> None:
    if state.generation is None:
        say(f"There is no index in {state.index}; make one with: leidraad index")
        return
    say(f"Generation {state.generation}, {state.age_days} days old, made with {state.indexed_with}")
    say(
        f"{len(state.sources)} sources, {state.passages} passages, {state.bridges} bridges in plain words, "
        f"answers: {state.mode}"
    )
    if state.damage:
        say(f"An older generation serves: {state.damage}")
    if state.vector_server:
        say(
            f"{state.vector_server} Nothing can be searched until it does; leidraad index --rebuild fills an empty one."
        )
    if not state.fits_engine:
        say(f"The engine is now {state.engine}: run leidraad index to make the index fit it.")
    if state.notice:
        say(f"Note: {state.notice}")
    for source in state.sources:
        past = "" if source.holds_today else "  (does not hold today)"
        say(f"  {source.id}  {source.title}  {source.passages} passages{past}")
    for source in (source for source in state.sources if source.ageing):
        looked = f"last looked for on {source.checked}" if source.checked else "never looked for at its origin"
        say(f"Ageing: {source.id} {source.title}, {looked}; run leidraad fetch.")
    for text in state.missing:
        say(f"Missing: {text.id} {text.title}; leidraad fetch brings it.")
    for layer in state.layers:
        if layer.changed:
            say(
                f"The plain words for {layer.work} were written from another text of artikel "
                f"{', '.join(layer.changed)}; read them again."
            )
        if layer.missing:
            say(f"The plain words for {layer.work} name places that are not in it: {'; '.join(layer.missing)}.")
    for problem in state.unreadable:
        say(f"Not indexed: {problem.file}: {problem.reason}")
