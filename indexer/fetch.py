"""Official texts from their repositories: which versions there are, and bringing them into the corpus.

National laws (BWB) and municipal rules (CVDR) come from the repository of official publications, whose
`manifest.xml` lists a text's versions; other entries of `sources.toml` come from their own address. What is brought
lies in `official/` inside the corpus folder, beside `fetched.json`, which tells when each address was last looked at.

A copy that is here is only replaced by a whole, readable and right one, and never removed: a site that fails, lies
or loses a text changes nothing but the report.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import ParseError

import defusedxml
import httpx
from defusedxml import ElementTree
from filelock import FileLock, Timeout
from pydantic import Field
from tenacity import RetryError, Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from indexer import readers
from indexer.errors import FetchError, ReadError
from indexer.files import file_hash, replace_file
from indexer.models import Binding, Document, Frozen, Kind, Source
from indexer.plain import article_hash
from indexer.sources import OFFICIAL_FOLDER, Entry, read_manifest, url_file_stem

REPOSITORY = "https://repository.officiele-overheidspublicaties.nl"
STATE = "fetched.json"
MAX_BYTES = 60_000_000
MAX_MANIFEST_BYTES = 10_000_000
ATTEMPTS = 4
_REDIRECTS = 5
_LABEL = re.compile(r"^(\d{4}-\d\d-\d\d)_(\d+)$")
_SUFFIX_OF_TYPE = {"application/pdf": ".pdf", "text/html": ".html", "application/xhtml+xml": ".html"}


class Fetched(Frozen):
    """What became of one entry of `sources.toml`.

    `new` are files that were not here, `changed` files that were replaced, `gone` local versions that the repository
    lists no more (they stay). `articles` tells, article by article, what the newest version changed. `failed` is one
    sentence; what was here before is then untouched.
    """

    key: str
    title: str = ""
    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: int = 0
    gone: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    failed: str = ""


class _Seen(Frozen):
    """What is known of an address that was looked at before."""

    checked: datetime
    sha256: str = ""
    modified: str = ""
    file: str = ""


class _State(Frozen):
    seen: dict[str, _Seen] = Field(default_factory=dict)
    checked: dict[str, datetime] = Field(default_factory=dict)


def fetch(
    corpus: Path,
    *,
    only: str | None = None,
    since: date | None = None,
    repository: str = REPOSITORY,
    today: date | None = None,
    wait: float = 1.0,
    timeout: float = 30.0,
    on_step: Callable[[str, int, int], object] | None = None,
) -> tuple[Fetched, ...]:
    """Brings the official texts that `sources.toml` names: the version in force and earlier ones from `since`.

    `only` names one entry by its id. `since` overrides the entries' own `versions_from`. `wait` is the first pause in
    seconds before trying again; `timeout` how many seconds a site may be silent, one file may take ten times that.
    `on_step(title, done, total)` is told of each entry.

    Raises `ManifestError` for a mistake in sources.toml and `FetchError` when there is nothing to bring, `only` is
    unknown, another process is fetching or the folder cannot be written. A text that cannot be had is in the report.
    """
    entries = [entry for entry in read_manifest(corpus) if entry.file is None]
    if only is not None:
        entries = [entry for entry in entries if only in (entry.key, entry.bwb, entry.cvdr)]
        if not entries:
            raise FetchError(f"sources.toml in {corpus} names no official text '{only}'.")
    if not entries:
        raise FetchError(f"sources.toml in {corpus} names no official texts to fetch.")
    folder = corpus / OFFICIAL_FOLDER
    done: list[Fetched] = []
    with _one_at_a_time(folder), _client(timeout) as client:
        site = _Site(client, folder, wait, timeout * 10)
        for number, entry in enumerate(entries):
            if on_step:
                on_step(entry.name, number, len(entries))
            try:
                done.append(
                    _bring(site, entry, folder, repository, since or entry.versions_from, today or date.today())
                )
                site.checked(entry.key)
            except _Failed as problem:
                done.append(Fetched(key=entry.key, title=entry.name, failed=str(problem)))
            except OSError as error:
                raise FetchError(f"{folder} cannot be written: {error.strerror}.") from error
        if on_step:
            on_step("", len(entries), len(entries))
    return tuple(done)


def last_checked(corpus: Path) -> dict[str, date]:
    """When each official text was last looked for and found, by BWB or CVDR id, or the entry's own id."""
    return {key: when.date() for key, when in _read_state(corpus / OFFICIAL_FOLDER).checked.items()}


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".lock", timeout=0)
        lock.acquire()
    except Timeout as error:
        raise FetchError(f"Another process is fetching into {folder}; try again when it is done.") from error
    except OSError as error:
        raise FetchError(f"The folder {folder} cannot be written: {error.strerror}.") from error
    try:
        yield
    finally:
        lock.release()


def _client(timeout: float) -> httpx.Client:
    return httpx.Client(
        timeout=timeout,
        headers={"User-Agent": "Leidraad (bron-ophaler)", "Accept-Encoding": "identity"},
        follow_redirects=False,
    )


def _bring(site: _Site, entry: Entry, folder: Path, repository: str, since: date | None, today: date) -> Fetched:
    if entry.bwb:
        return _bring_law(site, entry.bwb, folder, f"{repository}/bwb/{entry.bwb}", since, today)
    if entry.cvdr:
        return _bring_rule(site, entry.cvdr, folder, f"{repository}/cvdr/{entry.cvdr}")
    return _bring_page(site, entry, folder)


def _bring_law(site: _Site, work: str, folder: Path, address: str, since: date | None, today: date) -> Fetched:
    labels = _labels(site.read(f"{address}/manifest.xml"), work)
    dated = sorted((m[1], int(m[2]), label) for label in labels if (m := _LABEL.match(label)))
    # Of several texts for one day the last is the one that counts.
    by_day = {day: label for day, _, label in dated}
    past = [day for day in by_day if day <= today.isoformat()]
    if not past:
        raise _Failed(f"the repository lists no version of {work} that is in force")
    first = max((day for day in past if since and day <= since.isoformat()), default=past[0] if since else past[-1])
    wanted = [by_day[day] for day in past if day >= first]
    here = {path.name.removeprefix(f"{work}_").removesuffix(".xml") for path in folder.glob(f"{work}_*.xml")}
    before = _newest(folder, work)

    def right(path: Path) -> None:
        told = readers.describe(path)
        if told.get("work") != work:
            raise ReadError(path, f"is another text ({told.get('work')})")

    results = [site.keep(f"{address}/{label}/xml/{work}_{label}.xml", f"{work}_{label}.xml", right) for label in wanted]
    after = _newest(folder, work)
    return Fetched(
        key=work,
        title=str(readers.describe(after)["title"]) if after else "",
        new=tuple(label for label, result in zip(wanted, results, strict=True) if result == "new"),
        changed=tuple(label for label, result in zip(wanted, results, strict=True) if result == "changed"),
        unchanged=results.count("same"),
        gone=tuple(sorted(here - set(labels))),
        articles=_changes(before, after) if before and after and before != after else (),
    )


def _bring_rule(site: _Site, work: str, folder: Path, address: str) -> Fetched:
    labels = [label for label in _labels(site.read(f"{address}/manifest.xml"), work) if label.isdigit()]
    if not labels:
        raise _Failed(f"the repository lists no version of {work}")
    label = max(labels, key=int)

    def right(path: Path) -> None:
        told = readers.describe(path)
        if told.get("work") != work:
            raise ReadError(path, f"is another text ({told.get('work')})")

    result = site.keep(f"{address}/{label}/xml/{work}_{label}.xml", f"{work}_{label}.xml", right)
    return _one(work, label, result, str(readers.describe(folder / f"{work}_{label}.xml")["title"]))


def _bring_page(site: _Site, entry: Entry, folder: Path) -> Fetched:
    stem = url_file_stem(entry)
    here = next(iter(sorted(folder.glob(f"{stem}.*"))), None)
    result = site.keep(entry.url or "", here.name if here else stem, _readable)
    return _one(entry.key, entry.url or "", result, entry.title or "")


def _one(key: str, label: str, result: str, title: str) -> Fetched:
    return Fetched(
        key=key,
        title=title,
        new=(label,) if result == "new" else (),
        changed=(label,) if result == "changed" else (),
        unchanged=int(result == "same"),
    )


def _readable(path: Path) -> None:
    readers.describe(path)


def _labels(manifest: bytes, work: str) -> list[str]:
    """The labels of the versions in a manifest."""
    try:
        root = ElementTree.fromstring(manifest, forbid_dtd=True)
    except (ParseError, defusedxml.DefusedXmlException, ValueError) as error:
        raise _Failed(f"the repository's list of versions of {work} is not readable XML") from error
    found = [e.get("label", "") for e in root.iter() if str(e.tag).rpartition("}")[2] == "expression"]
    if not found:
        raise _Failed(f"the repository's list of versions of {work} names no version")
    return found


def _newest(folder: Path, work: str) -> Path | None:
    return max(folder.glob(f"{work}_*.xml"), default=None, key=lambda path: path.name)


def _changes(before: Path, after: Path) -> tuple[str, ...]:
    """What a newer version of a law changed: articles added, changed and removed."""
    try:
        old, new = (_read(path) for path in (before, after))
    except ReadError:
        return ()
    was, is_ = ({a: article_hash(d, a) for a in dict.fromkeys(s.article for s in d.sections) if a} for d in (old, new))
    told = [f"artikel {a} added" for a in is_ if a not in was]
    told += [f"artikel {a} changed" for a in is_ if a in was and was[a] != is_[a]]
    return (*told, *(f"artikel {a} removed" for a in was if a not in is_))


def _read(path: Path) -> Document:
    source = Source(
        id=path.stem, work=path.stem, title=path.stem, kind=Kind.LAW, binding=Binding.LAW, file=path.name, sha256=""
    )
    return readers.read(path, source)


class _Failed(Exception):
    """Why a text could not be brought: one clause without a final full stop."""


class _Again(Exception):
    """Worth another try."""


class _Site:
    """Requests with retries, limits and a memory of what was seen."""

    def __init__(self, client: httpx.Client, folder: Path, wait: float, longest: float) -> None:
        self._client = client
        self._folder = folder
        self._wait = wait
        self._longest = longest
        self._state = _read_state(folder)

    def checked(self, key: str) -> None:
        """Notes that an entry was looked for and found today."""
        self._state = _State(seen=self._state.seen, checked={**self._state.checked, key: datetime.now(UTC)})
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
            raise _Failed(f"what stands at {address} {error.reason}") from error
        else:
            digest = file_hash(trial)
            existed = target.is_file()
            same = existed and file_hash(target) == digest
            if not same:
                replace_file(target, trial.read_bytes())
            note = _Seen(
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
            raise _Failed(str(error.last_attempt.exception())) from None

    def _once(self, address: str, part: Path, limit: int, headers: dict[str, str]) -> httpx.Headers | None:
        tag = _tag_file(part)
        begun = part.stat().st_size if part.exists() and tag.exists() else 0
        if begun:
            # Goes on only if the text is still the one that was begun.
            headers = {**headers, "Range": f"bytes={begun}-", "If-Range": tag.read_text(encoding="ascii")}
        try:
            for _ in range(_REDIRECTS + 1):
                _check_address(address)
                with self._client.stream("GET", address, headers=headers) as response:
                    if response.has_redirect_location:
                        address = str(response.url.join(response.headers["location"]))
                        continue
                    return self._save_body(response, part, begun, limit)
            raise _Failed(f"{urlsplit(address).hostname} sends from one address to the next without end")
        except httpx.TimeoutException:
            raise _Again(f"{urlsplit(address).hostname} did not answer in time") from None
        except httpx.InvalidURL:
            raise _Failed(f"'{address}' is not an address") from None
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
            raise _Failed(f"{response.url.host} answers with {status} for {response.url.path}")
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
                    raise _Failed(f"{response.url} is larger than {limit // 1_000_000} MB")
                file.write(piece)
                if time.monotonic() > until:
                    raise _Again(f"{response.url.host} is too slow")
        if size == 0:
            raise _Again(f"{response.url.host} sent nothing")
        return response.headers

    def _note(self, address: str, note: _Seen | None) -> None:
        if note is not None:
            note = note.model_copy(update={"checked": datetime.now(UTC)})
            self._state = _State(seen={**self._state.seen, address: note}, checked=self._state.checked)
            self._save()

    def _save(self) -> None:
        replace_file(self._folder / STATE, self._state.model_dump_json(indent=1).encode())


def _tag_file(part: Path) -> Path:
    """Tells which text a half download is of."""
    return part.with_suffix(".tag")


def _check_address(address: str) -> None:
    """Only encrypted addresses; plain ones on this machine itself, for a mirror or a test."""
    parts = urlsplit(address)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1")):
        return
    raise _Failed(f"'{address}' is not a safe address (https)")


def _suffix(headers: httpx.Headers) -> str:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _SUFFIX_OF_TYPE:
        raise _Failed(f"it is of a kind that is not read ({kind or 'not told'})")
    return _SUFFIX_OF_TYPE[kind]


def _read_state(folder: Path) -> _State:
    """What was seen before; nothing where the file is absent or damaged: then everything is looked at again."""
    try:
        data: Any = json.loads((folder / STATE).read_text(encoding="utf-8"))
        return _State.model_validate(data)
    except (OSError, ValueError):
        return _State()


def summary(reports: Sequence[Fetched]) -> list[str]:
    """The report in lines for a person, one or more an entry."""
    lines: list[str] = []
    for report in reports:
        name = report.key if report.title == report.key else f"{report.key} {report.title}".strip()
        if report.failed:
            lines.append(f"{name}: not fetched: {report.failed}. What was here stays.")
            continue
        told = [f"new {', '.join(report.new)}"] if report.new else []
        told += [f"changed {', '.join(report.changed)}"] if report.changed else []
        told += [f"{report.unchanged} unchanged"] if report.unchanged else []
        lines.append(f"{name}: {'; '.join(told)}")
        lines += [f"  {change}" for change in report.articles]
        lines += [f"  version {label} is no longer listed; the copy here stays" for label in report.gone]
    return lines
