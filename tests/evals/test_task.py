"""Tasks, runs and their comparison, over the small index."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from assistant.assistant import Assistant
from assistant.models import Status
from assistant.records import Records
from assistant.runs import Case, Run, RunError, Runs, read_run
from assistant.settings import load_settings
from evals import report, summary
from evals.compare import compare, told
from evals.judge import Judge
from evals.questions import KnownQuestion, load_questions
from evals.run import PARTIAL, Options, Partial, run, stored
from evals.scorers import Scorer, Seen
from evals.systems import BASELINES, Leidraad, baseline, fuse
from evals.task import Task, figures

QUESTIONS = """
- {id: a, question: "Hoe lang duurt het spaargesprek?", status: answered, gold: [gids-spaargesprek], kind: number,
   topic: gesprek, must_state: ["45 minuten"]}
- {id: b, question: "Hoe bak ik een appeltaart met rabarber?", status: refused, topic: buiten}
- {id: c, question: "Wie mag er mee naar het spaargesprek?", status: answered, gold: [gids-spaargesprek],
   topic: gesprek, must_state: ["olifant"]}
- {id: test-d, question: "Binnen hoeveel dagen beslist het wijkteam over de spaarcoach?", status: answered,
   gold: [spaarcoach], topic: coach, must_state: ["giraffe"]}
- {id: e, question: "Mijn klant met BSN 111222333 wil een spaargesprek, hoe lang duurt dat?", status: answered,
   gold: [gids-spaargesprek], kind: personal_data, topic: gesprek}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of known questions."""
    made = tmp_path / "questions"
    made.mkdir()
    (made / "a.yaml").write_text(QUESTIONS, encoding="utf-8")
    return made


@pytest.fixture
def lines() -> list[str]:
    """What a run said."""
    return []


def done(folder: Path, index_folder: Path, cache: Path, lines: list[str], **given: object) -> bool:
    settings = load_settings(index=index_folder, cache=cache)
    return run(settings, Options(questions=folder, **given), lines.append)  # type: ignore[arg-type]


def test_a_run_is_written_kept_and_told(
    folder: Path, index_folder: Path, cache: Path, lines: list[str], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert done(folder, index_folder, cache, lines, out=out, baselines=BASELINES)
    run_ = read_run(out)
    assert [system.name for system in run_.systems] == ["leidraad-extractive", *BASELINES]
    assert [case.id for case in run_.systems[0].cases] == ["a", "b", "c", "test-d", "e"]
    said = "\n".join(lines)
    for label in (
        "right passage in the first 5      1.000 [1.000–1.000] n=3",
        "plain baseline, first 1",
        "states every must-state fact      0.500",
        "quotes verbatim in their source",
        "personal data not masked          0/1",
        "masked where nothing is personal  0/3",
        "milliseconds, verification",
    ):
        assert label in said
    assert not (out / PARTIAL).exists()
    records = Records(load_settings().records)
    kept = Runs(records)
    assert [one.id for one in kept.list()] == [run_.id]
    assert kept.get(run_.id) == run_ and kept.get("geen") is None
    records.close()
    assert stored(load_settings(), run_.id) == run_
    page = (out / "report.html").read_text(encoding="utf-8")
    assert page.count("<svg") >= 6 and "<script" not in page and "http://" not in page.replace("http://www.w3.org", "")
    assert "olifant" in page and run_.made.generation in page
    assert "| states every must-state fact |" in (out / "summary.md").read_text(encoding="utf-8")


def test_the_answer_to_a_test_question_shows_nowhere(
    folder: Path, index_folder: Path, cache: Path, lines: list[str], tmp_path: Path
) -> None:
    # Alone: another question's answer may hold the same fact.
    alone = [entry for entry in yaml.safe_load(QUESTIONS) if entry["id"] == "test-d"]
    (folder / "a.yaml").write_text(yaml.safe_dump(alone), encoding="utf-8")
    out = tmp_path / "out"
    done(folder, index_folder, cache, lines, out=out)
    text = next(c for c in read_run(out).systems[0].cases if c.id == "test-d").text
    assert text == ""
    everything = "\n".join(lines) + "".join(path.read_text(encoding="utf-8") for path in out.iterdir())
    assert "veertien dagen" not in everything
    assert "  test-d  " in everything and "test-d" in (out / "report.html").read_text(encoding="utf-8")
    done(folder, index_folder, cache, lines, out=out, show_test=True)
    assert "veertien dagen" in (out / "report.html").read_text(encoding="utf-8")


def test_the_same_run_twice_is_the_same_but_for_its_times(assistant: Assistant, folder: Path) -> None:
    judge = Judge(assistant.index())

    def once(jobs: int) -> object:
        found = Task(load_questions(folder), [Leidraad(assistant)]).run(judge, jobs)
        return (
            [case.model_copy(update={"timings_ms": {}}) for case in found[0].cases],
            figures(found, seed=7),
        )

    assert once(1) == once(3)


def test_a_run_that_was_broken_off_goes_on_where_it_was(assistant: Assistant, folder: Path, tmp_path: Path) -> None:
    questions = load_questions(folder)
    judge = Judge(assistant.index())
    file = tmp_path / PARTIAL

    class Broken(Exception):
        pass

    def breaks(system: str, case: Case) -> None:
        partial.add(system, case)
        if case.id == "b":
            raise Broken

    with Partial(file, "key", resume=True) as partial, pytest.raises(Broken):
        Task(questions, [Leidraad(assistant)]).run(judge, on_case=breaks)
    file.write_text(file.read_text(encoding="utf-8") + '{"system": "leidraad-ex', encoding="utf-8")
    asked = []
    with Partial(file, "key", resume=True) as partial:
        assert [identity for _, identity in partial.done] == ["a", "b"]
        (whole,) = Task(questions, [Leidraad(assistant)]).run(
            judge, done=partial.done, on_case=lambda _, case: asked.append(case.id)
        )
    assert asked == ["c", "test-d", "e"] and len(whole.cases) == 5
    with Partial(file, "another index", resume=True) as partial:
        assert partial.done == {}


def test_a_scorer_is_a_function_and_can_be_added(assistant: Assistant, folder: Path) -> None:
    def short(seen: Seen) -> float | None:
        return None if seen.answer is None or not seen.answerable else float(len(seen.answer.text) < 5_000)

    found = Task(load_questions(folder), [Leidraad(assistant)], [Scorer("short", "short", short)]).run(
        Judge(assistant.index())
    )
    (figure,) = [f for f in figures(found, [Scorer("short", "short", short)]) if f.set == "dev" and not f.by]
    assert (figure.mean, figure.n) == (1.0, 3)
    groups = {(f.by, f.group): f.n for f in figures(found, [Scorer("short", "short", short)]) if f.by}
    assert groups == {("topic", "gesprek"): 3}


def test_two_runs_are_compared_question_by_question() -> None:
    def case(name: str, value: float, alarm: float = 0.0) -> Case:
        values = {"answers": value, "false_alarm": alarm}
        return Case(id=name, set="dev", question=name, expected=Status.ANSWERED, values=values)

    before = [case(f"q{n}", 0.0) for n in range(6)] + [case("same", 1.0), case("gone", 1.0)]
    after = [case(f"q{n}", 1.0) for n in range(6)] + [case("same", 1.0, 1.0), case("new", 0.0)]
    answers, alarm = compare(before, after)
    assert (answers.n, answers.better, answers.worse) == (7, tuple(f"q{n}" for n in range(6)), ())
    assert answers.p == pytest.approx(2 / 64) and "significant" in str(answers)
    assert (alarm.better, alarm.worse) == ((), ("same",)) and "can be chance" in str(alarm)
    assert "    worse: same" in told([alarm])


def test_a_compared_run_is_told_and_a_missing_one_is_a_sentence(
    folder: Path, index_folder: Path, cache: Path, lines: list[str], tmp_path: Path
) -> None:
    out = tmp_path / "first"
    done(folder, index_folder, cache, lines, out=out)
    done(folder, index_folder, cache, lines, out=tmp_path / "second", compare=str(out))
    assert any("answers what the sources answer" in line and "better 0, worse 0" in line for line in lines)
    assert "Compared with" in (tmp_path / "second" / "report.html").read_text(encoding="utf-8")
    with pytest.raises(RunError, match="no stored run 'nergens'"):
        done(folder, index_folder, cache, lines, compare="nergens")
    (out / "results.json").write_text('{"scores": []}', encoding="utf-8")
    with pytest.raises(RunError, match="is not a run of this version"):
        read_run(out)


@pytest.mark.parametrize("name", BASELINES)
def test_every_baseline_finds_what_is_plainly_there(name: str, assistant: Assistant) -> None:
    question = KnownQuestion.model_validate(
        {
            "id": "a",
            "question": "Hoeveel minuten duurt het spaargesprek?",
            "status": "answered",
            "gold": ["gids-spaargesprek"],
        }
    )
    found = baseline(name, assistant.index(), assistant.embedder).respond(question, Judge(assistant.index()))
    assert found.answer is None and found.ranks and found.ranks[0] <= 3


def test_fusion_adds_what_both_find() -> None:
    assert fuse([["a", "b"], ["b", "c"]]) == ["b", "a", "c"]


def test_the_worst_come_first_and_markup_in_a_question_stays_text(assistant: Assistant) -> None:
    question = KnownQuestion.model_validate(
        {"id": "x", "question": "<script>alert(1)</script> Hoe lang duurt het spaargesprek?", "status": "refused"}
    )
    found = Task([question], [Leidraad(assistant)]).run(Judge(assistant.index()))
    base = read_only(found)
    assert [case.id for case in report.worst(base.systems[0].cases)] == ["x"]
    page = report.html(base)
    assert "<script" not in page and "&lt;script&gt;" in page
    assert summary.to_look_at(base)[1].startswith("  x  ")


def read_only(found: object) -> Run:
    """A run around cases that are at hand."""
    from tests.evals.stored import made

    return Run(id="r", made=made(), seconds=1.0, systems=found, figures=figures(found))  # type: ignore[arg-type]
