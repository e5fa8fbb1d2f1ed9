"""A language model with a script, behind a real HTTP server on loopback that speaks the OpenAI protocol."""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from indexer.models import Frozen


class Reply(Frozen):
    """What the model does: sends `text` in pieces, and then ends well, or not.

    `ending` is 'done', 'reset' (the connection is torn), 'cut' (closed without an end) or 'hang' (silence until the
    server closes). `before` are seconds of silence before the first piece, `between` before each other.
    """

    text: str = ""
    status: int = 200
    raw: bytes | None = None
    ending: str = "done"
    before: float = 0.0
    between: float = 0.0
    piece: int = 17
    reasoning: str = ""
    usage: bool = True


Script = Callable[[dict[str, Any]], Reply]


class ScriptedModel:
    """The server's memory: the script and every request that came in."""

    def __init__(self) -> None:
        self.script: Script = lambda _: Reply()
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.closing = threading.Event()
        self.gone = threading.Event()
        """Set when a reader went away before the end."""
        self.url = ""

    def reply(self, *replies: Reply) -> None:
        """Gives these in order, the last one for ever."""
        left = list(replies)
        self.script = lambda _: left.pop(0) if len(left) > 1 else left[0]


@contextmanager
def serving() -> Iterator[ScriptedModel]:
    """The model at `url`, until the end of the block."""
    model = ScriptedModel()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_POST(self) -> None:
            payload = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            model.requests.append(payload)
            model.headers.append({name.lower(): value for name, value in self.headers.items()})
            try:
                self._send(model.script(payload), payload)
            except (BrokenPipeError, ConnectionResetError):
                model.gone.set()
            self.close_connection = True

        def _send(self, reply: Reply, payload: dict[str, Any]) -> None:
            if reply.status != 200 or reply.raw is not None:
                body = reply.raw if reply.raw is not None else b'{"error": {"message": "no"}}'
                self.send_response(reply.status)
                kind = "text/event-stream" if reply.status == 200 else "application/json"
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                return
            model.closing.wait(reply.before)
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for start in range(0, len(reply.reasoning), reply.piece):
                self._event({"reasoning_content": reply.reasoning[start : start + reply.piece]})
            for start in range(0, len(reply.text), reply.piece):
                if start:
                    model.closing.wait(reply.between)
                self._event({"content": reply.text[start : start + reply.piece]})
            if reply.ending == "reset":
                time.sleep(0.05)  # what was sent must arrive first
                # No lingering: the reader sees a reset, not an end.
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                return
            if reply.ending == "cut":
                return
            if reply.ending == "hang":
                model.closing.wait(30)
                return
            self._event({}, finish="stop")
            if reply.usage and payload.get("stream_options"):
                self._chunk({"choices": [], "usage": _USAGE})
            self._write(b"data: [DONE]\n\n")
            self.wfile.write(b"0\r\n\r\n")

        def _event(self, delta: dict[str, str], finish: str | None = None) -> None:
            self._chunk({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})

        def _chunk(self, data: dict[str, Any]) -> None:
            whole = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "scripted", **data}
            self._write(b"data: " + json.dumps(whole).encode() + b"\n\n")

        def _write(self, data: bytes) -> None:
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            self.wfile.flush()

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass  # a reader that went away

    server = Server(("127.0.0.1", 0), Handler)
    model.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield model
    finally:
        model.closing.set()
        server.shutdown()
        server.server_close()


_USAGE = {"prompt_tokens": 700, "completion_tokens": 50, "total_tokens": 750}


def passages(payload: dict[str, Any]) -> dict[int, str]:
    """The passages of a request by number, as the model got them."""
    text = payload["messages"][-1]["content"]
    found = re.findall(r"⟦(\w+) (?:bron|source) (\d+)⟧\n(.*?)\n⟦\1⟧", text, re.DOTALL)
    return {int(number): body for _, number, body in found}


def number_of(payload: dict[str, Any], snippet: str) -> int:
    """The number of the passage that holds a snippet; 0 when none does."""
    wanted = " ".join(snippet.split())
    return next((n for n, text in passages(payload).items() if wanted in " ".join(text.split())), 0)


def as_json(claims: Sequence[tuple[str, Sequence[tuple[int, str]]]]) -> str:
    """Claims as a model writes them by the schema."""
    return json.dumps(
        {"claims": [{"text": t, "quotes": [{"passage": n, "quote": q} for n, q in quotes]} for t, quotes in claims]},
        ensure_ascii=False,
    )


def as_lines(claims: Sequence[tuple[str, Sequence[tuple[int, str]]]]) -> str:
    """Claims as a model writes them line by line."""
    return "\n\n".join("\n".join((f"CLAIM: {t}", *(f'[{n}] "{q}"' for n, q in quotes))) for t, quotes in claims)
