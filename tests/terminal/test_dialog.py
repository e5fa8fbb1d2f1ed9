"""A question back and masked data in the terminal."""

from __future__ import annotations

import json
from pathlib import Path

from tests.terminal.test_cli import Run, run

__all__ = ["run"]


def test_a_question_back_prints_its_choices_with_exit_code_three(run: Run, tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "sparen.md").write_text(
        "# Spaarlessen\n\n## Uren in de Z-route\n\nIn de Z-route volgt de klant 300 uren spaarlessen.\n",
        encoding="utf-8",
    )
    run("index", "--corpus", tmp_path / "c", "--index", tmp_path / "x")
    code, out, _ = run("ask", "Hoeveel uren spaarlessen volgt mijn klant?", "--index", tmp_path / "x")
    assert code == 3
    assert "Welke leerroute volgt uw klant?" in out
    assert "  - Z-route: Hoeveel uren spaarlessen volgt mijn klant in de Z-route?" in out


def test_a_batch_writes_nothing_of_a_person(run: Run, index_folder: Path, tmp_path: Path) -> None:
    lines = tmp_path / "in.jsonl"
    lines.write_text(
        json.dumps(
            {
                "id": "1",
                "question": "En hoe lang duurt het spaargesprek van Tesfay Hagos, BSN 111222333?",
                "conversation": [{"question": "Mijn klant Amira Yusuf komt niet", "answer": "Bel 06-12345678"}],
            }
        ),
        encoding="utf-8",
    )
    code, out, err = run("ask", "--batch", lines, "--out", tmp_path / "out.jsonl", "--index", index_folder)
    written = (tmp_path / "out.jsonl").read_text(encoding="utf-8")
    assert code == 0
    assert json.loads(written)["id"] == "1"
    for text in (written, out, err):
        assert not any(word in text for word in ("Tesfay", "Hagos", "111222333", "Amira", "Yusuf", "12345678"))
