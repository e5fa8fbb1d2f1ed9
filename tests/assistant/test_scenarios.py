"""Scenarios: what a wrong file is told, where choices lead, and what is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from assistant.content import as_yaml, read_content
from assistant.errors import ContentError
from assistant.export import to_pdf
from assistant.scenarios import (
    END,
    Scenario,
    Taken,
    load_scenarios,
    most_votes,
    save_scenario,
    session_paper,
)
from assistant.settings import Settings, load_settings


def option(text: str, **more: Any) -> dict[str, Any]:
    return {
        "text": text, "worth": "strong", "consequence": "Het lukt.", "feedback": "Vraag door.",
        "based_on": ["begeleiding-cultuur#Wat doet u?"], **more,
    }  # fmt: skip


def scenario(**more: Any) -> dict[str, Any]:
    decisions = [
        {"id": name, "question": f"Wat doet u bij {name}?", "options": [option(f"{name}-a"), option(f"{name}-b")]}
        for name in ("een", "twee", "drie")
    ]
    return {
        "id": "proef", "title": "Proef", "theme": "mixed", "minutes": 30, "aims": ["Luisteren"],
        "situation": "Aan tafel.",
        "roles": [{"name": "Sam", "about": "Klant"}, {"name": "Kim", "about": "Consulent"}], "decisions": decisions,
        "weighs": ["Rust", "Tempo"], "debrief": ["Wat zag u?", "Wat nu?"], "facilitator": ["Neem tijd."],
        "persona": "Sam, rustig.",
        "checklist": dict.fromkeys(
            ("persons", "own_motives", "no_origin_as_cause", "professional_too", "no_fixed_roles", "invented"), True
        ),
        **more,
    }  # fmt: skip


def written(folder: Path, data: object) -> Path:
    path = folder / "proef.yaml"
    path.write_text(data if isinstance(data, str) else yaml.safe_dump(data), encoding="utf-8")
    return path


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(corpus=tmp_path)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"minutes": 90}, "proef.yaml: veld 'minutes' mag hoogstens 60 zijn."),
        ({"title": None}, "proef.yaml: veld 'title' moet tekst zijn."),
        (
            {"theme": "cultuur"},
            "proef.yaml: veld 'theme' moet een van deze zijn: 'intercultural', 'gender' or 'mixed'.",
        ),
        ({"colour": "rood"}, "proef.yaml: veld 'colour' is een onbekend veld."),
        ({"decisions": scenario()["decisions"][:2]}, "proef.yaml: veld 'decisions' heeft er te weinig: minstens 3."),
        ({"aims": ["goed", " "]}, "proef.yaml: aims: een regel is leeg."),
    ],
)
def test_a_mistake_is_one_sentence_with_file_and_field(tmp_path: Path, change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ContentError) as wrong:
        read_content(written(tmp_path, scenario(**change)), Scenario)
    assert str(wrong.value) == sentence


def test_a_mistake_deep_inside_is_found_by_its_path(tmp_path: Path) -> None:
    data = scenario()
    data["decisions"][1]["options"][0]["based_on"] = ["Artikel 14 van de wet!"]
    with pytest.raises(ContentError, match=r"decisions 2 → options 1 → based_on 1: .* is geen plaats in een bron"):
        read_content(written(tmp_path, data), Scenario)


def test_feedback_without_a_source_is_refused(tmp_path: Path) -> None:
    data = scenario()
    data["decisions"][0]["options"][1]["based_on"] = []
    with pytest.raises(ContentError, match="based_on' heeft er te weinig: minstens 1"):
        read_content(written(tmp_path, data), Scenario)


def test_a_file_that_is_no_yaml_names_the_line(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"proef.yaml is geen geldige YAML \(regel 3\)"):
        read_content(written(tmp_path, "id: proef\ntitle: [open\n: x"), Scenario)
    with pytest.raises(ContentError, match="kan niet worden gelezen"):
        read_content(tmp_path / "weg.yaml", Scenario)


@pytest.mark.parametrize("name", ["persons", "professional_too"])
def test_every_point_of_the_checklist_must_be_yes(tmp_path: Path, name: str) -> None:
    data = scenario()
    data["checklist"][name] = False
    with pytest.raises(ContentError, match="nog niet bevestigd"):
        read_content(written(tmp_path, data), Scenario)


def test_a_choice_may_skip_a_decision_but_not_go_back() -> None:
    data = scenario()
    data["decisions"][0]["options"][1]["leads_to"] = "drie"
    data["decisions"][1]["options"][0]["leads_to"] = END
    made = Scenario.model_validate(data)
    assert [made.after("een", 0), made.after("een", 1), made.after("twee", 0), made.after("drie", 0)] == [
        "twee", "drie", END, END,
    ]  # fmt: skip
    data["decisions"][1]["options"][0]["leads_to"] = "een"
    with pytest.raises(ValueError, match="geen later beslismoment"):
        Scenario.model_validate(data)


def test_a_decision_that_is_never_reached_is_a_mistake() -> None:
    data = scenario()
    for choice in data["decisions"][0]["options"]:
        choice["leads_to"] = "drie"
    with pytest.raises(ValueError, match="'twee' wordt nooit bereikt"):
        Scenario.model_validate(data)


def test_an_own_scenario_is_kept_and_listed(settings: Settings) -> None:
    made = Scenario.model_validate(scenario(title="Één proef: “ja”"))
    path = save_scenario(settings, made)
    assert path == settings.corpus / "local" / "scenarios" / "proef.yaml"
    shelf = load_scenarios(settings)
    assert shelf.get("proef") == made and shelf.own == {"proef"} and not shelf.wrong
    assert not list(path.parent.glob("*.new"))


def test_a_shipped_scenario_cannot_be_overwritten(settings: Settings) -> None:
    with pytest.raises(ContentError, match="al een meegeleverd scenario"):
        save_scenario(settings, Scenario.model_validate(scenario(id="caseload-overleg")))


def test_one_wrong_file_hides_no_other(settings: Settings) -> None:
    folder = settings.corpus / "local" / "scenarios"
    folder.mkdir(parents=True)
    (folder / "stuk.yaml").write_text("id: [", encoding="utf-8")
    (folder / "proef.yaml").write_text(as_yaml(Scenario.model_validate(scenario())), encoding="utf-8")
    shelf = load_scenarios(settings)
    assert shelf.get("proef") is not None
    assert len(shelf.wrong) == 1 and shelf.wrong[0].startswith("stuk.yaml")


def test_the_most_votes_win_and_a_tie_is_nobodys() -> None:
    assert most_votes([1, 4, 2]) == 1
    assert most_votes([3, 3, 1]) is None
    assert most_votes([0, 0]) is None
    assert most_votes([]) is None


def test_a_session_on_paper_holds_choice_votes_and_sources() -> None:
    made = Scenario.model_validate(scenario())
    place = made.places[0]
    paper = session_paper(made, [Taken(decision="een", option=1, votes=(2, 5))], {place: "Gids cultuur"}, "1 mei 2026")
    assert paper.sections[1].items == ("een-a (2 stemmen)", "een-b (5 stemmen)")
    assert paper.sections[1].paragraphs[0] == "Gekozen: een-b"
    assert [source.text for source in paper.sources] == ["Gids cultuur"]
    assert to_pdf(paper).startswith(b"%PDF")
