"""The real laws, where they are at hand: the right law, the right version, and a municipality's rule beside it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.settings import load_settings
from assistant.sides import LOCAL_LABEL, NATIONAL_LABEL, REGIME_LABELS
from indexer.embedding import BundledEmbedder
from indexer.generation import build
from indexer.models import Regime

LOCAL = """# Werkinstructie PIP

## Binnen hoeveel weken maken wij het PIP?

Onze gemeente stelt het PIP vast binnen 12 weken nadat de klant in onze gemeente is ingeschreven.
"""


@pytest.fixture(scope="module")
def assistant(
    sources: Path, tmp_path_factory: pytest.TempPathFactory, embedder: BundledEmbedder
) -> Iterator[Assistant]:
    folder: Path = tmp_path_factory.mktemp("laws")
    (folder / "local").mkdir()
    (folder / "local" / "werkinstructie.md").write_text(LOCAL, encoding="utf-8")
    for work in ("BWBR0044770", "BWBR0045555", "BWBR0020611"):
        for path in (sources / "laws").glob(f"{work}_*.xml"):
            shutil.copy(path, folder)
    settings = load_settings(index=folder / "index")
    build(folder, settings.index, embedder, plain=settings.plain)
    made = Assistant(settings, embedder)
    yield made
    made.index().close()


@pytest.mark.parametrize(
    ("day", "version"), [(date(2023, 6, 1), date(2022, 1, 1)), (date(2026, 6, 1), date(2025, 10, 21))]
)
def test_the_version_of_the_day_answers(assistant: Assistant, day: date, version: date) -> None:
    answer = assistant.ask("Hoe lang heeft mijn klant om in te burgeren onder de Wi2021?", as_of=day)
    assert (answer.citations[0].locator, answer.citations[0].valid_from) == ("artikel 11, lid 1", version)


@pytest.mark.parametrize(("day", "there"), [(date(2023, 6, 1), False), (date(2026, 6, 1), True)])
def test_a_lid_that_came_later_answers_only_since(assistant: Assistant, day: date, there: bool) -> None:
    answer = assistant.ask("Mijn klant is doof, moet hij de leerbaarheidstoets doen?", as_of=day)
    assert any(c.locator.startswith("artikel 14, lid 6") for c in answer.citations) is there


def test_a_question_without_a_regime_is_answered_for_both(assistant: Assistant) -> None:
    answer = assistant.ask("Hoe lang heeft mijn klant om in te burgeren?", as_of=date(2026, 6, 1))
    # The work instruction may stand beside it: its term is about the plan and not about this, but it is near.
    assert answer.outcome in ("both_regimes", "local_differs", "local_too")
    first = {label: next(c for c in answer.claims if c.label == label) for label in REGIME_LABELS.values()}
    cited = {label: answer.citations[claim.citations[0] - 1].locator for label, claim in first.items()}
    assert cited == {
        REGIME_LABELS[Regime.WI2021]: "artikel 11, lid 1",
        REGIME_LABELS[Regime.WI2013]: "artikel 7b, lid 1",
    }


def test_beside_a_local_text_the_old_law_is_not_said_as_the_national_rule(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The new law answers far better here: both are not said, and the old one must not slip in under another label.
    evidence = assistant.weights.evidence.model_copy(update={"regime_margin": 0.0})
    monkeypatch.setattr(assistant, "weights", assistant.weights.model_copy(update={"evidence": evidence}))
    answer = assistant.ask("Hoe lang heeft mijn klant om in te burgeren?", as_of=date(2026, 6, 1))
    old = REGIME_LABELS[Regime.WI2013]
    cited = {(c.label, answer.citations[n - 1].source_id[:11]) for c in answer.claims for n in c.citations}
    assert answer.outcome in ("local_differs", "local_too")
    assert (NATIONAL_LABEL, "BWBR0044770") in cited
    assert not [label for label, work in cited if work == "BWBR0020611" and label != old]


def test_a_year_that_tells_the_regime_leaves_the_other_law_out(assistant: Assistant) -> None:
    answer = assistant.ask(
        "Hoe lang heeft mijn klant om in te burgeren? Hij is in 2019 inburgeringsplichtig geworden.",
        as_of=date(2026, 6, 1),
    )
    assert answer.regime is Regime.WI2013
    assert {c.source_id for c in answer.citations} == {"BWBR0020611@2021-12-31"}
    assert answer.citations[0].locator == "artikel 7b, lid 1"


def test_what_belongs_to_one_law_is_not_answered_for_two(assistant: Assistant) -> None:
    answer = assistant.ask("Hoeveel uur hoort bij de Z-route?", as_of=date(2026, 6, 1))
    assert "800" in answer.text
    assert answer.outcome in ("answered", "partial")


def test_a_local_term_that_is_not_the_law_s_is_shown_as_differing(assistant: Assistant) -> None:
    answer = assistant.ask("Binnen hoeveel weken moet het PIP klaar zijn?", as_of=date(2026, 6, 1))
    assert answer.claims[0].label == NATIONAL_LABEL
    assert "10 weken" in answer.claims[0].text
    assert ["12 weken" in c.text for c in answer.claims if c.label == LOCAL_LABEL] == [True]
    assert answer.outcome == "local_differs"
