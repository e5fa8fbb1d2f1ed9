"""The words of the app stand in one catalogue, in two languages, and nowhere else."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from assistant.interface import LANGUAGES, catalogue
from tests.app.conftest import ROOT, click, html

PAGES = [*sorted((ROOT / "assistant" / "pages").rglob("*.py")), ROOT / "app.py"]
NAME = re.compile(r"[a-z0-9_.:/-]+")
DUTCH = re.compile(
    r"(?i)\b(?:de|het|een|en|van|niet|geen|uw|wat|waar|wie|hoe|naar|voor|met|bij|deze|dit|die|dat|zijn|wordt|kan|moet|"
    r"kies|bewaar|maak|vraag|vragen|antwoord|bron|bronnen|terug|verder|klaar|nog|ook|alle|alleen|toon)\b"
)


def literals(path: Path) -> list[str]:
    """The texts in a file that could be shown: no docstrings, keys, styles or names."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    apart = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    apart |= {
        id(argument)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("error", "warning", "info")
        if getattr(node.func.value, "id", "") == "logger"  # type: ignore[attr-defined]
        for argument in node.args
    }
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in apart
    ]
    return [re.sub(r"<(style|script)>.*?</\1>|<[^>]*>", " ", text, flags=re.DOTALL) for text in texts]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_no_page_has_a_dutch_sentence_of_its_own(path: Path) -> None:
    found = [text for text in literals(path) if DUTCH.search(text) and not NAME.fullmatch(text.strip())]
    assert found == []


def test_the_check_itself_finds_a_dutch_sentence(tmp_path: Path) -> None:
    page = tmp_path / "p.py"
    page.write_text('"""De pagina."""\nst.write(f"<b>Kies een bron</b>: {x}")\n', encoding="utf-8")
    assert [text for text in literals(page) if DUTCH.search(text)] == [" Kies een bron : "]


def test_every_word_of_the_interface_is_there_in_both_languages_and_used() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in PAGES)
    code += (ROOT / "assistant" / "copy_text.py").read_text(encoding="utf-8")
    used = set(re.findall(r"""(?:\bt|words)\(\s*["']([a-z]+\.[a-z_0-9]+)["']""", code))
    made = set(re.findall(r"""\bt\(f["']([a-z]+\.[a-z_]*)\{""", code))
    known = catalogue()
    for key, entry in known.items():
        assert set(entry) == set(LANGUAGES) and all(entry.values()), key
        assert sorted(re.findall(r"{\w+}", entry["nl"])) == sorted(re.findall(r"{\w+}", entry["en"])), key
        mentioned = f'"{key}"' in code
        assert key in used or mentioned or any(key.startswith(prefix) for prefix in made), f"{key} is not used"
    assert used <= set(known)


OWN = {
    "vraag": "How can I help you?", "bronnen": "Sources", "inwerken": "Learning", "scenarios": "Scenarios",
    "afwegen": "Weighing", "nakijken": "Review answers", "kwaliteit": "Quality", "beheer": "Administration",
}  # fmt: skip


@pytest.mark.usefixtures("one_assistant")
@pytest.mark.parametrize("name", OWN)
def test_a_page_in_english_has_no_dutch_left_on_its_buttons_and_labels(
    at_page: Callable[[str], AppTest], name: str
) -> None:
    app = at_page(name)
    app.button_group(key="language").set_value("en").run()
    assert not app.exception
    assert app.title[0].value == OWN[name]
    shown = [tab.label for tab in app.tabs] + [block.value for block in (*app.info, *app.warning)]
    for kind in ("button", "text_input", "text_area", "selectbox", "checkbox", "toggle", "number_input", "multiselect"):
        shown += [str(element.label) for element in getattr(app, kind) if not str(element.key).startswith("module-")]
    dutch = {text: DUTCH.findall(text) for text in shown}
    # Names that are Dutch law's own stay Dutch in an English sentence.
    assert {text for text, found in dutch.items() if len(found) > 1} == set()


@pytest.mark.usefixtures("one_assistant")
def test_a_scenario_is_played_with_english_around_it(at_page: Callable[[str], AppTest]) -> None:
    app = at_page("scenarios")
    app.button_group(key="language").set_value("en").run()
    app.button(key="group-tien-over-negen").click().run()
    click(app, "Show the group's choices")
    assert not app.exception and "No majority" in app.info[0].value and "Decision 1" in html(app)


def test_no_list_offers_what_the_widget_says_in_english_only() -> None:
    """Streamlit's own "Select all" and "Choose options" have no Dutch: the first is off, the second is given words."""
    pages = sorted((ROOT / "assistant" / "pages").rglob("*.py"))
    calls = [
        node
        for page in pages
        for node in ast.walk(ast.parse(page.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "multiselect"
    ]
    assert len(calls) >= 8
    for call in calls:
        given = {word.arg: word.value for word in call.keywords}
        assert "placeholder" in given, ast.unparse(call)
        assert ast.unparse(given["select_all"]) == "False"
