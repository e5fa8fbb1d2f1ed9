"""In a real browser: a learner talks with the person of a scenario, with the keyboard, and looks back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.app.conftest import violations
from tests.app.test_talk import SAYS, feedback
from tests.model_server import ScriptedModel, serving

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def model() -> Iterator[ScriptedModel]:
    with serving() as made:
        made.script = feedback
        yield made


@pytest.fixture(scope="module")
def app_environment(model: ScriptedModel) -> dict[str, str]:
    """The running app has a language model."""
    return {"LEIDRAAD_MODE": "generative", "LEIDRAAD_CHAT_URL": model.url, "LEIDRAAD_CHAT_MODEL": "proef"}


def test_a_learner_talks_with_somebody_and_looks_back(open_tab: Callable[..., Any], model: ScriptedModel) -> None:
    tab = open_tab("scenarios")
    tab.locator(".st-key-talk-tien-over-negen button").click()
    field = tab.get_by_role("textbox", name="Wat zegt u tegen Semere?")
    field.fill("Goedemorgen Semere. Hoe ging uw reis?")
    field.press("Enter")
    tab.get_by_text(SAYS).first.wait_for()
    tab.wait_for_function("document.getElementById('leidraad-live')?.textContent.includes('twee bussen')")
    tab.wait_for_function("document.activeElement?.dataset.testid === 'stChatInputTextArea'")
    assert violations(tab) == []
    tab.get_by_role("button", name="Rond af en bespreek na").click()
    tab.get_by_role("heading", name="Nabespreking").wait_for()
    tab.get_by_text("Gezien: “Hoe ging uw reis”").wait_for()
    assert tab.get_by_text("Mening van het taalmodel, zonder bron:").is_visible()
    assert violations(tab) == []
    assert len(model.requests) == 2
