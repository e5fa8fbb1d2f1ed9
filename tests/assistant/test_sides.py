"""A municipality's own rule stands beside the national one, labelled, never in its place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.models import Claim
from assistant.settings import load_settings
from assistant.sides import LOCAL_LABEL, NATIONAL_LABEL, differ
from indexer.embedding import BundledEmbedder
from indexer.generation import build
from indexer.models import Binding
from tests.samples import law

NARROWS = """# Werkinstructie spaarboete

## Hoe hoog is de boete in onze gemeente?

De boete voor het overslaan van een spaargesprek bedraagt in onze gemeente € 120 bij de eerste keer, en de consulent
belt de klant eerst op.
"""
CONTRADICTS = """# Werkinstructie spaartermijn

## Binnen welke termijn moet de klant sparen?

De spaarplichtige voldoet binnen tien jaar aan de spaarplicht.
"""
ALONE = """# Werkinstructie spaarlokaal

## Waar vindt de klant het spaarlokaal?

Het spaarlokaal voor de klant is op de derde verdieping van het stadhuis, naast de kantine.
"""


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory, embedder: BundledEmbedder) -> Iterator[Assistant]:
    corpus: Path = tmp_path_factory.mktemp("corpus")
    (corpus / "local").mkdir()
    (corpus / "wet.xml").write_text(law(), encoding="utf-8")
    for name, text in (("boete", NARROWS), ("termijn", CONTRADICTS), ("lokaal", ALONE)):
        (corpus / "local" / f"{name}.md").write_text(text, encoding="utf-8")
    build(corpus, corpus.parent / "index-sides", embedder)
    made = Assistant(load_settings(index=corpus.parent / "index-sides"), embedder)
    yield made
    made.index().close()


def test_a_narrower_local_rule_stands_after_the_law(assistant: Assistant) -> None:
    answer = assistant.ask("Hoe hoog is de boete voor het overslaan van een spaargesprek?")
    labels = [claim.label for claim in answer.claims]
    assert labels == sorted(labels, key=[NATIONAL_LABEL, LOCAL_LABEL].index)
    assert set(labels) == {NATIONAL_LABEL, LOCAL_LABEL}
    assert answer.citations[0].binding is Binding.LAW
    assert "€ 240" in answer.text and "belt de klant eerst op" in answer.text
    assert answer.outcome == "local_too"


def test_a_local_text_that_contradicts_the_law_is_shown_as_differing(assistant: Assistant) -> None:
    answer = assistant.ask("Binnen hoeveel jaar moet de spaarplichtige aan de spaarplicht voldoen?")
    first = answer.claims[0]
    assert (first.label, "drie jaar" in first.text) == (NATIONAL_LABEL, True)
    assert answer.outcome == "local_differs"
    assert "noemt hier iets anders dan de landelijke regel" in answer.text
    assert "tien jaar" not in "".join(c.text for c in answer.claims if c.label != LOCAL_LABEL)


def test_what_only_the_municipality_arranges_is_said_to_be_its_own(assistant: Assistant) -> None:
    answer = assistant.ask("Waar vindt mijn klant het spaarlokaal?")
    assert answer.outcome == "local_only"
    assert {claim.label for claim in answer.claims} == {LOCAL_LABEL}
    assert "eigen beleid van uw gemeente" in answer.text


def test_what_lies_well_further_than_the_local_text_is_not_the_national_rule(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = "Hoe hoog is de boete voor het overslaan van een spaargesprek?"
    assert assistant.ask(asked).outcome == "local_too"
    # Now the national text counts as far from it.
    evidence = assistant.weights.evidence.model_copy(update={"national_margin": -1.0})
    monkeypatch.setattr(assistant, "weights", assistant.weights.model_copy(update={"evidence": evidence}))
    answer = assistant.ask(asked)
    assert answer.outcome == "local_only"
    assert {claim.label for claim in answer.claims} == {LOCAL_LABEL}
    assert "niet gevonden" in answer.text


@pytest.mark.parametrize(
    ("national", "local", "expected"),
    [
        ("Binnen tien weken.", "Binnen 12 weken.", True),
        ("Binnen tien weken.", "Binnen 10 weken na de intake.", False),
        ("Binnen tien weken.", "Een boete van € 50.", False),
        ("De boete is € 1.800 of € 120.", "De boete is 120 euro.", False),
        ("Ten hoogste 20%.", "Ten hoogste 30 procent.", True),
        ("De gemeente beslist.", "De consulent beslist.", False),
    ],
)
def test_numbers_of_one_unit_that_share_nothing_differ(national: str, local: str, expected: bool) -> None:
    claims = [
        Claim(text=national, citations=(1,), label=NATIONAL_LABEL),
        Claim(text=local, citations=(2,), label=LOCAL_LABEL),
    ]
    assert differ(claims) is expected
