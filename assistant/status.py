"""What serves now and what needs somebody's attention: for the terminal, the app and a monitor."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from assistant.settings import Settings
from indexer.embedding import Embedder
from indexer.errors import IndexError_, IndexMissing
from indexer.fetch import last_checked
from indexer.generation import GENERATIONS, Manifest
from indexer.index import Index, sound_generation
from indexer.models import Binding, Frozen, Kind, Source, Unreadable
from indexer.plain import LayerReport
from indexer.sources import read_manifest as read_sources
from indexer.vectors import FOLDER, SERVER


class SourceState(Frozen):
    """A source in the index. `checked` is the day its origin was last looked at, for what `leidraad fetch` brings."""

    id: str
    title: str
    kind: Kind
    binding: Binding
    valid_from: date | None
    valid_to: date | None
    holds_today: bool
    checked: date | None
    ageing: bool
    passages: int


class Missing(Frozen):
    """An official text that sources.toml names and that is not in the index."""

    id: str
    title: str


class ServiceStatus(Frozen):
    """The state of one installation. Ages are in days; what is empty needs nobody.

    `damage` says why an older generation serves than the one that should; `vector_server` why the server that keeps the
    vectors cannot serve them.
    """

    index: str
    generation: str | None = None
    damage: str = ""
    vector_server: str = ""
    created: datetime | None = None
    age_days: int | None = None
    engine: str
    indexed_with: str = ""
    fits_engine: bool = True
    notice: str | None = None
    mode: str
    passages: int = 0
    bridges: int = 0
    sources: tuple[SourceState, ...] = ()
    missing: tuple[Missing, ...] = ()
    layers: tuple[LayerReport, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()


def service_status(settings: Settings, embedder: Embedder, today: date | None = None) -> ServiceStatus:
    """The state now. Raises `IndexBroken` and `ManifestError`; an index that is not there yet is a state too."""
    today = today or date.today()
    state = ServiceStatus(index=str(settings.index), engine=embedder.name, notice=embedder.notice, mode=settings.mode)
    try:
        _, manifest, damage = sound_generation(settings.index)
    except IndexMissing:
        return state
    checked = last_checked(settings.corpus)
    return state.model_copy(
        update={
            "generation": manifest.name,
            "damage": damage,
            "vector_server": _server_fault(settings.index / GENERATIONS / manifest.name, manifest),
            "created": manifest.created,
            "age_days": (today - manifest.created.date()).days,
            "indexed_with": manifest.embedder_name,
            "fits_engine": manifest.embedder == embedder.stamp,
            "passages": manifest.passages,
            "bridges": manifest.bridges,
            "sources": tuple(
                _source_state(report.source, report.passages, checked, settings.ageing_days, today)
                for report in manifest.documents
            ),
            "missing": missing_texts(settings, manifest),
            "layers": manifest.layers,
            "unreadable": manifest.unreadable,
        }
    )


def missing_texts(settings: Settings, manifest: Manifest) -> tuple[Missing, ...]:
    """The official texts that the corpus names and the index lacks. Raises `ManifestError`."""
    works = {report.source.work for report in manifest.documents}
    wanted = [entry for entry in read_sources(settings.corpus) if (entry.bwb or entry.cvdr) is not None]
    return tuple(Missing(id=entry.key, title=entry.name) for entry in wanted if (entry.bwb or entry.cvdr) not in works)


def _server_fault(folder: Path, manifest: Manifest) -> str:
    """Why a generation's vectors are not to be had from their server; empty where they are, or lie in its folder."""
    if not (folder / FOLDER / SERVER).exists():
        return ""
    try:
        opened = Index(folder, manifest)
    except IndexError_ as error:
        return str(error)
    try:
        count = opened.vector_count()
        return "" if count == manifest.vectors else f"The vector server has {count} of {manifest.vectors} vectors."
    except IndexError_ as error:
        return str(error)
    finally:
        opened.close()


def _source_state(source: Source, passages: int, checked: dict[str, date], limit: int, today: date) -> SourceState:
    # Only what has an origin elsewhere can age unseen; a guide of ours changes with Leidraad itself.
    official = source.kind is Kind.LAW or source.work in checked
    looked = checked.get(source.work)
    return SourceState(
        id=source.id,
        title=source.title,
        kind=source.kind,
        binding=source.binding,
        valid_from=source.valid_from,
        valid_to=source.valid_to,
        holds_today=source.holds_on(today),
        checked=looked,
        ageing=official and source.holds_on(today) and (looked is None or (today - looked).days > limit),
        passages=passages,
    )
