"""The scenarios that ship: enough of them, whole, and every feedback rests on a place that exists and says it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from guide_texts import CORPUS, facts
from place_texts import all_said, in_guide

from assistant.content import as_yaml, read_content
from assistant.scenarios import END, Scenario, Theme, Worth

FILES = sorted((CORPUS / "scenarios").glob("*.yaml"))
each = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def test_there_are_enough_of_each_theme() -> None:
    themes = [read_content(path, Scenario).theme for path in FILES]
    assert len(themes) >= 14
    assert themes.count(Theme.INTERCULTURAL) >= 7 and themes.count(Theme.GENDER) >= 6 and Theme.MIXED in themes


@each
def test_it_is_whole_and_named_as_its_file(path: Path) -> None:
    scenario = read_content(path, Scenario)
    assert scenario.id == path.stem
    assert all(len(d.options) >= 2 and any(o.worth is Worth.STRONG for o in d.options) for d in scenario.decisions)
    assert any(o.worth is not Worth.STRONG for d in scenario.decisions for o in d.options)


@each
def test_every_feedback_rests_on_places_that_say_its_numbers(path: Path) -> None:
    for decision in read_content(path, Scenario).decisions:
        for option in decision.options:
            said = all_said(place for place in option.based_on if in_guide(place))
            missing = facts(option.feedback) - facts(said)
            assert not missing, (option.text, missing)


@each
def test_the_best_choice_does_not_always_stand_in_the_same_place(path: Path) -> None:
    firsts = [d.options[0].worth is Worth.STRONG for d in read_content(path, Scenario).decisions]
    assert not all(firsts), "the best choice always stands first"


@each
def test_a_shipped_scenario_names_no_country_or_people(path: Path) -> None:
    told = path.read_text(encoding="utf-8").casefold().replace("in nederland", "").replace("nederlands", "")
    for word in ("syri", "eritre", "somal", "afgha", "irak", "iran", "turk", "arab", "afrika", "moslim", "christen"):
        assert word not in told, word


@each
def test_what_is_written_reads_back_the_same(path: Path) -> None:
    scenario = read_content(path, Scenario)
    again = Scenario.model_validate(yaml.safe_load(as_yaml(scenario)))
    assert again == scenario
    assert json.loads(again.model_dump_json())["decisions"][0]["options"][0]["based_on"]


@each
def test_every_way_through_ends_within_its_decisions(path: Path) -> None:
    scenario = read_content(path, Scenario)
    ways = [[scenario.decisions[0].id]]
    ends = 0
    while ways:
        way = ways.pop()
        for number in range(len(scenario.decision(way[-1]).options)):
            goal = scenario.after(way[-1], number)
            if goal == END:
                ends += 1
            else:
                assert goal not in way
                ways.append([*way, goal])
    assert ends >= 2
