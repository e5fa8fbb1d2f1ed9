"""Places that an assessor judged right go into a file of questions and leave the rest of it as it was."""

from __future__ import annotations

import yaml

from evals.questions import KnownQuestion
from tools.pool_passages import with_places

FILE = """# A comment that stays.
- id: test-a-1
  question: "Wie beslist?"
  status: answered
  gold:
    - {source: BWBR0044770, article: "3", lid: "1"}
  must_state: ["college"]
- id: test-a-2
  question: "Hoe lang?"
  status: answered
  must_state: ["drie jaar"]
  gold:
    - {source: BWBR0044770, article: "11", lid: "1"}
"""
GUIDE = {"source": "inburgering-termijn", "heading": "Hoe lang: drie jaar?", "judged": True}


def test_places_are_added_to_the_gold_of_their_question_only() -> None:
    text = with_places(FILE, {"test-a-1": [GUIDE], "test-a-2": [GUIDE, GUIDE]})
    first, second = (KnownQuestion.model_validate(entry) for entry in yaml.safe_load(text))
    assert [gold.judged for gold in first.gold] == [False, True]
    assert [gold.judged for gold in second.gold] == [False, True, True]
    assert first.gold[1].heading == "Hoe lang: drie jaar?"
    assert first.must_state == ("college",)
    assert [line for line in text.splitlines() if "judged" not in line] == FILE.splitlines()


def test_the_places_that_the_writer_named_stay_apart() -> None:
    entry = yaml.safe_load(with_places(FILE, {"test-a-1": [GUIDE]}))[0]
    assert [gold.article for gold in KnownQuestion.model_validate(entry).written] == ["3"]


def test_a_file_without_judgements_stays_as_it_is() -> None:
    assert with_places(FILE, {}) == FILE


def test_gold_on_one_line_grows_on_that_line() -> None:
    short = FILE.replace('gold:\n    - {source: BWBR0044770, article: "3", lid: "1"}', "gold: [{source: gids}]")
    entry = yaml.safe_load(with_places(short, {"test-a-1": [GUIDE]}))[0]
    assert [(gold.source, gold.judged) for gold in KnownQuestion.model_validate(entry).gold] == [
        ("gids", False),
        ("inburgering-termijn", True),
    ]
