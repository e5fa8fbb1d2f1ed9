"""Markup in questions, sources, file names and what a provider says is shown as text, in a real browser too."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from indexer.embedding import BundledEmbedder
from indexer.generation import build
from tests.app.test_entry import CHROMIUM, ROOT, free_port
from tests.waiting import wait_for

TITLE = "Gids <img src=x onerror=\"document.title='GEKRAAKT'\"> [klik](javascript:alert(1)) **vet**"
EVIL = f"""---
title: '{TITLE.replace("'", "''")}'
id: gids-boos
kind: guide
binding: guidance
---
# Het spaargesprek

Het spaargesprek duurt 45 minuten <script>document.title='GEKRAAKT'</script> en niet langer
<img src=x onerror="document.title='GEKRAAKT'"> volgens [deze link](javascript:document.title='GEKRAAKT').
"""
QUESTION = "Hoe lang duurt het spaargesprek?"
IN_QUESTION = "<svg onload=\"document.title='GEKRAAKT'\"> [x](javascript:alert(1)) hoe lang duurt het spaargesprek?"


@pytest.fixture(scope="module")
def evil_index(tmp_path_factory: pytest.TempPathFactory, embedder: BundledEmbedder) -> Path:
    folder = tmp_path_factory.mktemp("boos")
    corpus = folder / "corpus"
    corpus.mkdir()
    (corpus / "gids.md").write_text(EVIL, encoding="utf-8")
    (corpus / "<b onclick=x>naam.txt").write_text("Het spaarloket is op maandag dicht.\n", encoding="utf-8")
    build(corpus, folder / "index", embedder)
    return folder / "index"


@pytest.fixture
def page(evil_index: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    monkeypatch.setenv("LEIDRAAD_INDEX", str(evil_index))
    monkeypatch.setenv("LEIDRAAD_CACHE", str(cache))
    st.cache_resource.clear()
    yield AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    st.cache_resource.clear()


def test_markup_stays_text_in_the_answer_and_its_source(page: AppTest) -> None:
    page.run()
    page.chat_input[0].set_value(IN_QUESTION).run()
    assert not page.exception
    shown = " ".join(str(block.proto.body) for block in page.get("html"))
    assert "45 minuten" in shown and "&lt;svg" in shown
    for mark in ("<script>document.title", "<img", "<svg", 'href="javascript', "<b onclick"):
        assert mark not in shown, mark


@pytest.mark.browser
def test_markup_does_nothing_in_a_browser(evil_index: Path, cache: Path, tmp_path: Path) -> None:
    if not CHROMIUM.exists():
        pytest.skip("no /usr/bin/chromium on this machine (.ci/run installs it)")
    from playwright.sync_api import sync_playwright

    port = free_port()
    environment = {
        **os.environ,
        "LEIDRAAD_INDEX": str(evil_index),
        "LEIDRAAD_CACHE": str(cache),
        "LEIDRAAD_RECORDS": f"sqlite:///{tmp_path / 'r.sqlite'}",
    }
    server = subprocess.Popen(
        [Path(sys.executable).parent / "leidraad", "serve", "--port", str(port), "--headless"],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(f"http://localhost:{port}/_stcore/health")
        flags = "headless no-sandbox disable-gpu disable-quic no-first-run disable-background-networking"
        arguments = [f"--{flag}" for flag in f"{flags} disable-component-update disable-sync".split(" ")]
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch_persistent_context(
                str(tmp_path / "profile"), executable_path=str(CHROMIUM), args=arguments, headless=True
            )
            tab = browser.new_page()
            elsewhere: list[str] = []
            tab.on("request", lambda request: elsewhere.append(request.url) if f":{port}/" not in request.url else None)
            tab.goto(f"http://localhost:{port}")
            question = tab.get_by_test_id("stChatInputTextArea")
            question.wait_for(timeout=90_000)
            question.fill(IN_QUESTION)
            question.press("Enter")
            tab.locator("mark").first.wait_for(timeout=90_000)
            tab.wait_for_timeout(1_500)
            assert tab.title() != "GEKRAAKT"
            assert tab.locator("img[src='x'], svg[onload], a[href^='javascript']").count() == 0
            assert [url for url in elsewhere if not url.startswith(("data:", "blob:"))] == []
            browser.close()
    finally:
        server.terminate()
        server.wait(timeout=20)
