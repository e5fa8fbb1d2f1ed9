"""Logs as JSON lines: one object a line, with the request's id, masked, and never what somebody asked."""

from __future__ import annotations

import json
import logging
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from assistant.privacy import mask

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request that is being answered; it goes with every line and every problem."""

FIELDS = ("event", "route", "method", "status", "ms", "key", "outcome", "mode", "as_of", "tool")
"""What a line may tell besides its message; anything else that is passed along is left out."""


@contextmanager
def one_request(given: str = "") -> Iterator[str]:
    """Gives what is logged in this block, in this thread or task, the id `given`, or a new one."""
    identity = given or uuid.uuid4().hex
    token = request_id.set(identity)
    try:
        yield identity
    finally:
        request_id.reset(token)


class JsonLines(logging.Formatter):
    """One JSON object a record: time (UTC), level, logger, message and the known fields.

    Of an exception it tells the class and the place. Its message may hold what somebody typed, so that stays out, and
    a traceback is for who develops, not for who keeps the logs.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": mask(record.getMessage()).text,
        }
        if request_id.get():
            line["request_id"] = request_id.get()
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            at = record.exc_info[2]
            while at is not None and at.tb_next is not None:
                at = at.tb_next
            if at is not None:
                line["at"] = f"{Path(at.tb_frame.f_code.co_filename).name}:{at.tb_lineno}"
        return json.dumps(line, ensure_ascii=False, default=str)


def to_json_lines(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """From now on everything that is logged in this process goes to `stream` (default stderr) as JSON lines."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for chatty in ("httpx", "httpx2", "chromadb", "alembic", "mcp"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
