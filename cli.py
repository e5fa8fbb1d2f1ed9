"""The terminal's front door: `leidraad index | fetch | status | ask | eval | serve | …`. No logic of its own."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from assistant import terminal
from assistant.settings import load_settings
from indexer.errors import LeidraadError

if TYPE_CHECKING:
    from assistant.models import Answer
    from assistant.status import ServiceStatus
    from indexer.generation import Report

EXIT_FAULT, EXIT_USAGE, EXIT_REFUSED = 1, 2, 3

application = typer.Typer(
    help="Answers from laws, policy and guides of the Dutch social domain, with the passage every statement rests on.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
out = Console()
err = Console(stderr=True)

IndexOption = Annotated[Path | None, typer.Option("--index", help="Folder of the index.", show_default="data/index")]
CorpusOption = Annotated[
    Path | None, typer.Option("--corpus", help="Folder of documents; a sources.toml in it adds metadata.")
]


class _Bar:
    """Shows how far a build is: documents, then passages a second with the time left."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: Any = None
        self._name = ""

    def stage(self, name: str, total: int) -> None:
        labels = {"read": "Reading documents", "embed": "Embedding passages", "write": "Writing and checking"}
        self._name = name
        self._task = self._progress.add_task(labels[name], total=total, rate="")

    def advance(self, done: int, label: str = "") -> None:  # noqa: ARG002 — the bar has no room for names
        self._progress.advance(self._task, done)
        if self._name == "embed":
            task = self._progress.tasks[self._task]
            if task.speed:
                self._progress.update(self._task, rate=f"{task.speed:.0f}/s")


@application.command()
def index(
    corpus: CorpusOption = None,
    index: IndexOption = None,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Build anew, even when nothing changed.")] = False,
) -> None:
    """Make the index fit a folder of documents; what did not change is not embedded again."""
    from assistant.assistant import make_embedder
    from indexer.generation import build

    settings = load_settings(corpus=corpus, index=index)
    embedder = make_embedder(settings)
    columns = (
        TextColumn("{task.description:<22}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=not err.is_terminal) as progress:
        report = build(
            settings.corpus,
            settings.index,
            embedder,
            plain=settings.plain,
            rebuild=rebuild,
            progress=_Bar(progress),
            vector_server=settings.vector_server,
        )
    if embedder.notice:
        err.print(f"Note: {embedder.notice}.")
    _print_report(report)
    if report.changed:
        made = report.manifest
        terminal.note(settings, "index_changed", generation=made.name, sources=len(made.documents))


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
            out.print(f"Note: {entry.source.file}: {warning}", markup=False)
    for problem in manifest.unreadable:
        out.print(f"Not indexed: {problem.file}: {problem.reason}", markup=False)


@application.command()
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
            since=_day(since),
            repository=settings.repository,
            on_step=lambda title, done, total: progress.update(
                task, description=title[:50] or "Done", completed=done, total=total
            ),
        )
    for line in summary(reports):
        out.print(line, markup=False, highlight=False)
    if any(report.new or report.changed for report in reports):
        out.print("Run leidraad index to make the index fit.")
    if any(report.failed for report in reports):
        raise typer.Exit(EXIT_FAULT)


@application.command()
def status(
    index: IndexOption = None,
    corpus: CorpusOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """What serves now and what needs attention: generation, sources, ages, missing texts, the plain words."""
    from assistant.assistant import make_embedder
    from assistant.status import service_status

    settings = load_settings(corpus=corpus, index=index)
    state = service_status(settings, make_embedder(settings))
    if as_json:
        print(state.model_dump_json(indent=1))
        return
    _print_status(state)


def _print_status(state: ServiceStatus) -> None:
    def say(line: str) -> None:
        out.print(line, markup=False, highlight=False)

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


@application.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="The question, in Dutch or English.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole answer as JSON.")] = False,
    as_of: Annotated[str | None, typer.Option("--as-of", help="Answer as the rules were on this day.")] = None,
    index: IndexOption = None,
    mode: Annotated[str | None, typer.Option("--mode", help="extractive or generative.")] = None,
    batch: Annotated[Path | None, typer.Option("--batch", help="JSON lines with id and question.")] = None,
    output: Annotated[Path | None, typer.Option("--out", help="Where the answers of a batch go.")] = None,
) -> None:
    """Ask one question, or a batch. Exit status: 0 answered, 3 refused or asked back, 2 usage, 1 fault."""
    from assistant.assistant import Assistant

    if (question is None) == (batch is None):
        _stop("Give a question, or --batch with --out.", EXIT_USAGE)
    if (batch is None) != (output is None):
        _stop("--batch and --out go together.", EXIT_USAGE)
    if mode not in (None, "extractive", "generative"):
        _stop(f"There is no mode '{mode}'; choose extractive or generative.", EXIT_USAGE)
    day = _day(as_of)
    settings = load_settings(index=index, mode=mode)
    assistant = Assistant(settings)
    assistant.index()
    if batch is not None and output is not None:
        _ask_batch(assistant, batch, output, day)
        return
    answer = assistant.ask(question or "", as_of=day)
    if as_json:
        print(answer.model_dump_json(indent=1))
    else:
        _print_answer(answer)
    if answer.outcome == "failed":
        raise typer.Exit(EXIT_FAULT)
    if answer.status.value != "answered":
        raise typer.Exit(EXIT_REFUSED)


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        _stop(f"'{text}' is not a date; write it as 2023-01-31.", EXIT_USAGE)
        return None


def _print_answer(answer: Answer) -> None:
    out.print(answer.text, markup=False, highlight=False)
    if answer.citations:
        out.print()
    for citation in answer.citations:
        version = f" (versie {citation.valid_from})" if citation.valid_from else ""
        place = f", {citation.locator}" if citation.locator else ""
        out.print(f"[{citation.number}] {citation.title}{place}{version}", markup=False, highlight=False)
        out.print(f"    “{' '.join(citation.quote.split())}”", markup=False, highlight=False)
        if citation.url:
            out.print(f"    {citation.url}", markup=False, highlight=False)
    if answer.status.value == "refused" and answer.evidence:
        out.print("\nMisschien bedoelt u:", markup=False)
        for evidence in answer.evidence[:3]:
            passage = evidence.passage
            out.print(f"  - {passage.context.splitlines()[0]} ({passage.locator})", markup=False, highlight=False)
    for choice in answer.choices:
        out.print(f"  - {choice.label}: {choice.question}", markup=False, highlight=False)
    for warning in answer.warnings:
        out.print(f"\n{warning}", markup=False, highlight=False)
    if answer.masked:
        out.print(f"\nVerborgen voor opslag: {', '.join(answer.masked)}.", markup=False)


def _ask_batch(assistant: Any, batch: Path, output: Path, day: date | None) -> None:
    from assistant.models import Turn

    try:
        lines = [line for line in batch.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        _stop(f"{batch} cannot be read: {error}", EXIT_USAGE)
        return
    items = []
    for number, line in enumerate(lines, start=1):
        try:
            item = json.loads(line)
            turns = [Turn.model_validate(turn) for turn in item.get("conversation", [])]
            items.append((item["id"], str(item["question"]), turns, _day(item.get("as_of")) or day))
        except (ValueError, KeyError, TypeError, AttributeError):
            _stop(f"{batch}, line {number}: expected an object with id and question.", EXIT_USAGE)
    try:
        with output.open("w", encoding="utf-8") as file:
            for identity, text, turns, when in items:
                answer = assistant.ask(text, turns, as_of=when)
                file.write(json.dumps({"id": identity, **answer.model_dump(mode="json")}, ensure_ascii=False) + "\n")
    except OSError as error:
        _stop(f"{output} cannot be written: {error.strerror}", EXIT_FAULT)
    out.print(f"{len(items)} questions answered into {output}.", markup=False)


@application.command()
def serve(
    port: Annotated[
        int | None, typer.Option("--port", help="Port on this machine.", show_default="8501, API 8502")
    ] = None,
    headless: Annotated[bool, typer.Option("--headless", help="Do not open a browser.")] = False,
    api: Annotated[bool, typer.Option("--api", help="Serve the HTTP API for programs instead of the app.")] = False,
    host: Annotated[str, typer.Option("--host", help="Address the API listens on.")] = "127.0.0.1",
    index: IndexOption = None,
) -> None:
    """Start the app on http://localhost:PORT, or with --api the HTTP API; see docs/api.md."""
    settings = load_settings(index=index)
    if api:
        from assistant.service.running import serve_api

        serve_api(settings, host, port or 8502)
        return
    port = port or 8501
    if index is not None:
        os.environ["LEIDRAAD_INDEX"] = str(index)  # the app reads its settings itself
    app = Path(__file__).resolve().parent / "app.py"
    options = {
        "server.port": port,
        "server.address": "localhost",
        "server.headless": headless or not sys.stdout.isatty(),
        "browser.gatherUsageStats": False,
    }
    if settings.sign_in_file:
        if not settings.sign_in_file.is_file():
            _stop(f"There is no file {settings.sign_in_file}, which the setting sign_in_file names.", EXIT_FAULT)
        options["secrets.files"] = settings.sign_in_file
    flags = [f"--{key}={str(value).lower() if isinstance(value, bool) else value}" for key, value in options.items()]
    out.print(f"Leidraad: http://localhost:{port} (stop with Ctrl-C)")
    os.execv(sys.executable, [sys.executable, "-m", "streamlit", "run", str(app), *flags])  # noqa: S606


@application.command()
def backup(file: Annotated[Path, typer.Argument(help="Where the backup goes, as backup.tar.gz.")]) -> None:
    """Write records, index and own texts to one file; the app may be in use."""
    from assistant.backup import backup as make

    settings = load_settings()
    report = make(settings, file)
    terminal.note(settings, "backed_up", files=len(report.files))
    out.print(f"{len(report.files)} files into {file}.", markup=False, highlight=False)
    if not report.records and not settings.records.startswith("sqlite"):
        out.print("The records are not in it: a database other than SQLite has its own backups.", markup=False)


@application.command()
def restore(file: Annotated[Path, typer.Argument(help="A file that leidraad backup wrote.")]) -> None:
    """Put a backup back; everything in it is checked before anything changes."""
    from assistant.backup import restore as put_back

    settings = load_settings()
    report = put_back(settings, file)
    terminal.note(settings, "restored", files=len(report.files), made=f"{report.created:%Y-%m-%d}")
    out.print(f"Restored {len(report.files)} files of {report.created:%Y-%m-%d %H:%M} UTC.", highlight=False)


CollectionOption = Annotated[
    list[str] | None, typer.Option("--collection", help="A collection that may be read besides the public one.")
]


@application.command()
def mcp(
    collection: CollectionOption = None,
    http: Annotated[bool, typer.Option("--http", help="Over HTTP on this machine only, instead of stdio.")] = False,
    port: Annotated[int, typer.Option("--port", help="Port on this machine, with --http.")] = 8503,
    index: IndexOption = None,
) -> None:
    """Serve the tools ask, search and open_passage to another assistant (Model Context Protocol)."""
    from assistant.service.running import serve_mcp

    serve_mcp(load_settings(index=index), collection or (), port if http else None)


keys_application = typer.Typer(help="Keys of programs that may ask through the API.", no_args_is_help=True)
application.add_typer(keys_application, name="keys")


def _keys() -> Any:
    from assistant.records import Records
    from assistant.service.keys import Keys

    return Keys(Records(load_settings().records))


@keys_application.command(name="add")
def add_key(
    name: Annotated[str, typer.Argument(help="Which program it is for.")],
    collection: CollectionOption = None,
    per_minute: Annotated[int, typer.Option("--per-minute", help="Requests a minute.")] = 60,
) -> None:
    """Make a key and print it, once: only its hash is kept."""
    print(_keys().add(name, collection or (), per_minute))
    terminal.note(load_settings(), "key_added", key=name, collections=", ".join(collection or ()))


@keys_application.command(name="list")
def list_keys() -> None:
    """Show which keys there are, without their secrets."""
    table = Table(box=None, pad_edge=False)
    for column in ("id", "name", "collections", "a minute", "made", "revoked"):
        table.add_column(column, overflow="fold")
    for key in _keys().known():
        ended = f"{key.revoked:%Y-%m-%d}" if key.revoked else ""
        made = f"{key.created:%Y-%m-%d}"
        table.add_row(key.id, key.name, ", ".join(key.collections), str(key.per_minute), made, ended)
    out.print(table)


@keys_application.command(name="revoke")
def revoke_key(identity: Annotated[str, typer.Argument(metavar="ID", help="As leidraad keys list shows it.")]) -> None:
    """End a key, from the next request on."""
    _keys().revoke(identity)
    terminal.note(load_settings(), "key_revoked", key=identity)
    out.print(f"Key {identity} no longer works.", markup=False, highlight=False)


@application.command(name="eval")
def evaluate(
    questions: Annotated[Path | None, typer.Option("--questions", help="Folder of known questions.")] = None,
    index: IndexOption = None,
    out_dir: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for results, report and summary.", show_default="data/evals/RUN"),
    ] = None,
    baseline: Annotated[
        list[str] | None, typer.Option("--baseline", help="bm25, dense, fused, plain, or all; may be repeated.")
    ] = None,
    mode: Annotated[str | None, typer.Option("--mode", help="extractive or generative.")] = None,
    compare: Annotated[str | None, typer.Option("--compare", help="An earlier run: its id or its folder.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Take up a run that was broken off.")] = False,
    jobs: Annotated[int | None, typer.Option("--jobs", min=1, max=32, help="Questions side by side.")] = None,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the intervals.")] = 20220101,
    show_test: Annotated[bool, typer.Option("--show-test", help="Keep the answers of test questions too.")] = False,
    judge: Annotated[bool, typer.Option("--judge", help="Let a language model judge too, apart.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Only check the questions against the index.")] = False,
    suggest: Annotated[bool, typer.Option("--suggest", help="Only write candidates from new passages.")] = False,
    gate: Annotated[
        bool, typer.Option("--gate", help="Only the gate: a fixed subset over an index of its own.")
    ] = False,
    gate_raise: Annotated[bool, typer.Option("--gate-raise", help="Set the gate to just under today's.")] = False,
) -> None:
    """Put the known questions to the assistant and score the answers, development and test questions apart.

    Exit status: 0 passed, 1 a quote does not stand in its source, a question's place is gone, or under the gate.
    """
    from evals import gate_run, run, systems, upkeep

    def say(line: str) -> None:
        out.print(line, markup=False, highlight=False, soft_wrap=True)

    chosen = [name for given in baseline or () for name in (systems.BASELINES if given == "all" else (given,))]
    if unknown := set(chosen) - set(systems.BASELINES):
        _stop(f"There is no baseline '{min(unknown)}'; choose {', '.join(systems.BASELINES)} or all.", EXIT_USAGE)
    if mode not in (None, "extractive", "generative"):
        _stop(f"There is no mode '{mode}'; choose extractive or generative.", EXIT_USAGE)
    if check + suggest + gate + gate_raise > 1:
        _stop("--check, --suggest, --gate and --gate-raise do not go together.", EXIT_USAGE)
    settings = load_settings(index=index, mode=mode)
    passed = True
    if check:
        passed = upkeep.check(questions, settings, say)
    elif suggest:
        upkeep.suggest(questions, settings, say, out=out_dir)
    else:
        options = run.Options(questions, out_dir, chosen, compare, resume, jobs, seed, show_test, judge)
        columns = (TextColumn("Asking"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=err, transient=True) as progress:
            task = progress.add_task("", total=None)

            def step(done: int, total: int) -> None:
                progress.update(task, completed=done, total=total)

            if gate or gate_raise:
                passed = gate_run.run_gate(settings, say, step, raise_=gate_raise)
            else:
                passed = run.run(settings, options, say, step)
    if not passed:
        raise typer.Exit(EXIT_FAULT)


terminal.add_to(application)


def _stop(sentence: str, code: int) -> None:
    err.print(sentence, markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(code)


def main() -> None:
    """Runs the terminal program; every fault of ours is one sentence on stderr."""
    _run(application)


def _run(program: Callable[[], None]) -> None:
    try:
        program()
    except LeidraadError as error:
        err.print(str(error), markup=False, highlight=False, soft_wrap=True)
        sys.exit(EXIT_FAULT)
    except KeyboardInterrupt:
        err.print("Stopped.")
        sys.exit(130)


if __name__ == "__main__":
    main()
