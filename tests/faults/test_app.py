"""The app killed while it answers: what somebody had is there after it, and it opens again by itself."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from assistant.audit import Audit
from assistant.history import History
from assistant.records import Records
from assistant.roles import LOCAL
from tests.app.conftest import CHROMIUM, FLAGS
from tests.faults.serving import QUESTION, Server, servers
from tests.model_server import Reply, as_json, number_of, serving

QUOTE = "Het spaargesprek duurt 45 minuten en de consulent voert het gesprek op het gemeentehuis."
MORE = "Waar vindt het spaargesprek plaats?"


@pytest.mark.browser
@pytest.mark.faults
def test_the_app_killed_in_the_middle_of_an_answer_keeps_what_was_said_before(
    index_folder: Path, cache: Path, tmp_path: Path
) -> None:
    if not CHROMIUM.exists():
        pytest.skip("no /usr/bin/chromium on this machine (.ci/run installs it)")
    from playwright.sync_api import sync_playwright

    asked, database_url = threading.Event(), f"sqlite:///{tmp_path / 'r.sqlite'}"

    def script(payload: dict[str, Any]) -> Reply:
        claims = [("Het spaargesprek duurt 45 minuten.", [(number_of(payload, "duurt 45 minuten"), QUOTE)])]
        if MORE in payload["messages"][-1]["content"]:
            asked.set()
            return Reply(text=as_json(claims), between=3.0, piece=10)
        return Reply(text=as_json(claims))

    with serving() as model:
        model.script = script
        settings = {
            "LEIDRAAD_INDEX": str(index_folder), "LEIDRAAD_CACHE": str(cache), "LEIDRAAD_RECORDS": database_url,
            "LEIDRAAD_MODE": "generative", "LEIDRAAD_CHAT_URL": model.url, "LEIDRAAD_CHAT_MODEL": "scripted",
            "LEIDRAAD_CHAT_REWRITE": "false",
        }  # fmt: skip
        app = Server(tmp_path / "log", settings, api=False)
        with servers(app), sync_playwright() as playwright:
            browser = playwright.chromium.launch_persistent_context(
                str(tmp_path / "profile"), executable_path=str(CHROMIUM), headless=True,
                args=[f"--{flag}" for flag in FLAGS.split()],
            )  # fmt: skip
            tab = browser.new_page()
            tab.set_default_timeout(90_000)
            tab.goto(app.address)
            field = tab.get_by_test_id("stChatInputTextArea")
            field.fill(QUESTION)
            field.press("Enter")
            tab.locator("mark").first.wait_for()
            said = kept(database_url)
            assert len(said) == 1
            field.fill(MORE)
            field.press("Enter")
            assert asked.wait(60)
            app.kill()
            assert kept(database_url) == said, "what was acknowledged is there, what was not is not half there"
            app.start()
            tab.goto(app.address)
            tab.get_by_text("Mijn gesprekken", exact=True).click()
            tab.get_by_role("button", name=QUESTION).click()
            tab.get_by_text("45 minuten").first.wait_for()
            browser.close()


def kept(url: str) -> list[tuple[str, str]]:
    """The questions and answers of everybody's conversations; the audit log must be whole."""
    records = Records(url)
    assert Audit(records).verify().broken == ""
    history = History(records, LOCAL)
    found = [
        (one.answer.question, one.answer.text)
        for conversation in history.conversations()
        for one in history.open(conversation.id)
    ]
    records.close()
    return found
