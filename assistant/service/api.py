"""The HTTP API: routes, thin over `desk.py`. Every route under /v1, and /metrics and /mcp, asks for a key."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any, TypeVar

import anyio.to_thread
from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, StreamingResponse
from fastapi.security import HTTPBearer
from fastapi.sse import format_sse_event
from fastapi.telemetry import TelemetryConfig
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.routing import Route

from assistant.assistant import Assistant
from assistant.records import Records
from assistant.service import desk as work
from assistant.service.desk import Desk
from assistant.service.front import Front
from assistant.service.keys import Caller, Keys
from assistant.service.limits import Gate, RateLimit, TooBusy
from assistant.service.manual import manual, style_policy
from assistant.service.mcp_server import KeyedTools
from assistant.service.metrics import Metrics
from assistant.service.problems import FieldError, Problem, ProblemBody, body, kinds, language_of, response
from indexer.embedding import available_threads
from indexer.errors import LeidraadError

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

_KEEP_ALIVE = 15.0
_READERS = 8
"""Threads that look up keys, open passages and keep feedback; questions have workers of their own."""

_SILENT: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
_SCHEME = HTTPBearer(auto_error=False, description="An API key: leidraad_…")  # only tells the manual; Guard checks
_STATUS_KEYS = {401: "unauthorised", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}
_MANUAL = (
    "Verified answers from laws, policy and guides of the Dutch social domain. Every quote in an answer stands "
    "verbatim in its source; where the sources are silent, the answer says so. "
    "Give your key as `Authorization: Bearer …`."
)


class Guard:
    """Lets in who has a key and has not asked too often."""

    def __init__(self, keys: Keys, metrics: Metrics) -> None:
        self._keys = keys
        self._metrics = metrics
        self._rates = RateLimit()

    async def caller(self, headers: Headers, *, counted: bool = True) -> Caller:
        """Whose key a request carries. Raises `Problem`."""
        scheme, _, key = headers.get("authorization", "").partition(" ")
        try:
            caller = (
                await anyio.to_thread.run_sync(self._keys.caller, key.strip()) if scheme.lower() == "bearer" else None
            )
        except LeidraadError as error:
            logger.error("%s", error)
            raise Problem("not_kept") from error
        if caller is None:
            self._metrics.turned_away("unauthorised")
            raise Problem("unauthorised")
        if counted and caller.per_minute is not None and (wait := self._rates.take(caller.id, caller.per_minute)):
            self._metrics.turned_away("rate_limited")
            raise Problem("rate_limited", after=wait)
        return caller


def create_app(assistant: Assistant, records: Records) -> FastAPI:
    """The service over one assistant and one database."""
    settings = assistant.settings
    gate = Gate(settings.api_workers or available_threads(), settings.api_waiting, settings.api_patience)
    metrics = Metrics(gate)
    desk = Desk(assistant, records, gate, metrics)
    guard = Guard(Keys(records), metrics)
    tools = KeyedTools(desk, guard.caller)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        # Each thread has a connection to the index with pages in memory; forty of them, the default, only cost.
        anyio.to_thread.current_default_thread_limiter().total_tokens = _READERS
        async with tools.running():
            yield

    app = FastAPI(
        title="Leidraad",
        version="1",
        description=_MANUAL,
        docs_url=None,  # FastAPI's own pages load their scripts from elsewhere
        redoc_url=None,
        lifespan=lifespan,
        telemetry=_SILENT,
        responses={"default": {"model": ProblemBody, "description": "A problem (RFC 9457)"}},
    )
    app.add_middleware(Front, metrics=metrics)
    app.state.desk = desk
    _add_problem_handlers(app)
    _add_questions(app, desk, guard)
    _add_reading(app, desk, guard)
    _add_watching(app, desk, guard)
    app.router.routes.append(Route("/mcp", tools, include_in_schema=False))
    return app


def _caller(guard: Guard) -> Callable[..., Any]:
    """The dependency that gives a route its caller."""

    async def caller(request: Request, _: Annotated[Any, Depends(_SCHEME)]) -> Caller:
        found = await guard.caller(request.headers)
        request.scope["leidraad.key"] = found.id
        return found

    return caller


def _add_questions(app: FastAPI, desk: Desk, guard: Guard) -> None:
    """The routes that ask for work: they wait for a worker."""
    caller = Depends(_caller(guard))
    running: set[asyncio.Task[None]] = set()

    async def _work(task: Callable[[], Result]) -> Result:
        try:
            with desk.gate.place():
                return await desk.gate.work(task)
        except TooBusy:
            desk.metrics.turned_away("too_busy")
            raise Problem("too_busy") from None

    @app.post(
        "/v1/ask",
        response_model=work.AskReply,
        summary="Ask a question",
        responses={
            200: {
                "description": "The answer; with `Accept: text/event-stream` as events: step, claim, answer, problem",
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
            }
        },
    )
    async def ask(request: Request, asked: work.AskRequest, who: Caller = caller) -> Any:
        if "text/event-stream" not in request.headers.get("accept", ""):
            return await _work(lambda: desk.ask(who, asked, "api"))
        # A place is taken before the stream begins: once it has, its status can no longer say "too busy".
        place = desk.gate.place()
        try:
            place.__enter__()
        except TooBusy:
            desk.metrics.turned_away("too_busy")
            raise Problem("too_busy") from None
        events: asyncio.Queue[tuple[str, Any] | None] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        language = language_of(request.headers.get("accept-language"))

        def on_step(step: str) -> None:
            loop.call_soon_threadsafe(events.put_nowait, ("step", step))

        async def answer() -> None:
            """Goes on when the reader has left: what was asked is answered and kept."""
            try:
                reply = await desk.gate.work(lambda: desk.ask(who, asked, "api", on_step))
                for claim in reply.answer.claims:
                    cited = [c for c in reply.answer.citations if c.number in claim.citations]
                    events.put_nowait(("claim", {"claim": claim, "citations": cited}))
                events.put_nowait(("answer", reply))
            except TooBusy:
                desk.metrics.turned_away("too_busy")
                events.put_nowait(("problem", body(Problem("too_busy"), request.url.path, language)))
            except Problem as problem:
                events.put_nowait(("problem", body(problem, request.url.path, language)))
            except Exception:
                logger.exception("a question failed")
                events.put_nowait(("problem", body(Problem("failed"), request.url.path, language)))
            finally:
                place.__exit__(None, None, None)
                events.put_nowait(None)

        task = asyncio.create_task(answer())
        running.add(task)  # the loop itself holds tasks only weakly
        task.add_done_callback(running.discard)
        return StreamingResponse(_stream(events), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})

    @app.post("/v1/search", response_model=work.SearchReply, summary="Find passages")
    async def search(asked: work.SearchRequest, who: Caller = caller) -> Any:
        return await _work(lambda: desk.search(who, asked))


async def _stream(events: asyncio.Queue[tuple[str, Any] | None]) -> AsyncIterator[bytes]:
    """The events as they come, each with JSON as its data; a comment now and then, so that no proxy gives up."""
    while True:
        try:
            event = await asyncio.wait_for(events.get(), _KEEP_ALIVE)
        except TimeoutError:
            yield format_sse_event(comment="…")
            continue
        if event is None:
            return
        name, data = event
        yield format_sse_event(event=name, data_str=json.dumps(data, default=_plain, ensure_ascii=False))


def _plain(value: Any) -> Any:
    return value.model_dump(mode="json")


def _add_reading(app: FastAPI, desk: Desk, guard: Guard) -> None:
    """The routes that only read or keep; they do not wait for a worker."""
    caller = Depends(_caller(guard))

    @app.get("/v1/passages/{passage_id:path}", response_model=work.PassageReply, summary="Open a passage in its place")
    def passage(passage_id: str, who: Caller = caller) -> Any:
        return desk.passage(who, passage_id)

    @app.get("/v1/sources", response_model=tuple[work.SourceReply, ...], summary="List the sources you may read")
    def sources(who: Caller = caller) -> Any:
        return desk.sources(who)

    @app.post("/v1/feedback", status_code=204, summary="Say what you think of an answer")
    def feedback(given: work.FeedbackRequest, who: Caller = caller) -> None:
        desk.feedback(who, given)


def _add_watching(app: FastAPI, desk: Desk, guard: Guard) -> None:
    """Health, readiness, figures and the manual."""

    @app.get("/health", summary="Is the process there")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/ready", summary="Can it answer: index and database are there")
    def ready() -> dict[str, str]:
        return {"status": "ready", "index_generation": desk.ready()}

    @app.get("/metrics", summary="Figures for Prometheus", response_class=Response)
    async def metrics(request: Request) -> Response:
        await guard.caller(request.headers, counted=False)
        return Response(desk.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(manual(app.openapi()), headers={"Content-Security-Policy": style_policy()})

    @app.get("/problems/{key}", summary="What a problem means")
    async def problem(key: str) -> dict[str, Any]:
        if key not in kinds():
            raise Problem("not_found")
        return kinds()[key].model_dump()


def _add_problem_handlers(app: FastAPI) -> None:
    def told(request: Request, problem: Problem) -> JSONResponse:
        return response(problem, request.url.path, language_of(request.headers.get("accept-language")))

    async def ours(request: Request, problem: Exception) -> JSONResponse:
        assert isinstance(problem, Problem)
        return told(request, problem)

    async def malformed(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        # Where and what, without the value: that may hold what somebody typed.
        errors = tuple(
            FieldError(field=".".join(map(str, one["loc"][1:])) or "body", message=str(one["msg"]))
            for one in error.errors()
        )
        return told(request, Problem("invalid_request", errors=errors))

    async def http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        return told(request, Problem(_STATUS_KEYS.get(error.status_code, "invalid_request")))

    app.add_exception_handler(Problem, ours)
    app.add_exception_handler(RequestValidationError, malformed)
    app.add_exception_handler(HTTPException, http)
