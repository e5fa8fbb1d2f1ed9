"""The door: nothing is drawn for who has not signed in, and who signs in reads what their roles may read."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from assistant.audit import Audit
from assistant.pages.shared import SIGNED_IN
from assistant.records import Records
from assistant.roles import PUBLIC, Person, Role
from assistant.settings import load_settings
from indexer.embedding import BundledEmbedder
from tests.waiting import wait_for

ROOT = Path(__file__).resolve().parent.parent.parent
CHROMIUM = Path("/usr/bin/chromium")
ASKED = "Waar kan ik u mee helpen?"


@pytest.fixture
def page(
    index_folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, embedder: BundledEmbedder
) -> Iterator[AppTest]:
    monkeypatch.setenv("LEIDRAAD_INDEX", str(index_folder))
    monkeypatch.setenv("LEIDRAAD_CACHE", str(cache))
    st.cache_resource.clear()
    yield AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    st.cache_resource.clear()


def drawn(page: AppTest) -> str:
    """Everything on the page, as one text."""
    assert not page.exception
    texts = [str(block.proto) for block in page.main]
    return " ".join(texts + [title.value for title in page.title] + [button.label for button in page.button])


def signed_in(page: AppTest, **more: object) -> AppTest:
    page.secrets["auth"] = {"client_id": "leidraad"}
    page.user = {"is_logged_in": True, "sub": "p-17", "name": "A. Bakker", "iat": time.time() - 5, **more}
    return page


def events() -> list[str]:
    records = Records(load_settings().records)
    found = [entry.event for entry in Audit(records).entries()]
    records.close()
    return found


def test_without_sign_in_there_is_one_local_person(page: AppTest) -> None:
    page.run()
    assert page.title[0].value == ASKED
    assert events() == ["started"]


def test_nothing_is_drawn_for_who_has_not_signed_in(page: AppTest) -> None:
    page.secrets["auth"] = {"client_id": "leidraad"}
    page.user = {"is_logged_in": False}
    page.run()
    assert [button.label for button in page.button] == ["Aanmelden"]
    assert not page.chat_input and ASKED not in drawn(page)
    assert SIGNED_IN not in page.session_state


def test_required_but_not_configured_lets_nobody_in(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEIDRAAD_SIGN_IN", "true")
    page.run()
    assert not page.chat_input and not page.button
    assert "nog niet ingesteld" in page.error[0].value


def test_who_has_signed_in_reads_what_their_role_may_read(page: AppTest) -> None:
    signed_in(page, roles=["professional"]).run()
    assert page.title[0].value == ASKED
    person: Person = page.session_state[SIGNED_IN][0]
    assert (person.name, person.roles, person.collections) == ("A. Bakker", {Role.PROFESSIONAL}, {PUBLIC})
    page.run()
    assert events() == ["started", "signed_in"]


def test_without_a_role_one_is_told_so_and_sees_nothing_else(page: AppTest) -> None:
    signed_in(page, roles=["kantine"]).run()
    assert "nog geen rol" in page.warning[0].value
    assert not page.chat_input and [button.label for button in page.button] == ["Afmelden"]
    page.run()
    assert events() == ["started", "refused"]


def test_an_expired_session_takes_what_was_on_the_screen_with_it(page: AppTest) -> None:
    signed_in(page, roles=["professional"]).run()
    page.session_state["answers"] = ["een antwoord"]
    page.user = {**page.user, "iat": time.time() - 10 * 3600}
    page.run()
    assert "verlopen" in page.warning[0].value
    assert "answers" not in page.session_state and SIGNED_IN not in page.session_state
    assert not page.chat_input


def test_records_that_cannot_be_reached_let_nobody_in(
    page: AppTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "bestand").write_text("x", encoding="utf-8")
    monkeypatch.setenv("LEIDRAAD_RECORDS", f"sqlite:///{tmp_path / 'bestand' / 'r.sqlite'}")
    signed_in(page, roles=["professional"]).run()
    assert "niet nagaan wie u bent" in page.error[0].value
    assert not page.chat_input


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.mark.browser
def test_a_person_signs_in_at_a_provider_and_leaves(index_folder: Path, cache: Path, tmp_path: Path) -> None:
    if not CHROMIUM.exists():
        pytest.skip("no /usr/bin/chromium on this machine (.ci/run installs it)")
    from playwright.sync_api import sync_playwright

    port, provider_port = free_port(), free_port()
    secrets = tmp_path / "aanmelden.toml"
    secrets.write_text(
        f'[auth]\nredirect_uri = "http://localhost:{port}/oauth2callback"\ncookie_secret = "{"k" * 40}"\n'
        'client_id = "leidraad"\nclient_secret = "geheim-van-de-proef"\n'
        f'server_metadata_url = "http://localhost:{provider_port}/.well-known/openid-configuration"\n',
        encoding="utf-8",
    )
    url = f"sqlite:///{tmp_path / 'r.sqlite'}"
    environment = {
        **os.environ,
        "LEIDRAAD_INDEX": str(index_folder),
        "LEIDRAAD_CACHE": str(cache),
        "LEIDRAAD_RECORDS": url,
        "LEIDRAAD_SIGN_IN": "true",
        "LEIDRAAD_SIGN_IN_FILE": str(secrets),
        "LEIDRAAD_ROLES_CLAIM": "groups",
        "LEIDRAAD_ROLE_NAMES": '{"GG-Inburgering": "professional"}',
    }
    log = (tmp_path / "log").open("w", encoding="utf-8")
    users = [
        '{"sub": "anna", "name": "Anna Bakker", "groups": ["GG-Inburgering"]}',
        '{"sub": "kok", "name": "K. Kok", "groups": ["GG-Kantine"]}',
    ]
    provider = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(provider_port)]
        + [part for user in users for part in ("--user-claims", user)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    server = subprocess.Popen(
        [Path(sys.executable).parent / "leidraad", "serve", "--port", str(port), "--headless"],
        env=environment, stdout=log, stderr=log,
    )  # fmt: skip
    try:
        for address in (f"{port}/_stcore/health", f"{provider_port}/.well-known/openid-configuration"):
            wait_for(f"http://localhost:{address}")
        command = Path(f"/proc/{server.pid}/cmdline").read_bytes()
        assert b"geheim" not in command and b"kkkk" not in command
        flags = "headless no-sandbox disable-gpu disable-quic no-first-run disable-background-networking"
        arguments = [f"--{flag}" for flag in f"{flags} disable-component-update disable-sync".split(" ")]
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch_persistent_context(
                str(tmp_path / "profile"), executable_path=str(CHROMIUM), args=arguments, headless=True
            )
            tab = browser.new_page()
            tab.goto(f"http://localhost:{port}")
            tab.get_by_role("button", name="Aanmelden").click(timeout=90_000)
            tab.get_by_role("button", name="kok").click(timeout=60_000)
            tab.get_by_text("nog geen rol in Leidraad").wait_for(timeout=60_000)
            assert tab.get_by_text(ASKED).count() == 0
            tab.get_by_role("button", name="Afmelden").click()
            # Signing out ends the session at the provider too; its page asks whether that is meant.
            tab.wait_for_url("**/end_session**", timeout=60_000)
            tab.goto(f"http://localhost:{port}")
            tab.get_by_role("button", name="Aanmelden").click(timeout=60_000)
            tab.get_by_role("button", name="anna").click(timeout=60_000)
            tab.get_by_text(ASKED).wait_for(timeout=60_000)
            tab.get_by_text("Aangemeld als Anna Bakker").wait_for(timeout=60_000)
            browser.close()
        records = Records(url)
        log_of_events = [entry.event for entry in Audit(records).entries()]
        assert Audit(records).verify().broken == ""
        records.close()
        assert log_of_events == ["started", "refused", "signed_in"]
        told = (tmp_path / "log").read_text(encoding="utf-8")
        assert "geheim-van-de-proef" not in told and "Anna" not in told and "kkkk" not in told
    finally:
        for process in (server, provider):
            process.terminate()
            process.wait(timeout=20)
        log.close()
