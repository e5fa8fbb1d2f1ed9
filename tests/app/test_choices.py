"""A question back on the page: its choices are buttons, and pressing one asks the completed question."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from indexer.embedding import BundledEmbedder
from indexer.generation import build

ROOT = Path(__file__).resolve().parent.parent.parent
GUIDE = """# Spaarlessen

## Uren in de Z-route

In de Z-route volgt de klant 300 uren spaarlessen bij de spaarschool.
"""


def test_pressing_a_choice_asks_the_completed_question(
    tmp_path: Path, cache: Path, embedder: BundledEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "sparen.md").write_text(GUIDE, encoding="utf-8")
    build(tmp_path / "c", tmp_path / "x", embedder)
    monkeypatch.setenv("LEIDRAAD_INDEX", str(tmp_path / "x"))
    monkeypatch.setenv("LEIDRAAD_CACHE", str(cache))
    st.cache_resource.clear()
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    page.chat_input[0].set_value("Hoeveel uren spaarlessen volgt mijn klant Amira Yusuf bij de spaarschool?").run()
    assert not page.exception
    choice = next(button for button in page.button if button.label.replace("\\", "") == "Z-route")
    shown = " ".join(str(block.proto.body) for block in page.get("html"))
    assert "Welke leerroute volgt uw klant?" in shown
    assert "verborgen: naam" in shown
    assert "Amira" not in page.session_state.answers[0].question, "only who typed it sees it"
    choice.click().run()
    assert not page.exception
    shown = " ".join(str(block.proto.body) for block in page.get("html"))
    assert "300 uren spaarlessen" in shown
    st.cache_resource.clear()
