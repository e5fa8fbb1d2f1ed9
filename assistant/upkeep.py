"""Bringing the official texts and making the index fit, in one go: what the app's button does."""

from __future__ import annotations

from collections.abc import Callable

from assistant.settings import Settings
from indexer.embedding import Embedder
from indexer.errors import FetchError, IndexBusy, LeidraadError
from indexer.fetch import fetch
from indexer.generation import Silent, build


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
        build(settings.corpus, settings.index, embedder, plain=settings.plain, progress=_Telling(on_step))
    except IndexBusy:
        told.append("Iemand anders werkt de index al bij. De nieuwe teksten komen er daarna bij.")
    except LeidraadError:
        told.append("De nieuwe teksten konden niet worden ingelezen. De oude bronnen blijven in gebruik.")
    return told
