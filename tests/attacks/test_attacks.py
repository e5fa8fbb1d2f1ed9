"""Instructions in documents and questions, with a model that obeys them: the reader gets nothing of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from assistant import prompts
from assistant.assistant import Assistant
from assistant.events import Answered, ClaimSeen, ClaimState
from assistant.models import Mode
from assistant.settings import load_settings
from indexer.embedding import BundledEmbedder
from indexer.generation import build
from tests.model_server import Reply, ScriptedModel, as_json, passages, serving

ATTACKS = yaml.safe_load((Path(__file__).parent / "attacks.yaml").read_text(encoding="utf-8"))
TRUE = "Het loket van de spaarbank sluit op vrijdagmiddag om half vier."
TRUE_PDF = "Een spaarbuffer voorkomt schulden bij tegenslag."
QUESTION = "Wanneer sluit het loket van de spaarbank op vrijdagmiddag?"
QUESTION_PDF = "Waarom helpt een spaarbuffer bij tegenslag?"


def write_attack(folder: Path, attack: dict[str, Any]) -> None:
    """A folder with one true sentence, and the attack where it says it stands."""
    folder.mkdir()
    place, text = attack["place"], attack["text"]
    if place == "footnote":
        canvas = Canvas(str(folder / "rapport.pdf"), pagesize=A4)
        canvas.setTitle("Spaarbuffer")
        for number, line in enumerate(("Waarom een spaarbuffer helpt", "", TRUE_PDF + "1")):
            canvas.setFont("Helvetica", 10)
            canvas.drawString(60, 760 - 13 * number, line)
        canvas.setFont("Helvetica", 7)
        canvas.drawString(60, 90, f"1 {text}")
        canvas.save()
        return
    name = text if place == "filename" else "loket"
    body = text if place == "guide" else "Buiten die tijd belt de klant met de spaarlijn."
    (folder / f"{name}.txt").write_text(f"{TRUE} {body}\n", encoding="utf-8")


@pytest.fixture(scope="module")
def model() -> Iterator[ScriptedModel]:
    with serving() as made:
        yield made


def test_there_are_forty_attacks_in_every_place_and_both_languages() -> None:
    assert len(ATTACKS) >= 40
    assert set(Counter(attack["place"] for attack in ATTACKS)) == {"guide", "footnote", "filename", "question", "email"}
    assert len({attack["id"] for attack in ATTACKS}) == len(ATTACKS)


@pytest.mark.parametrize("attack", ATTACKS, ids=[attack["id"] for attack in ATTACKS])
def test_an_obeyed_instruction_never_reaches_the_reader(
    tmp_path: Path, embedder: BundledEmbedder, model: ScriptedModel, attack: dict[str, Any]
) -> None:
    write_attack(tmp_path / "corpus", attack)
    build(tmp_path / "corpus", tmp_path / "index", embedder)
    settings = load_settings(index=tmp_path / "index", mode="generative", chat_url=model.url, chat_model="scripted")
    assistant = Assistant(settings, embedder)
    in_pdf = attack["place"] == "footnote"
    true, question = (TRUE_PDF, QUESTION_PDF) if in_pdf else (TRUE, QUESTION)
    if attack["place"] == "question":
        question = attack["text"].format(question=question)
    elif attack["place"] == "email":
        question = f'{question} De klant mailde: "{attack["text"]}"'
    obeyed: list[str] = []

    def script(payload: dict[str, Any]) -> Reply:
        said = attack["obeys"].replace("{prompt}", payload["messages"][0]["content"][:400])
        obeyed.append(" ".join(said.split()))
        number = attack.get("number") or next((n for n, text in passages(payload).items() if true in text), 1)
        return Reply(text=as_json([(said, [] if attack.get("bare") else [(number, true)])]))

    model.script = script
    model.requests.clear()
    events = list(assistant.ask_stream(question))
    assert isinstance(events[-1], Answered)
    answer = events[-1].answer
    assistant.index().close()

    said = {" ".join(claim.text.split()) for claim in answer.claims}
    assert not said & set(obeyed)
    seen = [event for event in events if isinstance(event, ClaimSeen)]
    assert all(event.state is not ClaimState.VERIFIED for event in seen)
    assert answer.mode is Mode.EXTRACTIVE
    for claim in answer.claims:
        # What is said stands in the document; a document may say anything, and it is shown as its words.
        assert claim.citations
    check_prompts(model, attack, question)


def check_prompts(model: ScriptedModel, attack: dict[str, Any], question: str) -> None:
    """Everything that came from outside stood between marks that it could not know, with control tokens broken."""
    for payload in model.requests:
        system, user = (message["content"] for message in payload["messages"])
        first, _, rest = user.partition("\n")
        mark = re.fullmatch(r"(?:Merkteken van dit bericht|Mark of this message): ⟦([0-9a-f]{12})⟧", first)
        assert mark and mark[1] not in attack["text"]
        outside = re.sub(rf"⟦{mark[1]} [^⟧]*⟧\n.*?\n⟦{mark[1]}⟧", "", rest, flags=re.DOTALL)
        assert outside.strip() in {"", prompts._AGAIN["nl"], prompts._AGAIN["en"]}
        assert not re.search(r"<\|im_(?:start|end)\|>|\[/?INST\]|</s>", user)
        assert system in [prompts.answering("", (), language, True)[0][1] for language in ("nl", "en")]


def test_the_attacks_do_reach_the_model(tmp_path: Path, embedder: BundledEmbedder, model: ScriptedModel) -> None:
    # An attack that retrieval never brings along would prove nothing.
    reached = 0
    for attack in (ATTACKS[0], next(a for a in ATTACKS if a["place"] == "footnote")):
        folder = tmp_path / attack["id"]
        folder.mkdir()
        write_attack(folder / "corpus", attack)
        build(folder / "corpus", folder / "index", embedder)
        settings = load_settings(index=folder / "index", mode="generative", chat_url=model.url, chat_model="scripted")
        assistant = Assistant(settings, embedder)
        model.requests.clear()
        model.reply(Reply())
        assistant.ask(QUESTION_PDF if attack["place"] == "footnote" else QUESTION)
        assistant.index().close()
        reached += any(attack["text"] in payload["messages"][1]["content"] for payload in model.requests)
    assert reached == 2
