"""What the tests of the app share: the app without a browser, and a server with a real one."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from indexer.embedding import BundledEmbedder
from tests.waiting import wait_for

ROOT = Path(__file__).resolve().parent.parent.parent
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "headless no-sandbox disable-gpu disable-quic no-first-run disable-background-networking "
    "disable-component-update disable-sync"
)


@pytest.fixture
def page(
    index_folder: Path, corpus: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, embedder: BundledEmbedder
) -> Iterator[AppTest]:
    """The app over the small index."""
    monkeypatch.setenv("LEIDRAAD_INDEX", str(index_folder))
    monkeypatch.setenv("LEIDRAAD_CORPUS", str(corpus))
    monkeypatch.setenv("LEIDRAAD_CACHE", str(cache))
    st.cache_resource.clear()
    st.cache_data.clear()
    yield AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    st.cache_resource.clear()


@pytest.fixture(scope="module")
def one_assistant() -> Iterator[None]:
    """The assistant of the process is loaded once for a module of which no test changes the index."""
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def at_page(
    index_folder: Path,
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    embedder: BundledEmbedder,
) -> Callable[[str], AppTest]:
    """Opens one page of the app over the small index, by the name of its file."""
    monkeypatch.setenv("LEIDRAAD_INDEX", str(index_folder))
    monkeypatch.setenv("LEIDRAAD_CACHE", str(cache))

    def opened(name: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
        app.switch_page(f"assistant/pages/{name}.py")
        return app.run()

    return opened


def html(app: AppTest) -> str:
    """All HTML blocks of a page."""
    return " ".join(str(block.proto.body) for block in app.get("html"))


def click(app: AppTest, label: str) -> AppTest:
    """Clicks the button with this label."""
    next(button for button in app.button if button.label == label).click().run()
    return app


@pytest.fixture(scope="module")
def records_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The database of the running app, which a test may fill."""
    return f"sqlite:///{tmp_path_factory.mktemp('records') / 'r.sqlite'}"


@pytest.fixture(scope="module")
def app_environment() -> dict[str, str]:
    """Settings of the running app beyond its folders; a module may give its own."""
    return {}


@pytest.fixture(scope="module")
def server(
    index_folder: Path,
    corpus: Path,
    cache: Path,
    records_url: str,
    app_environment: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """The address of a running app over the small index, with a copy of the corpus that it may write in."""
    if not CHROMIUM.exists():
        pytest.skip("no /usr/bin/chromium on this machine (.ci/run installs it)")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = tmp_path_factory.mktemp("app") / "corpus"
    shutil.copytree(corpus, own)
    environment = {
        **os.environ,
        "LEIDRAAD_INDEX": str(index_folder),
        "LEIDRAAD_CORPUS": str(own),
        "LEIDRAAD_CACHE": str(cache),
        "LEIDRAAD_RECORDS": records_url,
        **app_environment,
    }
    process = subprocess.Popen(
        [Path(sys.executable).parent / "leidraad", "serve", "--port", str(port), "--headless"],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(f"http://127.0.0.1:{port}/_stcore/health")
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture(scope="module")
def open_tab(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., object]]:
    """Opens a page of the running app in a real browser: a path, and optionally a width and a colour scheme."""
    from playwright.sync_api import sync_playwright

    arguments = [f"--{flag}" for flag in FLAGS.split()]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=arguments, headless=True)

        def open_page(path: str = "", width: int = 1440, scheme: str = "light") -> object:
            context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
            context.set_default_timeout(60_000)
            tab = context.new_page()
            tab.goto(f"{server}/{path}")
            tab.locator("h1").first.wait_for()
            return tab

        yield open_page
        browser.close()


def violations(tab: Any) -> list[str]:
    """What axe finds against WCAG 2.2 level A and AA, except what stands in docs/accessibility.md."""
    from axe_playwright_python.sync_playwright import Axe

    # While a page is drawn anew Streamlit fades what was there; nobody reads it then.
    tab.wait_for_function('!document.querySelector(\'[data-stale="true"], [data-testid="stStatusWidget"]\')')
    tab.wait_for_timeout(800)
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    found = Axe().run(tab, options={"runOnly": {"type": "tag", "values": tags}})
    return [
        f"{violation['id']}: {node['target']}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]


def said(text: str) -> str:
    """A label or message as a person reads it: without the signs that keep Markdown out."""
    return text.replace("\\", "")
