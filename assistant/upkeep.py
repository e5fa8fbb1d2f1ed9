"""Bringing the official texts and making the index fit: what the app's buttons do.

A `Job` does it in the background: it goes on when the page is left, and the old index answers meanwhile.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from assistant.settings import Settings
from indexer.embedding import Embedder
from indexer.errors import FetchError, IndexBusy, LeidraadError
from indexer.fetch import fetch
from indexer.generation import Report, build
from indexer.progress import Progress, Silent

logger = logging.getLogger(__name__)

Step = Callable[[str, float], object]
"""Is told what is being done, and which share of it is done."""


class Job:
    """One piece of upkeep at a time, in the background. `what`, `share` and `told` may be read at any moment."""

    def __init__(self) -> None:
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self.what, self.share = "", 0.0
        self.told: list[str] = []

    @property
    def running(self) -> bool:
        """Whether something is going on."""
        return self._thread is not None and self._thread.is_alive()

    def start(self, work: Callable[[Step], list[str]]) -> bool:
        """Begins; False when something is going on already."""
        with self._starting:
            if self.running:
                return False
            self.what, self.share, self.told = "", 0.0, []
            self._thread = threading.Thread(target=self._run, args=(work,), name="upkeep", daemon=True)
            self._thread.start()
            return True

    def wait(self, seconds: float) -> None:
        """Waits until it is done, or so long."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _run(self, work: Callable[[Step], list[str]]) -> None:
        try:
            self.told = work(self._step)
        except Exception:
            # Nobody waits for this thread: what it does not say here is never said.
            logger.exception("upkeep stopped")
            self.told = ["Het bijwerken is gestopt door een fout. De oude bronnen blijven in gebruik."]

    def _step(self, what: str, share: float) -> None:
        self.what, self.share = what, share


def build_index(settings: Settings, embedder: Embedder, progress: Progress, *, rebuild: bool = False) -> Report:
    """Makes the index fit the corpus folder, as the settings say. Raises what `build` raises."""
    return build(
        settings.corpus,
        settings.index,
        embedder,
        plain=settings.plain,
        rebuild=rebuild,
        progress=progress,
        vector_server=settings.vector_server,
    )


def update_index(settings: Settings, embedder: Embedder, on_step: Step, *, rebuild: bool = False) -> list[str]:
    """Makes the index fit the corpus folder. Gives Dutch sentences; the old index stays when anything fails."""
    try:
        report = build_index(settings, embedder, _Telling(on_step), rebuild=rebuild)
    except IndexBusy:
        return ["Iemand anders werkt de index al bij. Probeer het over enkele minuten opnieuw."]
    except LeidraadError as error:
        logger.error("%s", error)
        return ["De bronnen konden niet worden ingelezen. De oude bronnen blijven in gebruik."]
    if not report.changed:
        return ["Er is niets veranderd: de index past al bij de bronnen."]
    count, passages = len(report.manifest.documents), report.manifest.passages
    told = [f"Ingelezen: {count} bronnen, {passages} passages. De nieuwe index is in gebruik."]
    if report.manifest.unreadable:
        told.append(f"Niet gelezen: {len(report.manifest.unreadable)} bestanden; de lijst staat hieronder.")
    return told


class _Telling(Silent):
    """Tells how far the index is, in Dutch."""

    _STAGES = {"read": "Documenten lezen", "embed": "Passages verwerken", "write": "Index schrijven en controleren"}  # noqa: RUF012

    def __init__(self, on_step: Callable[[str, float], object]) -> None:
        self._on_step = on_step
        self._name, self._total, self._done = "", 1, 0

    def stage(self, name: str, total: int) -> None:
        self._name, self._total, self._done = self._STAGES[name], max(1, total), 0
        self._on_step(self._name, 0.0)

    def advance(self, done: int, label: str = "") -> None:  # noqa: ARG002
        self._done += done
        self._on_step(self._name, min(1.0, self._done / self._total))


def bring_official_texts(settings: Settings, embedder: Embedder, on_step: Callable[[str, float], object]) -> list[str]:
    """Fetches what sources.toml names and indexes it; `on_step(what, share)` is told how far it is.

    Gives Dutch sentences about what was brought and what was not. The old index answers until the new one is done, and
    stays when anything fails.
    """
    try:
        reports = fetch(
            settings.corpus,
            repository=settings.repository,
            on_step=lambda title, done, total: on_step(f"Ophalen: {title}" if title else "Opgehaald", done / total),
        )
    except FetchError:
        return ["De officiële teksten konden niet worden opgehaald. De beheerder ziet met ‘leidraad fetch’ waarom."]
    brought = [report.title or report.key for report in reports if report.new or report.changed]
    failed = [report.title or report.key for report in reports if report.failed]
    told = [f"Opgehaald: {', '.join(brought)}."] if brought else []
    if failed:
        told.append(
            f"Niet opgehaald: {', '.join(failed)}. Probeer het later opnieuw; de beheerder ziet met ‘leidraad fetch’ "
            "waarom het niet lukte."
        )
    if not brought:
        return told or ["Alle officiële teksten waren al bijgewerkt."]
    try:
        build(
            settings.corpus,
            settings.index,
            embedder,
            plain=settings.plain,
            progress=_Telling(on_step),
            vector_server=settings.vector_server,
        )
    except IndexBusy:
        told.append("Iemand anders werkt de index al bij. De nieuwe teksten komen er daarna bij.")
    except LeidraadError:
        told.append("De nieuwe teksten konden niet worden ingelezen. De oude bronnen blijven in gebruik.")
    return told
