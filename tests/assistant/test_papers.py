"""The papers for a security officer: parts list, licences, and the page of settings, all made from the thing itself."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import requires, version
from pathlib import Path

from assistant.parts_list import bill_of_materials, licences, parts
from assistant.settings import Settings
from assistant.settings_page import PAGE, settings_page

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_parts_list_holds_every_package_that_is_needed_here() -> None:
    known = {part.name.lower().replace("_", "-"): part for part in parts()}
    dependencies = {re.split(r"[^A-Za-z0-9-]", text)[0].lower() for text in requires("leidraad") or ()}
    assert {"streamlit", "pydantic", "sqlalchemy"} <= dependencies <= set(known)
    assert {"onnxruntime", "pydantic-core", "cryptography"} <= set(known), "what they need themselves, extras too"
    assert "pytest" not in known
    assert known["streamlit"].version == version("streamlit")
    assert all(part.licence for part in known.values())


def test_the_bill_of_materials_is_whole_and_always_the_same() -> None:
    bill = bill_of_materials(parts())
    assert bill == bill_of_materials(reversed(parts()))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    text = json.dumps(bill)
    references = set(re.findall(r'"bom-ref": "([^"]+)"', text))
    assert len(references) == len(parts())
    assert all(dependency in references for dependency in re.findall(r'"(pkg:pypi/[^"]+)"', text))


def test_licences_name_every_package_once() -> None:
    groups = licences(parts())
    assert sorted(part.name for group in groups.values() for part in group) == sorted(part.name for part in parts())
    assert "leidraad" in {part.name for part in groups["EUPL-1.2"]}


def test_the_page_of_settings_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == settings_page(), "run: make settings-page"
    assert all(f"`LEIDRAAD_{name.upper()}`" in settings_page() for name in Settings.model_fields)
    assert str(ROOT) not in settings_page()


def test_every_setting_says_what_it_means() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_the_commands_print_them(tmp_path: Path) -> None:
    leidraad = Path(sys.executable).parent / "leidraad"
    done = subprocess.run([leidraad, "sbom", "--out", tmp_path / "sbom.json"], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "sbom.json").read_text(encoding="utf-8"))["components"]
    done = subprocess.run([leidraad, "sbom", "--out", tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "cannot be written" in done.stderr and "Traceback" not in done.stderr
