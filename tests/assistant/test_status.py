"""What needs attention is said: texts that are missing, texts nobody looked at for long, plain words of old texts."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from assistant.settings import Settings, load_settings
from assistant.status import service_status
from indexer.download import STATE
from indexer.embedding import BundledEmbedder
from indexer.generation import build
from tests.indexer.test_generation import HashEmbedder
from tests.indexer.test_vector_server import Server
from tests.samples import law

WORK = "BWBR0099001"


@pytest.fixture
def settings(tmp_path: Path, embedder: BundledEmbedder) -> Settings:
    corpus = tmp_path / "corpus"
    (corpus / "official").mkdir(parents=True)
    (corpus / "official" / "wet.xml").write_text(law(), encoding="utf-8")
    (corpus / "gids.md").write_text("# Gids\n\nEen gids over sparen.\n", encoding="utf-8")
    (corpus / "sources.toml").write_text(
        f'[[source]]\nbwb = "{WORK}"\n[[source]]\nbwb = "BWBR0044770"\n'
        '[[source]]\ncvdr = "CVDR1"\ntitle = "Verordening"\n',
        encoding="utf-8",
    )
    settings = load_settings(corpus=corpus, index=tmp_path / "index")
    build(corpus, settings.index, embedder)
    return settings


def looked_at(settings: Settings, day: date) -> None:
    (settings.corpus / "official" / STATE).write_text(
        f'{{"checked": {{"{WORK}": "{day}T10:00:00Z"}}}}', encoding="utf-8"
    )


def test_official_texts_that_are_not_indexed_are_missing(settings: Settings, embedder: BundledEmbedder) -> None:
    missing = service_status(settings, embedder).missing
    assert [(text.id, text.title) for text in missing] == [
        ("BWBR0044770", "Wet inburgering 2021"),
        ("CVDR1", "Verordening"),
    ]


@pytest.mark.parametrize(("days", "ageing"), [(0, False), (30, False), (31, True), (None, True)])
def test_a_law_nobody_looked_for_lately_is_ageing(
    settings: Settings, embedder: BundledEmbedder, days: int | None, ageing: bool
) -> None:
    today = date(2026, 6, 1)
    if days is not None:
        looked_at(settings, today - timedelta(days=days))
    states = {source.id: source for source in service_status(settings, embedder, today).sources}
    assert states[f"{WORK}@2022-01-01"].ageing is ageing
    assert not states["gids"].ageing


def test_without_an_index_there_is_a_state_too(tmp_path: Path, embedder: BundledEmbedder) -> None:
    state = service_status(load_settings(index=tmp_path / "leeg"), embedder)
    assert (state.generation, state.sources, state.missing) == (None, (), ())


def test_a_vector_server_that_is_away_or_emptied_is_said(tmp_path: Path) -> None:
    server = Server(tmp_path / "chroma")
    server.start()
    try:
        (tmp_path / "corpus").mkdir()
        (tmp_path / "corpus" / "a.md").write_text("# Appels\n\nEen appel is rood.\n", encoding="utf-8")
        settings = load_settings(corpus=tmp_path / "corpus", index=tmp_path / "index", vector_server=server.url)
        made = build(settings.corpus, settings.index, HashEmbedder(), vector_server=server.url).manifest
        assert service_status(settings, HashEmbedder()).vector_server == ""
        server.delete(f"{made.name}-passages")
        assert service_status(settings, HashEmbedder()).vector_server == "The vector server has 0 of 1 vectors."
        server.stop()
        assert "127.0.0.1 does not answer" in service_status(settings, HashEmbedder()).vector_server
    finally:
        server.stop()
