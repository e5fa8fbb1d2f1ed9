"""The one way to a language model: any OpenAI-compatible endpoint, streamed, with an end to every wait.

The endpoint is read in a thread of its own, so that a silent or endless one never holds up the reader: a call ends
at the reader's stop, at a silence (`chat_stall_seconds`), at the total time, or at the most tokens. What fails before
the first piece is tried again with backoff; an endpoint that keeps failing is left alone for a while.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import httpx2
import openai
from langchain_core.messages import AIMessageChunk
from langchain_openai import ChatOpenAI
from pydantic import SecretStr
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential_jitter

from assistant.answering.breaker import Breaker
from assistant.answering.thinking import AGAIN, ThinkingFilter
from assistant.errors import ModelError
from assistant.models import Usage
from assistant.settings import Settings
from indexer.tokens import count_tokens

logger = logging.getLogger(__name__)

Messages = Sequence[tuple[str, str]]
"""Pairs of role ('system', 'user' or 'assistant') and text."""

TOO_LONG = "wrote more than it may"
"""Why a call ended that reached its most tokens."""

_STOPPED = "was stopped by the reader"
_CONNECT_SECONDS = 5.0
_PASSING = (openai.APIConnectionError, openai.RateLimitError, openai.InternalServerError)
"""Faults that may be over a moment later."""


class Call:
    """One call that is under way: iterate over it for the pieces of text; `usage` is right once it ended.

    `broke_off` is why it ended before the model was done, as a clause in English, or None.
    """

    def __init__(self, read: Callable[[Call], Iterator[str]]) -> None:
        self.usage = Usage()
        self.broke_off: str | None = None
        self._pieces = read(self)

    def __iter__(self) -> Iterator[str]:
        return self._pieces


class ChatClient:
    """A language model at an endpoint. Made once and shared; safe to use from several threads."""

    def __init__(self, settings: Settings) -> None:
        """Raises `ModelError` when the settings name no endpoint or no model."""
        if not settings.chat_url or not settings.chat_model:
            raise ModelError("No language model is set: LEIDRAAD_CHAT_URL and LEIDRAAD_CHAT_MODEL name it.")
        self.settings = settings
        self.model = settings.chat_model
        self._breaker = Breaker()
        self._structured = settings.chat_structured
        self._plainest = False
        self._clients: dict[bool, ChatOpenAI] = {}
        self._making = threading.Lock()

    @property
    def structured(self) -> bool:
        """Whether the endpoint is asked for JSON by a schema: as set, until it refused."""
        return self._structured

    def chat(self, messages: Messages, stop: threading.Event | None = None) -> Iterator[str]:
        """The model's text as it comes, without its thinking. Raises `ModelError`, also in the middle.

        For what is not an answer from the sources, such as a role in a conversation. The caller masks personal data.
        """
        call = self.call(messages, stop=stop)
        for piece in call:
            yield piece.rpartition(AGAIN)[2]
        if call.broke_off and call.broke_off != TOO_LONG:
            raise ModelError(f"The language model {call.broke_off}.")

    def call(
        self,
        messages: Messages,
        *,
        schema: Mapping[str, Any] | None = None,
        stop: threading.Event | None = None,
        on_slow: Callable[[], None] | None = None,
        output_tokens: int | None = None,
    ) -> Call:
        """Starts a call. `schema` (JSON schema) is what the answer must fit where the endpoint can do that.

        `on_slow` is called once, when there is no word yet after `chat_slow_seconds`. The pieces raise `ModelError`
        when nothing came at all; what breaks off later is told by `Call.broke_off`, and the pieces just end.
        """
        limit = output_tokens or self.settings.chat_output_tokens
        stop = stop or threading.Event()
        return Call(lambda call: self._pieces(call, messages, schema, stop, on_slow, limit))

    def _pieces(
        self,
        call: Call,
        messages: Messages,
        schema: Mapping[str, Any] | None,
        stop: threading.Event,
        on_slow: Callable[[], None] | None,
        limit: int,
    ) -> Iterator[str]:
        if stop.is_set():
            call.broke_off = _STOPPED
            return
        self._breaker.check()
        began = time.monotonic()
        stream = _Stream(lambda ended: self._open(messages, schema, limit, ended))
        thinking = ThinkingFilter()
        written: list[str] = []
        reported: Mapping[str, int] | None = None
        last = began
        first: float | None = None
        try:
            while True:
                if stop.is_set():
                    call.broke_off = _STOPPED
                    break
                now = time.monotonic()
                if now - began > self.settings.chat_total_seconds:
                    call.broke_off = f"took longer than {self.settings.chat_total_seconds:g} seconds"
                    break
                if now - last > self.settings.chat_stall_seconds:
                    call.broke_off = f"was silent for {self.settings.chat_stall_seconds:g} seconds"
                    break
                if on_slow and first is None and now - began > self.settings.chat_slow_seconds:
                    on_slow()
                    on_slow = None
                item = stream.next()
                if item is None:
                    continue
                last = time.monotonic()
                if isinstance(item, _End):
                    call.broke_off = item.reason
                    text = thinking.rest()
                else:
                    reported = item.usage_metadata or reported  # type: ignore[assignment]
                    raw = item.content if isinstance(item.content, str) else ""
                    written.append(raw)
                    text = thinking.feed(raw)
                if text:
                    if first is None:
                        first = time.monotonic()
                    yield text
                if isinstance(item, _End):
                    break
                # An endpoint that does not know the limit writes on; characters bound tokens from above.
                if sum(map(len, written)) > limit * 8 or (
                    len(written) > limit and count_tokens("".join(written)) > limit * 1.2
                ):
                    call.broke_off = TOO_LONG
                    break
        finally:
            stream.close()
            call.usage = self._usage(messages, "".join(written), reported, first and (first - began) * 1000)
        failed = call.broke_off is not None and not stop.is_set() and call.broke_off != TOO_LONG
        self._breaker.note(failed)
        if failed:
            logger.warning("the language model %s", call.broke_off)
        if failed and not "".join(written).strip():
            raise ModelError(f"The language model {call.broke_off}.")

    def _open(
        self, messages: Messages, schema: Mapping[str, Any] | None, limit: int, ended: threading.Event
    ) -> Iterator[AIMessageChunk]:
        """The endpoint's pieces; tries again, with backoff, what fails before the first of them."""

        def passing(error: BaseException) -> bool:
            return isinstance(error, _PASSING) and not ended.is_set()

        def rest(seconds: float) -> None:
            ended.wait(seconds)

        def start() -> tuple[AIMessageChunk | None, Iterator[AIMessageChunk]]:
            stream = self._request(messages, schema, limit)
            return next(stream, None), stream

        retrying = Retrying(
            stop=stop_after_attempt(self.settings.chat_tries),
            wait=wait_exponential_jitter(multiplier=0.3, max=8),
            retry=retry_if_exception(passing),
            sleep=rest,
            reraise=True,
        )
        try:
            first, stream = retrying(start)
        except (openai.BadRequestError, openai.UnprocessableEntityError, openai.InternalServerError):
            if self._plainest:
                raise
            # Schema, temperature or usage in the stream: some endpoints know less than others, and some break on it.
            asked_for, self._structured, self._plainest = self._structured, False, True
            try:
                first, stream = retrying(start)
            except Exception:
                self._structured, self._plainest = asked_for, False  # it was refused for something else
                raise
            logger.info("the endpoint refused the request and took it in the plainest way; that is kept to")
        if first is not None:
            yield first
            yield from stream

    def _request(self, messages: Messages, schema: Mapping[str, Any] | None, limit: int) -> Iterator[AIMessageChunk]:
        extra: dict[str, Any] = {}
        if schema is not None and self._structured:
            # As extra_body: langchain_openai would wait for the whole answer to parse it.
            extra["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": "answer", "strict": True, "schema": schema},
            }
        options: dict[str, Any] = {"extra_body": extra} if extra else {}
        for chunk in self._client().stream(list(messages), max_tokens=limit, **options):
            assert isinstance(chunk, AIMessageChunk)
            yield chunk

    def _client(self) -> ChatOpenAI:
        with self._making:
            if self._plainest not in self._clients:
                settings = self.settings
                timeout = httpx2.Timeout(settings.chat_stall_seconds, connect=_CONNECT_SECONDS)
                # A connection of its own for each call: an idle one that the endpoint closed meanwhile fails the next.
                limits = httpx2.Limits(max_keepalive_connections=0)
                self._clients[self._plainest] = ChatOpenAI(
                    base_url=settings.chat_url,
                    model=settings.chat_model,
                    # The library refuses to start without a key; local servers ask for none.
                    api_key=settings.chat_key or SecretStr("none"),
                    temperature=None if self._plainest else settings.chat_temperature,
                    stream_usage=not self._plainest,
                    max_retries=0,
                    timeout=timeout,
                    http_client=openai.DefaultHttpxClient(timeout=timeout, limits=limits),
                )
            return self._clients[self._plainest]

    def _usage(
        self, messages: Messages, written: str, reported: Mapping[str, int] | None, first_ms: float | None
    ) -> Usage:
        if reported:
            tokens_in, tokens_out = int(reported["input_tokens"]), int(reported["output_tokens"])
        else:
            tokens_in, tokens_out = sum(count_tokens(text) + 4 for _, text in messages), count_tokens(written)
        return Usage(
            calls=1,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            estimated=not reported,
            first_token_ms=None if first_ms is None else round(first_ms, 1),
            cost=cost(self.settings, tokens_in, tokens_out),
        )


def cost(settings: Settings, tokens_in: int, tokens_out: int) -> float | None:
    """Euros by the prices in the settings; None where they name none."""
    if settings.chat_price_in is None and settings.chat_price_out is None:
        return None
    return (tokens_in * (settings.chat_price_in or 0) + tokens_out * (settings.chat_price_out or 0)) / 1_000_000


def together(first: Usage, second: Usage) -> Usage:
    """The usage of two calls of one answer; the first word is that of the first call that had one."""
    costs = [usage.cost for usage in (first, second) if usage.cost is not None]
    return Usage(
        calls=first.calls + second.calls,
        tokens_in=first.tokens_in + second.tokens_in,
        tokens_out=first.tokens_out + second.tokens_out,
        estimated=first.estimated or second.estimated,
        first_token_ms=second.first_token_ms if first.first_token_ms is None else first.first_token_ms,
        cost=sum(costs) if costs else None,
    )


class _End:
    """The stream is over; `reason` says why it broke off, as a clause, or is None."""

    def __init__(self, reason: str | None = None) -> None:
        self.reason = reason


class _Stream:
    """Reads an endpoint in a thread of its own."""

    def __init__(self, start: Callable[[threading.Event], Iterator[AIMessageChunk]]) -> None:
        self._items: queue.Queue[AIMessageChunk | _End] = queue.Queue()
        self._ended = threading.Event()
        threading.Thread(target=self._read, args=(start,), daemon=True, name="language-model").start()

    def next(self) -> AIMessageChunk | _End | None:
        """The next piece, or None when there is none for now."""
        try:
            return self._items.get(timeout=0.05)
        except queue.Empty:
            return None

    def close(self) -> None:
        """Lets go of the endpoint: at its next piece, or when its silence has lasted too long."""
        self._ended.set()

    def _read(self, start: Callable[[threading.Event], Iterator[AIMessageChunk]]) -> None:
        stream = start(self._ended)
        try:
            for chunk in stream:
                self._items.put(chunk)
                if self._ended.is_set():
                    break
            self._items.put(_End())
        except Exception as error:
            # whatever the network or a library throws is a model that failed
            self._items.put(_End(_clause(error)))
        finally:
            close = getattr(stream, "close", None)
            if close:
                close()


def _clause(error: Exception) -> str:
    """Why a call failed, without anything that was sent or received."""
    if isinstance(error, openai.APITimeoutError | httpx2.TimeoutException):
        return "did not answer in time"
    if isinstance(error, openai.APIStatusError):
        return f"was refused by its endpoint (HTTP {error.status_code})"
    if isinstance(error, openai.APIConnectionError):
        return "cannot be reached"
    if isinstance(error, httpx2.HTTPError):
        return "broke off in the middle"
    return f"sent what cannot be read ({type(error).__name__})"
