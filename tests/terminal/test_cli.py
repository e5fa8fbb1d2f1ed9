"""The terminal contract: commands, exit codes, one clear sentence for every mistake."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

import cli
from assistant.models import Answer
from tests.model_server import Reply, as_json, number_of, serving
from tests.samples import write_corpus

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], cache: Path) -> Run:
    """Runs the program as a person would: arguments in; exit code, stdout and stderr out."""
    monkeypatch.setenv("LEIDRAAD_CACHE", str(cache))
    monkeypatch.setenv("COLUMNS", "200")

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["leidraad", *map(str, arguments)])
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


QUESTION = "Hoe lang duurt het spaargesprek?"


def test_index_says_what_it_made_of_each_document(run: Run, tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "c" if (tmp_path / "c").mkdir() is None else tmp_path)
    (corpus / "kapot.pdf").write_bytes(b"%PDF-1.7\nkapot")
    code, out, _ = run("index", "--corpus", corpus, "--index", tmp_path / "x")
    assert code == 0
    assert "BWBR0099001@2024-06-01" in out and "3 articles, 2 leden" in out and "3 pages" in out
    assert "Not indexed: kapot.pdf: is a broken PDF" in out
    code, out, _ = run("index", "--corpus", corpus, "--index", tmp_path / "x")
    assert (code, out.startswith("Nothing changed: 8 sources")) == (0, True)


def test_ask_prints_the_answer_model_as_json(run: Run, index_folder: Path) -> None:
    code, out, err = run("ask", QUESTION, "--json", "--index", index_folder)
    assert (code, err) == (0, "")
    answer = Answer.model_validate_json(out)
    assert set(json.loads(out)) == set(Answer.model_fields)
    assert "45 minuten" in answer.text and len(answer.evidence) >= 10


def test_ask_prints_answer_quote_and_place_for_people(run: Run, index_folder: Path) -> None:
    code, out, _ = run("ask", QUESTION, "--index", index_folder)
    assert code == 0
    assert "[1] Het spaargesprek: voorbereiden en voeren" in out and "“Het spaargesprek duurt 45 minuten" in out


def test_without_a_model_generative_mode_answers_from_the_sources_and_says_so(run: Run, index_folder: Path) -> None:
    code, out, _ = run("ask", QUESTION, "--mode", "generative", "--json", "--index", index_folder)
    answer = Answer.model_validate_json(out)
    assert (code, answer.mode.value) == (0, "extractive")
    assert answer.warnings == ("Er is geen taalmodel aangesloten. Dit antwoord bestaat uit zinnen uit de bronnen.",)


def test_a_refusal_is_exit_code_three(run: Run, index_folder: Path) -> None:
    assert run("ask", "Wat kost een rijbewijs B gemiddeld?", "--index", index_folder)[0] == 3
    assert run("ask", "", "--index", index_folder)[0] == 3


def test_as_of_chooses_the_version(run: Run, index_folder: Path) -> None:
    question = "Binnen hoeveel jaar moet de spaarplichtige aan de spaarplicht voldoen?"
    assert "vijf jaar" in run("ask", question, "--index", index_folder)[1]
    assert "drie jaar" in run("ask", question, "--as-of", "2023-01-01", "--index", index_folder)[1]


def test_a_batch_answers_every_line_under_its_id(run: Run, index_folder: Path, tmp_path: Path) -> None:
    questions = tmp_path / "in.jsonl"
    lines = [
        {"id": "a", "question": QUESTION},
        {"id": "b", "question": "Wat kost een rijbewijs B gemiddeld?"},
        {"id": "c", "question": "En voor elke volgende keer?", "as_of": "2023-01-01",
         "conversation": [{"question": "Hoe hoog is de boete voor het overslaan van een spaargesprek?"}]},
    ]  # fmt: skip
    questions.write_text("\n".join(map(json.dumps, lines)) + "\n", encoding="utf-8")
    code, _, err = run("ask", "--batch", questions, "--out", tmp_path / "out.jsonl", "--index", index_folder)
    assert (code, err) == (0, "")
    answers = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(a["id"], a["status"]) for a in answers] == [("a", "answered"), ("b", "refused"), ("c", "answered")]
    assert answers[2]["as_of"] == "2023-01-01" and "240" in answers[2]["text"]


def test_status_tells_what_serves(run: Run, index_folder: Path, tmp_path: Path) -> None:
    code, out, _ = run("status", "--json", "--index", index_folder)
    state = json.loads(out)
    assert (code, len(state["sources"]), state["fits_engine"]) == (0, 8, True)
    assert [s["holds_today"] for s in state["sources"] if s["id"].startswith("BWBR")] == [False, True]
    assert "does not hold today" in run("status", "--index", index_folder)[1]
    assert "make one with: leidraad index" in run("status", "--index", tmp_path / "geen")[1]


def test_fetch_brings_what_it_can_and_tells_what_it_cannot(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sources.toml").write_text('[[source]]\nbwb = "BWBR0044770"\n', encoding="utf-8")
    monkeypatch.setenv("LEIDRAAD_REPOSITORY", "http://example.org")
    code, out, err = run("fetch", "--corpus", tmp_path)
    assert code == 1
    assert "BWBR0044770 Wet inburgering 2021: not fetched" in out
    assert "manifest.xml' is not a safe address" in out
    assert "Traceback" not in err
    assert "names no official text 'x'" in run("fetch", "--corpus", tmp_path, "--only", "x")[2]


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["index", "--corpus", "nergens"], 1, "There is no folder nergens."),
        (["ask", "Wat?", "--index", "nergens"], 1, "There is no index in nergens"),
        (["ask"], 2, "Give a question, or --batch with --out."),
        (["ask", "Wat?", "--batch", "x.jsonl"], 2, "Give a question, or --batch with --out."),
        (["ask", "--batch", "x.jsonl"], 2, "--batch and --out go together."),
        (["ask", "Wat?", "--as-of", "gisteren"], 2, "'gisteren' is not a date; write it as 2023-01-31."),
        (["ask", "Wat?", "--mode", "gokken"], 2, "There is no mode 'gokken'"),
        (["eval", "--questions", "nergens", "--index", "nergens"], 1, "There are no known questions"),
        (["praat"], 2, "No such command 'praat'"),
    ],
)
def test_mistakes_are_one_sentence_and_no_traceback(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    got, out, err = run(*arguments)
    assert got == code
    assert sentence in " ".join(err.split())
    assert "Traceback" not in out + err


def test_a_batch_with_a_mistake_answers_nothing(run: Run, index_folder: Path, tmp_path: Path) -> None:
    questions = tmp_path / "in.jsonl"
    questions.write_text('{"id": "a", "question": "x"}\n{"vraag": 1}\n', encoding="utf-8")
    code, _, err = run("ask", "--batch", questions, "--out", tmp_path / "out.jsonl", "--index", index_folder)
    assert (code, "line 2: expected an object with id and question" in err) == (2, True)
    assert not (tmp_path / "out.jsonl").exists()


def test_eval_scores_known_questions(run: Run, index_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "q").mkdir()
    (tmp_path / "q" / "a.yaml").write_text(
        f'- {{id: a, question: "{QUESTION}", status: answered, gold: [gids-spaargesprek], must_state: ["45 min"]}}\n'
        '- {id: b, question: "Hoe bak ik een appeltaart?", status: refused}\n',
        encoding="utf-8",
    )
    code, out, _ = run("eval", "--questions", tmp_path / "q", "--index", index_folder, "--out", tmp_path / "r")
    assert code == 0
    assert "states every must-state fact      1.000 [1.000–1.000] n=1" in out
    results = json.loads((tmp_path / "r" / "results.json").read_text(encoding="utf-8"))
    cases = results["systems"][0]["cases"]
    assert results["schema_version"] == 2
    assert [(c["id"], c["ranks"][:1], c["status"]) for c in cases] == [("a", [1], "answered"), ("b", [], "refused")]
    assert (tmp_path / "r" / "report.html").exists() and (tmp_path / "r" / "summary.md").exists()
    (tmp_path / "q" / "a.yaml").write_text("- {id: a}\n", encoding="utf-8")
    assert "question 1" in run("eval", "--questions", tmp_path / "q", "--index", index_folder)[2]


def test_eval_with_a_model_prints_the_same_scores_with_tokens_cost_and_first_token(
    run: Run, index_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quote = "Het spaargesprek duurt 45 minuten en de consulent voert het gesprek op het gemeentehuis."
    (tmp_path / "q").mkdir()
    (tmp_path / "q" / "a.yaml").write_text(
        f'- {{id: a, question: "{QUESTION}", status: answered, gold: [gids-spaargesprek], must_state: ["45 min"]}}\n'
        '- {id: b, question: "Wie mag mee naar het spaargesprek?", status: answered, gold: [gids-spaargesprek]}\n'
        '- {id: c, question: "Hoe bak ik een appeltaart?", status: refused}\n',
        encoding="utf-8",
    )
    asked = ("eval", "--questions", tmp_path / "q", "--index", index_folder)
    code, extractive, err = run(*asked, "--out", tmp_path / "e")
    assert code == 0 and "model, " not in extractive, err
    with serving() as model:

        def script(payload: dict[str, object]) -> Reply:
            if number := number_of(payload, "duurt 45 minuten"):
                return Reply(text=as_json([("Het spaargesprek duurt 45 minuten.", [(number, quote)])]))
            return Reply(text="niets")

        model.script = script
        for name, value in (("URL", model.url), ("MODEL", "scripted"), ("PRICE_IN", "1"), ("PRICE_OUT", "2")):
            monkeypatch.setenv(f"LEIDRAAD_CHAT_{name}", value)
        code, out, _ = run(*asked, "--mode", "generative", "--out", tmp_path / "g")
    assert code == 0
    lines = {line[:34].strip(): line[34:] for line in out.splitlines()}
    labels = {line[:34].strip() for line in extractive.splitlines() if "[" in line}
    assert labels and labels <= set(lines), "the same scores"
    assert lines["quotes verbatim in their source"] and lines["states every must-state fact"].startswith("1.000")
    assert lines["model, in the model's words"] == "2/2 answers"
    assert lines["model, tokens read"] == "median 700, total 1400"
    assert lines["model, cost in euros"] == "median 0.0008, total 0.0016"
    assert lines["model, ms to first token"].startswith("p50 ")
    summary = (tmp_path / "g" / "summary.md").read_text(encoding="utf-8")
    assert "| leidraad-generative | tokens written | median 50, total 100 |" in summary
    assert "ms to first token" in (tmp_path / "g" / "report.html").read_text(encoding="utf-8")
    monkeypatch.delenv("LEIDRAAD_CHAT_URL")
    code, _, err = run(*asked, "--mode", "generative")
    assert code == 1 and "No language model is set" in err


def test_eval_checks_and_suggests(
    run: Run, index_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEIDRAAD_CORPUS", str(tmp_path / "corpus"))
    (tmp_path / "a.yaml").write_text(
        f'- {{id: a, question: "{QUESTION}", status: answered, gold: [gids-spaargesprek, {{source: gids-spaargesprek, '
        "heading: Weg}]}\n",
        encoding="utf-8",
    )
    code, out, _ = run("eval", "--check", "--questions", tmp_path, "--index", index_folder)
    assert (code, "a: no passage is gids-spaargesprek Weg" in out) == (1, True)
    code, out, _ = run("eval", "--suggest", "--questions", tmp_path, "--index", index_folder)
    (file,) = (tmp_path / "corpus" / "local" / "questions" / "suggested").glob("*.yaml")
    assert code == 0 and str(file) in out
    entries = yaml.safe_load(file.read_text(encoding="utf-8"))
    boete = next(e for e in entries if e["gold"] == [{"source": "BWBR0099001", "article": "2"}])
    assert boete["must_state"] == ["€ 120", "€ 240"]
    folder = tmp_path / "accepted"
    folder.mkdir()
    (folder / "own.yaml").write_text(yaml.safe_dump(entries), encoding="utf-8")
    assert run("eval", "--check", "--questions", folder, "--index", index_folder)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--baseline", "bing"], "There is no baseline 'bing'; choose bm25, dense, fused, plain or all."),
        (["--mode", "praat"], "There is no mode 'praat'"),
        (["--check", "--gate"], "do not go together"),
    ],
)
def test_eval_names_what_it_does_not_know(run: Run, arguments: list[str], sentence: str) -> None:
    code, _, err = run("eval", *arguments)
    assert (code, sentence in err) == (2, True)


def test_the_installed_command_shows_its_manual() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "leidraad", "--help"], capture_output=True, text=True, check=True
    )
    assert all(command in done.stdout for command in ("index", "status", "ask", "eval", "serve", "mcp", "keys"))


def test_keys_are_made_listed_and_ended(run: Run) -> None:
    code, key, _ = run("keys", "add", "zaaksysteem", "--collection", "besloten", "--per-minute", "5")
    assert code == 0 and key.startswith("leidraad_")
    identity = key.split("_")[1]
    out = run("keys", "list")[1]
    assert identity in out and "besloten, public" in out and key.split("_", 2)[2].strip() not in out
    assert "no longer works" in run("keys", "revoke", identity)[1]
    code, _, err = run("keys", "revoke", "nergens")
    assert (code, "There is no key 'nergens'" in err) == (1, True)


def test_an_address_that_is_taken_is_one_sentence(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, _, err = run("serve", "--api", "--port", taken.getsockname()[1])
    assert (code, "cannot listen on 127.0.0.1" in err, "Traceback" in err) == (1, True, False)


def test_ask_in_generative_mode_says_which_model_answered(
    run: Run, index_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quote = "Het spaargesprek duurt 45 minuten en de consulent voert het gesprek op het gemeentehuis."
    with serving() as model:
        model.script = lambda payload: Reply(
            text=as_json([("Het spaargesprek duurt 45 minuten.", [(number_of(payload, "duurt 45"), quote)])])
        )
        monkeypatch.setenv("LEIDRAAD_CHAT_URL", model.url)
        monkeypatch.setenv("LEIDRAAD_CHAT_MODEL", "scripted")
        code, out, err = run("ask", QUESTION, "--mode", "generative", "--json", "--index", index_folder)
    assert (code, err) == (0, "")
    answer = Answer.model_validate_json(out)
    assert (answer.mode.value, answer.model) == ("generative", "scripted")
    assert answer.usage is not None and answer.usage.tokens_in > 0 and answer.usage.first_token_ms


def test_a_backup_goes_out_and_comes_back_with_one_command_each(
    run: Run, index_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEIDRAAD_INDEX", str(index_folder))
    monkeypatch.setenv("LEIDRAAD_CORPUS", str(tmp_path / "corpus"))
    (tmp_path / "corpus").mkdir()
    file = tmp_path / "b.tar.gz"
    code, out, _ = run("backup", file)
    assert code == 0 and str(file) in out
    monkeypatch.setenv("LEIDRAAD_INDEX", str(tmp_path / "elders"))
    code, out, _ = run("restore", file)
    assert code == 0 and "Restored" in out
    assert run("ask", QUESTION)[0] == 0
    code, _, err = run("restore", tmp_path / "corpus" / "weg.tar.gz")
    assert code == 1 and "Traceback" not in err and err.count("\n") == 1
