"""What every request passes first: an id, a log line, a figure, safe headers, and no traceback whatever happens."""

from __future__ import annotations

import logging
import re
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.logs import one_request
from assistant.service.metrics import Metrics
from assistant.service.problems import Problem, language_of, response

logger = logging.getLogger(__name__)

_GIVEN_ID = re.compile(r"[A-Za-z0-9-]{8,64}")

LARGEST_REQUEST = 256 * 1024
"""Bytes; a question is at most 2,000 characters."""

SAFE_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""On every answer that does not say otherwise itself."""


class Front:
    """ASGI middleware around the whole service.

    An `X-Request-ID` of letters, digits and dashes is taken over, so that a line can be followed through several
    systems; it goes back with the answer.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on; a fault nobody caught becomes a problem with status 503."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        with one_request(given if _GIVEN_ID.fullmatch(given) else "") as identity:
            await self._passed_on(identity, scope, receive, send)

    async def _passed_on(self, identity: str, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        began = time.perf_counter()
        status = 0

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                own = MutableHeaders(scope=message)
                own["X-Request-ID"] = identity
                for name, value in SAFE_HEADERS.items():
                    own.setdefault(name, value)
            await send(message)

        room = LARGEST_REQUEST

        async def bounded() -> Message:
            nonlocal room
            message = await receive()
            room -= len(message.get("body", b""))
            if room < 0:
                raise HTTPException(413)
            return message

        try:
            if int(headers.get("content-length", "0")) > LARGEST_REQUEST:
                await _told("too_large", scope)(scope, receive, sent)
            else:
                await self._app(scope, bounded, sent)
        except Exception:
            logger.exception("a request failed")
            if status:
                raise  # the answer has begun; all that is left is to break it off
            await _told("failed", scope)(scope, receive, sent)
        finally:
            seconds = time.perf_counter() - began
            # The template and not the path: a path can hold what somebody typed.
            route = getattr(scope.get("route"), "path", "other")
            self._metrics.requested(route, status, seconds)
            logger.log(
                logging.DEBUG if route in ("/health", "/metrics") else logging.INFO,  # asked every few seconds
                "request",
                extra={
                    "event": "request",
                    "method": scope["method"],
                    "route": route,
                    "status": status,
                    "ms": round(seconds * 1000, 1),
                    "key": scope.get("leidraad.key", ""),
                },
            )


def _told(key: str, scope: Scope) -> JSONResponse:
    return response(Problem(key), scope["path"], language_of(Headers(scope=scope).get("accept-language")))
