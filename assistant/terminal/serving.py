"""Commands that serve: the app, the HTTP API, the MCP tools, and the keys of the programs that ask."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from assistant.settings import load_settings
from assistant.terminal.shared import EXIT_FAULT, CollectionOption, IndexOption, note, out, stop

if TYPE_CHECKING:
    from assistant.service.keys import Keys

APP = Path(__file__).resolve().parents[2] / "app.py"


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
    options = {
        "server.port": port,
        "server.address": "localhost",
        "server.headless": headless or not sys.stdout.isatty(),
        "browser.gatherUsageStats": False,
        "server.fileWatcherType": "none",  # the program does not change while it runs, and watching costs
    }
    if settings.sign_in_file:
        if not settings.sign_in_file.is_file():
            stop(f"There is no file {settings.sign_in_file}, which the setting sign_in_file names.", EXIT_FAULT)
        options["secrets.files"] = settings.sign_in_file
    flags = [f"--{key}={str(value).lower() if isinstance(value, bool) else value}" for key, value in options.items()]
    out.print(f"Leidraad: http://localhost:{port} (stop with Ctrl-C)")
    os.execv(sys.executable, [sys.executable, "-m", "streamlit", "run", str(APP), *flags])  # noqa: S606


def mcp(
    collection: CollectionOption = None,
    http: Annotated[bool, typer.Option("--http", help="Over HTTP on this machine only, instead of stdio.")] = False,
    port: Annotated[int, typer.Option("--port", help="Port on this machine, with --http.")] = 8503,
    index: IndexOption = None,
) -> None:
    """Serve the tools ask, search and open_passage to another assistant (Model Context Protocol)."""
    from assistant.service.running import serve_mcp

    serve_mcp(load_settings(index=index), collection or (), port if http else None)


def _keys() -> Keys:
    from assistant.records import Records
    from assistant.service.keys import Keys

    return Keys(Records(load_settings().records))


def add_key(
    name: Annotated[str, typer.Argument(help="Which program it is for.")],
    collection: CollectionOption = None,
    per_minute: Annotated[int, typer.Option("--per-minute", help="Requests a minute.")] = 60,
) -> None:
    """Make a key and print it, once: only its hash is kept."""
    typer.echo(_keys().add(name, collection or (), per_minute))
    note(load_settings(), "key_added", key=name, collections=", ".join(collection or ()))


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


def revoke_key(identity: Annotated[str, typer.Argument(metavar="ID", help="As leidraad keys list shows it.")]) -> None:
    """End a key, from the next request on."""
    _keys().revoke(identity)
    note(load_settings(), "key_revoked", key=identity)
    out.print(f"Key {identity} no longer works.", markup=False, highlight=False)
