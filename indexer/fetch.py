"""Official texts from their repositories: which versions there are, and bringing them into the corpus.

National laws (BWB) and municipal rules (CVDR) come from the repository of official publications, whose
`manifest.xml` lists a text's versions; other entries of `sources.toml` come from their own address. What is brought
lies in `official/` inside the corpus folder, beside `fetched.json`, which tells when each address was last looked at.

A copy that is here is only replaced by a whole, readable and right one, and never removed: a site that fails, lies
or loses a text changes nothing but the report.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from xml.etree.ElementTree import ParseError

import defusedxml
from defusedxml import ElementTree
from filelock import FileLock, Timeout

from indexer import readers
from indexer.download import Failed, Site, client, read_state
from indexer.errors import FetchError, ReadError
from indexer.models import Binding, Document, Frozen, Kind, Source
from indexer.plain import article_hash
from indexer.sources import OFFICIAL_FOLDER, Entry, read_manifest, url_file_stem

REPOSITORY = "https://repository.officiele-overheidspublicaties.nl"
_LABEL = re.compile(r"^(\d{4}-\d\d-\d\d)_(\d+)$")


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
    with _one_at_a_time(folder), client(timeout) as http:
        site = Site(http, folder, wait, timeout * 10)
        for number, entry in enumerate(entries):
            if on_step:
                on_step(entry.name, number, len(entries))
            try:
                done.append(
                    _bring(site, entry, folder, repository, since or entry.versions_from, today or date.today())
                )
                site.checked(entry.bwb or entry.cvdr or entry.key)
            except Failed as problem:
                done.append(Fetched(key=entry.key, title=entry.name, failed=str(problem)))
            except OSError as error:
                raise FetchError(f"{folder} cannot be written: {error.strerror}.") from error
        if on_step:
            on_step("", len(entries), len(entries))
    return tuple(done)


def last_checked(corpus: Path) -> dict[str, date]:
    """When each official text was last looked for and found, by BWB or CVDR id, or the entry's own id."""
    return {key: when.date() for key, when in read_state(corpus / OFFICIAL_FOLDER).checked.items()}


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


def _bring(site: Site, entry: Entry, folder: Path, repository: str, since: date | None, today: date) -> Fetched:
    if entry.bwb:
        return _bring_law(site, entry.bwb, folder, f"{repository}/bwb/{entry.bwb}", since, today)
    if entry.cvdr:
        return _bring_rule(site, entry.cvdr, folder, f"{repository}/cvdr/{entry.cvdr}")
    return _bring_page(site, entry, folder)


def _bring_law(site: Site, work: str, folder: Path, address: str, since: date | None, today: date) -> Fetched:
    labels = _labels(site.read(f"{address}/manifest.xml"), work)
    dated = sorted((m[1], int(m[2]), label) for label in labels if (m := _LABEL.match(label)))
    # Of several texts for one day the last is the one that counts.
    by_day = {day: label for day, _, label in dated}
    past = [day for day in by_day if day <= today.isoformat()]
    if not past:
        raise Failed(f"the repository lists no version of {work} that is in force")
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


def _bring_rule(site: Site, work: str, folder: Path, address: str) -> Fetched:
    labels = [label for label in _labels(site.read(f"{address}/manifest.xml"), work) if label.isdigit()]
    if not labels:
        raise Failed(f"the repository lists no version of {work}")
    label = max(labels, key=int)

    def right(path: Path) -> None:
        told = readers.describe(path)
        if told.get("work") != work:
            raise ReadError(path, f"is another text ({told.get('work')})")

    result = site.keep(f"{address}/{label}/xml/{work}_{label}.xml", f"{work}_{label}.xml", right)
    return _one(work, label, result, str(readers.describe(folder / f"{work}_{label}.xml")["title"]))


def _bring_page(site: Site, entry: Entry, folder: Path) -> Fetched:
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
        raise Failed(f"the repository's list of versions of {work} is not readable XML") from error
    found = [e.get("label", "") for e in root.iter() if str(e.tag).rpartition("}")[2] == "expression"]
    if not found:
        raise Failed(f"the repository's list of versions of {work} names no version")
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
