"""Planted regressions: each is caught by the gate, and the questions that fell are named."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from assistant import verification
from assistant.models import Citation, Claim, Status
from assistant.runs import Case
from assistant.settings import Settings, load_settings, load_weights
from evals import gate
from evals.gate import GateError, judge_cases, load_gate, raised, write_gate
from evals.gate_run import chosen, run_gate
from evals.lies import lied
from evals.making import prompts_hash
from evals.questions import load_questions
from indexer.embedding import BundledEmbedder
from tests.samples import law

# Words that only the plain layer knows: meaning alone cannot find what they lead to.
LAYER = """
work = "BWBR0099001"
version = "2022-01-01"

[[place]]
article = "1"
lid = "1"
questions = ["wat is de olifantenregel", "wat houdt de olifantenregel in"]

[[place]]
article = "1"
lid = "2"
questions = ["wanneer krijgt iemand een pindapas", "wat is een pindapas"]

[[place]]
article = "2"
questions = ["hoeveel kost een citroenkaart", "wat is de prijs van een citroenkaart"]
"""
QUESTIONS = """
- {id: gesprek, question: "Hoe lang duurt het spaargesprek?", status: answered, gold: [gids-spaargesprek],
   must_state: ["45 minuten"]}
- {id: termijn, question: "Binnen hoeveel jaar moet de spaarplichtige aan de spaarplicht voldoen?", kind: dated,
   status: answered, gold: [{source: BWBR0099001, article: "1", lid: "1"}], must_state: ["vijf jaar"]}
- {id: coach, question: "Binnen hoeveel dagen beslist het wijkteam over de aanvraag van een spaarcoach?",
   status: answered, gold: [spaarcoach], must_state: ["veertien dagen"]}
- {id: boete, question: "Hoe hoog is de boete voor het overslaan van een spaargesprek?", status: answered,
   gold: [{source: BWBR0099001, article: "2"}], must_state: ["120"]}
- {id: olifant, question: "Wat is de olifantenregel?", status: answered,
   gold: [{source: BWBR0099001, article: "1", lid: "1"}], must_state: ["vijf jaar"]}
- {id: pinda, question: "Wanneer krijgt iemand een pindapas?", status: answered,
   gold: [{source: BWBR0099001, article: "1", lid: "2"}], must_state: ["zes maanden"]}
- {id: citroen, question: "Hoeveel kost een citroenkaart?", status: answered,
   gold: [{source: BWBR0099001, article: "2"}], must_state: ["120"]}
- {id: taart, question: "Hoe bak ik een appeltaart met rabarber?", status: refused}
"""


@dataclass(frozen=True)
class Home:
    """A small installation with a gate that was raised over it."""

    settings: Settings
    questions: Path
    file: Path
    nowhere: Path

    def run(self, lines: list[str], *, raise_: bool = False) -> bool:
        return run_gate(
            self.settings, lines.append, texts=self.nowhere, questions=self.questions, file=self.file, raise_=raise_
        )


@pytest.fixture(scope="module")
def raised_home(
    corpus: Path, index_folder: Path, cache: Path, embedder: BundledEmbedder, tmp_path_factory: pytest.TempPathFactory
) -> Home:
    """The small corpus with a layer in plain words, its questions and its gate."""
    folder = tmp_path_factory.mktemp("gate")
    own = shutil.copytree(corpus, folder / "corpus")
    questions = folder / "questions"
    questions.mkdir()
    (questions / "dev.yaml").write_text(QUESTIONS, encoding="utf-8")
    (own / "plain").mkdir()
    (own / "plain" / "sparen.toml").write_text(LAYER, encoding="utf-8")
    settings = load_settings(corpus=own, index=index_folder, cache=cache, evals=folder / "evals")
    home = Home(settings, questions, folder / "gate.toml", folder / "nowhere")
    assert home.run([], raise_=True)
    return home


@pytest.fixture
def home(raised_home: Home, tmp_path: Path) -> Home:
    """The same with a corpus of its own, to plant something in."""
    own = shutil.copytree(raised_home.settings.corpus, tmp_path / "corpus")
    settings = raised_home.settings.model_copy(update={"corpus": own})
    return replace(raised_home, settings=settings, file=Path(shutil.copy(raised_home.file, tmp_path)))


@pytest.fixture
def lines() -> list[str]:
    """What the gate said."""
    return []


def test_what_did_not_change_passes(home: Home, lines: list[str]) -> None:
    assert home.run(lines)
    assert any("states every must-state fact 1.000" in line for line in lines)
    assert any("planted lies stopped 1.000" in line for line in lines)
    assert any("laws: left out" in line for line in lines)


def test_a_source_that_is_gone_is_caught(home: Home, lines: list[str]) -> None:
    (home.settings.corpus / "spaarcoach.html").unlink()
    assert not home.run(lines)
    assert "gate, corpus: the sources that answer these questions are gone: coach" in lines


def test_the_old_law_as_the_current_one_is_caught(home: Home, lines: list[str]) -> None:
    old = law(day="2024-06-01", term="drie")
    (home.settings.corpus / "wetten" / "BWBR0099001_2024-06-01_0.xml").write_text(old, encoding="utf-8")
    assert not home.run(lines)
    assert "gate, corpus: these must stay right (the law that holds, personal data)" in lines
    assert any(line.startswith("    fell: termijn") for line in lines)


def test_finding_by_meaning_alone_is_caught(home: Home, lines: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    weights = load_weights()
    alone = weights.finding.model_copy(update={"stems": 0.0, "bridge": 0.0, "front": 0})
    monkeypatch.setattr("assistant.assistant.load_weights", lambda: weights.model_copy(update={"finding": alone}))
    assert not home.run(lines)
    fell = {line.split()[1] for line in lines if line.startswith("    fell: ")}
    assert fell and fell <= {"olifant", "pinda", "citroen"}


def test_verification_switched_off_is_caught(home: Home, lines: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def off(
        claims: list[Claim], citations: list[Citation], *_: object
    ) -> tuple[list[Claim], list[Citation], list[str]]:
        return claims, citations, []

    monkeypatch.setattr(verification, "verify", off)
    assert not home.run(lines)
    assert any("planted lies stopped" in line and "is under 1.000" in line for line in lines)


def test_a_prompt_that_was_not_measured_is_caught(home: Home, lines: list[str], tmp_path: Path) -> None:
    (tmp_path / "prompts.py").write_text('ANSWER = "Antwoord alleen uit de passages."', encoding="utf-8")
    before = prompts_hash(tmp_path)
    (tmp_path / "prompts.py").write_text('ANSWER = "Antwoord vrijuit."', encoding="utf-8")
    assert before != prompts_hash(tmp_path) != ""
    write_gate(before, {}, home.file)
    assert not home.run(lines)
    assert any("prompts are not those that were last measured" in line for line in lines)


def test_the_gate_is_raised_to_just_under_what_is_reached(home: Home) -> None:
    half = load_gate(home.file).corpus
    assert set(half.questions) == {"gesprek", "termijn", "coach", "boete", "olifant", "pinda", "citroen", "taart"}
    assert (half.kept, half.thresholds["states_facts"]) == (("termijn",), 0.857)
    assert half.thresholds["quotes_verbatim"] == half.thresholds[gate.LIES] == 1.0


def test_what_was_wrong_already_is_not_called_fallen(tmp_path: Path) -> None:
    cases = [_case("a", 1.0), _case("b", 0.0), *(_case(f"c{n}", 1.0) for n in range(8))]
    half = raised(cases)
    assert half.wrong == {"b": ("answers",)} and half.thresholds["answers"] == 0.8
    write_gate("", {"corpus": half}, tmp_path / "gate.toml")
    own = load_gate(tmp_path / "gate.toml")
    assert own.corpus == half
    one = judge_cases(own, "corpus", [_case("a", 0.0), *cases[1:]])
    assert one.passed and "right before, not now: a" in one.lines[0]
    two = judge_cases(own, "corpus", [_case("a", 0.0), *cases[1:-1], _case("c7", 0.0)])
    assert two.fell == {"answers": ("a", "c7")}
    assert not judge_cases(own, "corpus", cases[:-1]).passed
    assert judge_cases(own, "corpus", cases[:-1], whole=False).passed
    lies = {"corpus": half.model_copy(update={"thresholds": {**half.thresholds, gate.LIES: 1.0}})}
    write_gate("", lies, tmp_path / "gate.toml")
    own = load_gate(tmp_path / "gate.toml")
    assert judge_cases(own, "corpus", cases, whole=False).passed
    assert judge_cases(own, "corpus", cases).fell == {gate.LIES: ()}


def test_a_broken_gate_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "gate.toml").write_text("[corpus]\nvragen = 3\n", encoding="utf-8")
    with pytest.raises(GateError, match="cannot be read as a gate"):
        load_gate(tmp_path / "gate.toml")


def test_the_shipped_gate_asks_questions_that_exist() -> None:
    known = {question.id for question in load_questions() if question.set == "dev"}
    shipped = load_gate()
    for half in (shipped.corpus, shipped.laws):
        assert half.questions and set(half.questions) <= known
        assert all(half.thresholds[name] == 1.0 for name in gate.ALWAYS if name in half.thresholds)
        assert {"quotes_verbatim", "answers", "refuses", "states_facts"} <= set(half.thresholds)


def test_every_kind_of_question_over_laws_is_in_the_gate() -> None:
    questions = [question for question in load_questions() if question.over == "sources"]
    picked = chosen(questions, "laws")
    assert {question.kind for question in picked} == {question.kind for question in questions}
    assert len(picked) < len(questions) / 2


def test_a_lie_keeps_its_place() -> None:
    assert lied("binnen tien weken, artikel 14") == "binnen acht weken, artikel 47"
    assert lied("geen getal") == "geen getal"


def _case(name: str, value: float) -> Case:
    return Case(id=name, set="dev", question=name, expected=Status.ANSWERED, values={"answers": value})
