"""Downloads with retries, limits and a memory of what was seen, into one folder.

A file in the folder is replaced only by a whole one that passes its check; half a download goes on where it stopped,
if the text is still the one that was begun.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

import httpx
from pydantic import Field
from tenacity import RetryError, Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from indexer.errors import ReadError
from indexer.files import file_hash, replace_file
from indexer.models import Frozen

STATE = "fetched.json"
MAX_BYTES = 60_000_000
MAX_MANIFEST_BYTES = 10_000_000
ATTEMPTS = 4
_REDIRECTS = 5
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
_SUFFIX_OF_TYPE = {"application/pdf": ".pdf", "text/html": ".html", "application/xhtml+xml": ".html"}


class Seen(Frozen):
    """What is known of an address that was looked at before."""

    checked: datetime
    sha256: str = ""
    modified: str = ""
    file: str = ""


class State(Frozen):
    """What a folder remembers: addresses by themselves, and texts by their official id or their entry's own."""

    seen: dict[str, Seen] = Field(default_factory=dict)
    checked: dict[str, datetime] = Field(default_factory=dict)


def client(timeout: float) -> httpx.Client:
    """A client that waits `timeout` seconds for a silent site and leaves it to `Site` where a redirect may lead."""
    return httpx.Client(
        timeout=timeout,
        headers={"User-Agent": "Leidraad (bron-ophaler)", "Accept-Encoding": "identity"},
        follow_redirects=False,
    )


class Failed(Exception):
    """Why a text could not be brought: one clause without a final full stop."""


class _Again(Exception):
    """Worth another try."""


class Site:
    """Requests with retries, limits and a memory of what was seen."""

    def __init__(self, http: httpx.Client, folder: Path, wait: float, longest: float) -> None:
        self._http = http
        self._folder = folder
        self._wait = wait
        self._longest = longest
        self._state = read_state(folder)

    def checked(self, key: str) -> None:
        """Notes that an entry was looked for and found today."""
        self._state = State(seen=self._state.seen, checked={**self._state.checked, key: datetime.now(UTC)})
        self._save()

    def read(self, address: str) -> bytes:
        """The whole body at an address."""
        part = self._folder / ".manifest.part"
        part.unlink(missing_ok=True)
        self._download(address, part, MAX_MANIFEST_BYTES, {})
        data = part.read_bytes()
        part.unlink()
        _tag_file(part).unlink(missing_ok=True)
        return data

    def keep(self, address: str, name: str, check: Callable[[Path], None]) -> str:
        """Makes the file `name` be what stands at an address: 'new', 'changed' or 'same'.

        Nothing is asked for again that did not change since; a broken download goes on where it stopped. `name`
        without a suffix gets that of the content's type. `check` raises `ReadError` for what is not the text meant.
        """
        target = self._folder / name
        seen = self._state.seen.get(address)
        whole = target.suffix != "" and target.is_file() and seen is not None and file_hash(target) == seen.sha256
        headers = {"If-Modified-Since": seen.modified} if whole and seen and seen.modified else {}
        part = self._folder / f".{hashlib.sha256(address.encode()).hexdigest()[:16]}.part"
        response = self._download(address, part, MAX_BYTES, headers)
        if response is None:
            self._note(address, seen)
            return "same"
        if target.suffix == "":
            target = target.with_name(name + _suffix(response))
        trial = part.with_suffix(target.suffix)
        part.replace(trial)
        _tag_file(part).unlink(missing_ok=True)
        try:
            check(trial)
        except ReadError as error:
            raise Failed(f"what stands at {address} {error.reason}") from error
        else:
            digest = file_hash(trial)
            existed = target.is_file()
            same = existed and file_hash(target) == digest
            if not same:
                replace_file(target, trial.read_bytes())
            note = Seen(
                checked=datetime.now(UTC), sha256=digest, modified=response.get("last-modified", ""), file=target.name
            )
            self._note(address, note)
            return "same" if same else "changed" if existed else "new"
        finally:
            trial.unlink(missing_ok=True)

    def _download(self, address: str, part: Path, limit: int, headers: dict[str, str]) -> httpx.Headers | None:
        """Writes the body into `part`; gives the response's headers, or None when it did not change."""
        attempts = Retrying(
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_exponential(multiplier=self._wait, max=30 * self._wait),
            retry=retry_if_exception_type(_Again),
        )
        try:
            return attempts(self._once, address, part, limit, headers)
        except RetryError as error:
            raise Failed(str(error.last_attempt.exception())) from None

    def _once(self, address: str, part: Path, limit: int, headers: dict[str, str]) -> httpx.Headers | None:
        tag = _tag_file(part)
        begun = part.stat().st_size if part.exists() and tag.exists() else 0
        if begun:
            # Goes on only if the text is still the one that was begun.
            headers = {**headers, "Range": f"bytes={begun}-", "If-Range": tag.read_text(encoding="ascii")}
        origin = address
        try:
            for _ in range(_REDIRECTS + 1):
                _check_address(address, origin)
                with self._http.stream("GET", address, headers=headers) as response:
                    _check_peer(response)
                    if response.has_redirect_location:
                        address = str(response.url.join(response.headers["location"]))
                        continue
                    return self._save_body(response, part, begun, limit)
            raise Failed(f"{urlsplit(address).hostname} sends from one address to the next without end")
        except httpx.TimeoutException:
            raise _Again(f"{urlsplit(address).hostname} did not answer in time") from None
        except httpx.InvalidURL:
            raise Failed(f"'{address}' is not an address") from None
        except httpx.HTTPError as error:
            raise _Again(f"the connection with {urlsplit(address).hostname} failed ({type(error).__name__})") from None

    def _save_body(self, response: httpx.Response, part: Path, begun: int, limit: int) -> httpx.Headers | None:
        status = response.status_code
        if status == httpx.codes.NOT_MODIFIED:
            return None
        if status == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            part.unlink(missing_ok=True)
            raise _Again("the download could not go on where it stopped")
        if status >= 500 or status == httpx.codes.TOO_MANY_REQUESTS:
            raise _Again(f"{response.url.host} answers with error {status}")
        if status not in (httpx.codes.OK, httpx.codes.PARTIAL_CONTENT):
            raise Failed(f"{response.url.host} answers with {status} for {response.url.path}")
        resumed = status == httpx.codes.PARTIAL_CONTENT
        size = begun if resumed else 0
        if not resumed:
            tag = response.headers.get("etag") or response.headers.get("last-modified") or ""
            _tag_file(part).unlink(missing_ok=True)
            if tag.isascii() and tag and not tag.startswith("W/"):
                _tag_file(part).write_text(tag, encoding="ascii")
        until = time.monotonic() + self._longest
        with part.open("ab" if resumed else "wb") as file:
            for piece in response.iter_bytes():
                size += len(piece)
                if size > limit:
                    file.close()
                    part.unlink(missing_ok=True)
                    raise Failed(f"{response.url} is larger than {limit // 1_000_000} MB")
                file.write(piece)
                if time.monotonic() > until:
                    raise _Again(f"{response.url.host} is too slow")
        if size == 0:
            raise _Again(f"{response.url.host} sent nothing")
        return response.headers

    def _note(self, address: str, note: Seen | None) -> None:
        if note is not None:
            note = note.model_copy(update={"checked": datetime.now(UTC)})
            self._state = State(seen={**self._state.seen, address: note}, checked=self._state.checked)
            self._save()

    def _save(self) -> None:
        replace_file(self._folder / STATE, self._state.model_dump_json(indent=1).encode())


def _tag_file(part: Path) -> Path:
    """Tells which text a half download is of."""
    return part.with_suffix(".tag")


def _check_address(address: str, origin: str) -> None:
    """Only encrypted addresses on the public internet, and no way from one site to another.

    Plain ones are for this machine itself (a mirror, a test), and only where the address that was asked for says so.
    `origin` is that address. Raises `Failed`.
    """
    parts, first = urlsplit(address), urlsplit(origin)
    host = parts.hostname or ""
    if host.removeprefix("www.") != (first.hostname or "").removeprefix("www."):
        raise Failed(f"{first.hostname} sends on to {host}, which sources.toml does not name")
    if host in _THIS_MACHINE and parts.scheme in ("http", "https"):
        return
    if parts.scheme != "https":
        raise Failed(f"'{address}' is not a safe address (https)")
    if _proxied():
        return  # the proxy finds the host, and decides where it may lead
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(host, parts.port or 443, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        return  # the request itself says that there is no such host
    for number in found:
        _check_public(host, number)


def _check_peer(response: httpx.Response) -> None:
    """Who really answers: a name may lead elsewhere than it did a moment before."""
    host = response.url.host
    stream = response.extensions.get("network_stream")
    peer = stream.get_extra_info("server_addr") if stream is not None else None
    if peer and host not in _THIS_MACHINE and not _proxied():
        _check_public(host, str(peer[0]))


def _check_public(host: str, number: str) -> None:
    if not ipaddress.ip_address(number.partition("%")[0]).is_global:
        raise Failed(f"{host} is a private address ({number}), where Leidraad fetches nothing")


def _proxied() -> bool:
    return bool({"https", "all"} & set(getproxies()))


def _suffix(headers: httpx.Headers) -> str:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _SUFFIX_OF_TYPE:
        raise Failed(f"it is of a kind that is not read ({kind or 'not told'})")
    return _SUFFIX_OF_TYPE[kind]


def read_state(folder: Path) -> State:
    """What was seen before; nothing where the file is absent or damaged: then everything is looked at again."""
    try:
        data: Any = json.loads((folder / STATE).read_text(encoding="utf-8"))
        return State.model_validate(data)
    except (OSError, ValueError):
        return State()
