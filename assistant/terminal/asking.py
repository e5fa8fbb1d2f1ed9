"""The command that asks: one question, or a batch of them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.settings import load_settings
from assistant.terminal.shared import (
    EXIT_FAULT,
    EXIT_REFUSED,
    EXIT_USAGE,
    IndexOption,
    ModeOption,
    check_mode,
    day,
    out,
    stop,
)

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from assistant.models import Answer


def ask(
    question: Annotated[str | None, typer.Argument(help="The question, in Dutch or English.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole answer as JSON.")] = False,
    as_of: Annotated[str | None, typer.Option("--as-of", help="Answer as the rules were on this day.")] = None,
    index: IndexOption = None,
    mode: ModeOption = None,
    batch: Annotated[Path | None, typer.Option("--batch", help="JSON lines with id and question.")] = None,
    output: Annotated[Path | None, typer.Option("--out", help="Where the answers of a batch go.")] = None,
) -> None:
    """Ask one question, or a batch. Exit status: 0 answered, 3 refused or asked back, 2 usage, 1 fault."""
    from assistant.assistant import Assistant

    if (question is None) == (batch is None):
        stop("Give a question, or --batch with --out.", EXIT_USAGE)
    if (batch is None) != (output is None):
        stop("--batch and --out go together.", EXIT_USAGE)
    check_mode(mode)
    when = day(as_of)
    settings = load_settings(index=index, mode=mode)
    assistant = Assistant(settings)
    assistant.index()
    if batch is not None and output is not None:
        _ask_batch(assistant, batch, output, when)
        return
    answer = assistant.ask(question or "", as_of=when)
    if as_json:
        typer.echo(answer.model_dump_json(indent=1))
    else:
        _print_answer(answer)
    if answer.outcome == "failed":
        raise typer.Exit(EXIT_FAULT)
    if answer.status.value != "answered":
        raise typer.Exit(EXIT_REFUSED)


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
            place, locator = evidence.passage.context.partition("\n")[0], evidence.passage.locator
            where = "" if locator in place else f" ({locator})"
            out.print(f"  - {place}{where}", markup=False, highlight=False)
    for choice in answer.choices:
        out.print(f"  - {choice.label}: {choice.question}", markup=False, highlight=False)
    for warning in answer.warnings:
        out.print(f"\n{warning}", markup=False, highlight=False)
    if answer.masked:
        out.print(f"\nVerborgen voor opslag: {', '.join(answer.masked)}.", markup=False)


def _ask_batch(assistant: Assistant, batch: Path, output: Path, when: date | None) -> None:
    from assistant.models import Turn

    try:
        lines = [line for line in batch.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        stop(f"{batch} cannot be read: {error}", EXIT_USAGE)
    items = []
    for number, line in enumerate(lines, start=1):
        try:
            item = json.loads(line)
            turns = [Turn.model_validate(turn) for turn in item.get("conversation", [])]
            items.append((item["id"], str(item["question"]), turns, day(item.get("as_of")) or when))
        except (ValueError, KeyError, TypeError, AttributeError):
            stop(f"{batch}, line {number}: expected an object with id and question.", EXIT_USAGE)
    try:
        with output.open("w", encoding="utf-8") as file:
            for identity, text, turns, own in items:
                answer = assistant.ask(text, turns, as_of=own)
                file.write(json.dumps({"id": identity, **answer.model_dump(mode="json")}, ensure_ascii=False) + "\n")
    except OSError as error:
        stop(f"{output} cannot be written: {error.strerror}", EXIT_FAULT)
    out.print(f"{len(items)} questions answered into {output}.", markup=False)
