"""In a real browser: a group plays a scenario, somebody learns, somebody weighs; and no WCAG A or AA violation."""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
import pytest

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "headless no-sandbox disable-gpu disable-quic no-first-run disable-background-networking "
    "disable-component-update disable-sync"
)
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def tab(index_folder: Path, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A browser tab, with the app running over the small index."""
    if not CHROMIUM.exists():
        pytest.skip("no /usr/bin/chromium on this machine (.ci/run installs it)")
    from playwright.sync_api import sync_playwright

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("app")
    environment = {
        **os.environ, "LEIDRAAD_INDEX": str(index_folder), "LEIDRAAD_CACHE": str(cache),
        "LEIDRAAD_CORPUS": str(folder), "LEIDRAAD_RECORDS": f"sqlite:///{folder / 'r.sqlite'}",
    }  # fmt: skip
    server = subprocess.Popen(
        [Path(sys.executable).parent / "leidraad", "serve", "--port", str(port), "--headless"],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        for _ in range(240):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1):
                    break
            except OSError:
                time.sleep(0.25)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=str(CHROMIUM), args=[f"--{flag}" for flag in FLAGS.split()], headless=True
            )
            context = browser.new_context(base_url=f"http://localhost:{port}", viewport={"width": 1440, "height": 900})
            context.set_default_timeout(60_000)
            yield context.new_page()
            browser.close()
    finally:
        server.terminate()
        server.wait(timeout=20)


def violations(tab: Any) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    tab.wait_for_timeout(800)
    found = Axe().run(tab, options={"runOnly": {"type": "tag", "values": WCAG}})
    return [f"{v['id']}: {node['target']}" for v in found.response["violations"] for node in v["nodes"]]


def test_a_group_votes_plays_and_debriefs(tab: Any) -> None:
    tab.goto("/scenarios")
    tab.get_by_role("heading", name="Tien over negen").wait_for()
    assert violations(tab) == []
    tab.locator(".st-key-group-tien-over-negen button").click()
    tab.get_by_text("Hoe begint Ilse?").wait_for()
    votes = tab.get_by_label("Stemmen voor B")
    votes.fill("4")
    votes.press("Tab")
    tab.get_by_role("button", name="Toon de keuzes van de groep").click()
    tab.get_by_text("(4 van 4)").wait_for()
    assert violations(tab) == []
    for last in (False, False, True):
        tab.get_by_role("button", name="Speel deze keuze").click()
        tab.get_by_text("Wat er gebeurt:").wait_for()
        tab.get_by_role("button", name="Naar de nabespreking" if last else "Verder").click()
        if not last:
            tab.get_by_label("Stemmen voor A").fill("2")
            tab.get_by_label("Stemmen voor A").press("Tab")
            tab.get_by_role("button", name="Toon de keuzes van de groep").click()
            tab.get_by_text("(2 van 2)").wait_for()
    tab.get_by_role("heading", name="Nabespreking").wait_for()
    assert tab.get_by_text("Wanneer kwam u zelf te laat, en wat dacht de ander?").is_visible()


def test_somebody_learns_by_keyboard_and_finds_it_again_after_reloading(tab: Any) -> None:
    tab.goto("/inwerken")
    tab.locator(".st-key-open-inburgering button").click()
    tab.get_by_role("button", name="PIP en termijn").click()
    answer = tab.get_by_label("Binnen hoeveel weken stelt het college het PIP vast?")
    answer.fill("tien weken")
    answer.press("Enter")
    tab.get_by_text("Goed. Binnen 10 weken.").wait_for()
    assert violations(tab) == []
    tab.goto("/inwerken")
    tab.get_by_role("tab", name="Overzicht").click()
    tab.get_by_text("1 van 15 vragen beantwoord, waarvan 1 in één keer goed").wait_for()


def test_somebody_weighs_and_takes_a_note_without_a_name_along(tab: Any) -> None:
    tab.goto("/afwegen")
    tab.get_by_text("Duurzaam werk", exact=True).click()
    text = tab.locator(".st-key-weigh-duurzaam-text textarea")
    text.fill("Mijn klant Ahmed komt met het traject verder.")
    text.press("Tab")
    tab.get_by_text("Verborgen: naam").wait_for()
    assert violations(tab) == []
    tab.get_by_role("button", name="Maak de notitie").click()
    with tab.expect_download() as download:
        tab.get_by_role("button", name="Bewaar als Word").click()
    told = "\n".join(p.text for p in docx.Document(io.BytesIO(Path(download.value.path()).read_bytes())).paragraphs)
    assert "Mijn klant [naam] komt met het traject verder." in told and "Ahmed" not in told
