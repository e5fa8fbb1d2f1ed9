"""Starting when something is wrong: the service says that it is not ready, and goes on by itself once it can."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import httpx

from assistant.settings import load_settings
from indexer.embedding import BundledEmbedder
from indexer.generation import build, serving_folder
from tests.faults.serving import free_port
from tests.service.test_compose import PROGRAMS, running


def test_it_starts_over_a_damaged_index_and_serves_when_that_is_mended(
    corpus: Path, index_folder: Path, embedder: BundledEmbedder, cache: Path, tmp_path: Path
) -> None:
    index, port = tmp_path / "x", free_port()
    shutil.copytree(index_folder, index)
    (serving_folder(index) / "lexical.sqlite").write_bytes(b"kapot")
    environment = {**os.environ, "LEIDRAAD_INDEX": str(index), "LEIDRAAD_CACHE": str(cache)}
    address = f"http://127.0.0.1:{port}"
    command = [str(PROGRAMS / "leidraad"), "serve", "--api", "--port", str(port)]
    with running(command, environment, f"{address}/health", tmp_path / "log"):
        refused = httpx.get(f"{address}/ready", timeout=30)
        assert (refused.status_code, refused.json()["outcome"]) == (503, "failed")
        assert "lexical.sqlite" in (tmp_path / "log").read_text(encoding="utf-8")
        build(corpus, index, embedder, plain=load_settings().plain)
        assert httpx.get(f"{address}/ready", timeout=30).status_code == 200
