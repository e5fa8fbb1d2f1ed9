"""Starts the servers: loads what they need, then serves until they are stopped."""

from __future__ import annotations

import ctypes
import logging
import socket
from collections.abc import Iterable
from contextlib import suppress

import uvicorn

from assistant.assistant import Assistant
from assistant.logs import to_json_lines
from assistant.records import Records
from assistant.roles import PUBLIC
from assistant.service.api import create_app
from assistant.service.desk import Desk
from assistant.service.keys import Caller
from assistant.service.limits import Gate
from assistant.service.mcp_server import make_server
from assistant.service.metrics import Metrics
from assistant.settings import Settings
from indexer.embedding import available_threads
from indexer.errors import IndexError_, LeidraadError

logger = logging.getLogger(__name__)


class AddressError(LeidraadError):
    """The server cannot listen where it was asked to."""


def serve_api(settings: Settings, host: str, port: int) -> None:
    """Serves the HTTP API with the MCP server at /mcp. Raises `AddressError` and `RecordsError`.

    Without a sound index it serves too, says that it is not ready, and opens the index once it is made.
    """
    listener = _listen(host, port)
    _share_memory()
    to_json_lines()
    assistant, records = Assistant(settings), Records(settings.records)
    app = create_app(assistant, records)
    try:
        assistant.warm()
    except IndexError_ as error:
        logger.error("%s", error)
    logger.info("serving on http://%s:%d", host, port, extra={"event": "start"})
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        # Longer than clients and proxies keep an idle connection: who closes first must not be us, or a request that
        # was just sent over it is lost.
        timeout_keep_alive=75,
        timeout_graceful_shutdown=20,
    )
    try:
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        records.close()


def serve_mcp(settings: Settings, collections: Iterable[str], port: int | None) -> None:
    """Serves the MCP tools to who sits at this machine: over stdio, or over HTTP on loopback when `port` is given.

    Raises `AddressError`, `RecordsError` and index errors.
    """
    listener = _listen("127.0.0.1", port) if port is not None else None
    local = Caller(id="mcp", name="MCP", collections=frozenset({PUBLIC, *collections}), per_minute=None)
    assistant, records = Assistant(settings), Records(settings.records)
    gate = Gate(settings.api_workers or available_threads(), settings.api_waiting, settings.api_patience)
    server = make_server(Desk(assistant, records, gate, Metrics(gate)), local)
    to_json_lines()  # to stderr: stdout belongs to the protocol
    assistant.warm()
    try:
        if listener is None:
            server.run("stdio")
        else:
            # On loopback the SDK refuses other host names and origins, so that no web page can reach in.
            app = server.streamable_http_app(json_response=True, stateless_http=True)
            config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False)
            uvicorn.Server(config).run(sockets=[listener])
    finally:
        records.close()


def _share_memory() -> None:
    """Lets the threads share two heaps instead of eight a core: what one frees, another can then use again.

    Measured over 2,000 answers: 70 MB less, and half the growth. Other systems than Linux with glibc do well without.
    """
    arena_max = -8  # M_ARENA_MAX of malloc.h
    with suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").mallopt(arena_max, 2)


def _listen(host: str, port: int) -> socket.socket:
    """A socket that listens there, made first of all: a wrong address is told before anything loads."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=512)
    except (OSError, OverflowError) as error:
        raise AddressError(f"The server cannot listen on {host}, port {port} ({error}).") from None
