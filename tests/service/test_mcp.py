"""The MCP server with the SDK's own client: over stdio, and over HTTP behind a key."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client

from assistant.assistant import Assistant
from tests.service.conftest import HIDDEN, HIDDEN_QUESTION, QUESTION

Key = Callable[..., dict[str, str]]


async def _use(transport: Any) -> tuple[list[str], dict[str, Any], str, Any]:
    """The tools' names, an answer, a passage of it, and what is found of the hidden collection."""
    async with Client(transport) as client:
        names = [tool.name for tool in (await client.list_tools()).tools]
        reply = (await client.call_tool("ask", {"question": QUESTION})).structured_content
        place = reply["answer"]["citations"][0]["passage_id"]
        opened = (await client.call_tool("open_passage", {"passage_id": place})).structured_content
        hidden = (await client.call_tool("search", {"query": HIDDEN_QUESTION, "limit": 50})).structured_content
        for tool, arguments in (
            ("open_passage", {"passage_id": "bestaat/niet"}),
            ("search", {"query": "x", "limit": 5_000}),
            ("ask", {"question": QUESTION, "conversation_id": "0" * 32}),
        ):
            failed = await client.call_tool(tool, arguments)
            assert failed.is_error and "Traceback" not in str(failed.content)
        return names, reply, opened["passage"]["text"], hidden


def _check(names: list[str], reply: dict[str, Any], text: str) -> None:
    assert sorted(names) == ["ask", "open_passage", "search"]
    assert "45 minuten" in reply["answer"]["text"]
    assert reply["answer"]["citations"][0]["quote"] in text


def test_over_stdio_with_the_sdks_client(two_collections: Path, cache: Path) -> None:
    server = StdioServerParameters(
        command=str(Path(sys.executable).parent / "leidraad"),
        args=["mcp", "--index", str(two_collections)],
        env={**os.environ, "LEIDRAAD_CACHE": str(cache)},
    )
    names, reply, text, hidden = anyio.run(_use, stdio_client(server))
    _check(names, reply, text)
    assert HIDDEN not in str(hidden) and "kluis" not in str(hidden)


@pytest.mark.parametrize(("collections", "sees"), [((), False), (("besloten",), True)])
def test_over_http_behind_a_key(address: str, key: Key, collections: tuple[str, ...], sees: bool) -> None:
    async def use() -> tuple[list[str], dict[str, Any], str, Any]:
        async with httpx.AsyncClient(headers=key(*collections), timeout=30) as client:
            return await _use(streamable_http_client(f"{address}/mcp", http_client=client))

    names, reply, text, hidden = anyio.run(use)
    _check(names, reply, text)
    assert (HIDDEN in str(hidden)) is sees


def test_a_fault_in_a_tool_keeps_its_words_inside(
    address: str, key: Key, served: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*given: object, **named: object) -> None:
        raise RuntimeError("mijn klant Fatima Geheim")

    async def use() -> Any:
        async with (
            httpx.AsyncClient(headers=key(), timeout=30) as http,
            Client(streamable_http_client(f"{address}/mcp", http_client=http)) as client,
        ):
            return await client.call_tool("ask", {"question": QUESTION})

    monkeypatch.setattr(served, "ask", broken)
    failed = anyio.run(use)
    assert failed.is_error and "Geheim" not in str(failed.content) and "ging iets mis" in str(failed.content)


def test_over_http_without_a_key_there_is_nothing(address: str) -> None:
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    refused = httpx.post(f"{address}/mcp", json=call, headers={"Accept": "application/json, text/event-stream"})
    assert (refused.status_code, refused.json()["outcome"]) == (401, "unauthorised")


def test_over_http_on_this_machine_without_a_key(two_collections: Path, cache: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [Path(sys.executable).parent / "leidraad", "mcp", "--http", "--port", str(port)]
    environment = {**os.environ, "LEIDRAAD_CACHE": str(cache)}
    with subprocess.Popen([*command, "--index", two_collections], env=environment, stderr=subprocess.DEVNULL) as server:
        try:
            until = time.monotonic() + 60
            while time.monotonic() < until:
                with contextlib.suppress(httpx.HTTPError):
                    httpx.get(f"http://127.0.0.1:{port}/")
                    break
                time.sleep(0.1)
            names, reply, text, hidden = anyio.run(_use, streamable_http_client(f"http://127.0.0.1:{port}/mcp"))
            _check(names, reply, text)
            assert HIDDEN not in str(hidden)
            # A web page that points a name of its own at this machine gets nowhere.
            call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
            headers = {"Accept": "application/json, text/event-stream", "Host": "kwaad.example"}
            assert httpx.post(f"http://127.0.0.1:{port}/mcp", json=call, headers=headers).status_code == 421
        finally:
            server.terminate()
