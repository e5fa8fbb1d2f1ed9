"""The page Kwaliteit over stored runs, remarks and refused questions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import streamlit as st
import yaml
from streamlit.testing.v1 import AppTest

from assistant.assistant import Assistant
from assistant.feedback import FeedbackBox, Feeling
from assistant.models import Status
from assistant.quality import Marks, State, gaps, grouped, inbox, source_use, waiting_reviews
from assistant.quality_report import quality_paper, to_html, to_markdown
from assistant.records import Records
from assistant.reviews import Reviews
from assistant.roles import Person, Role
from assistant.runs import Run, Runs, SystemRun
from assistant.settings import load_settings
from assistant.status import service_status
from evals.judge import Judge
from evals.questions import KnownQuestion
from evals.systems import Leidraad
from evals.task import Task, figures
from indexer.embedding import BundledEmbedder
from tests.app.conftest import ROOT, html
from tests.evals.stored import made

ASKED = "Hoe lang duurt het spaargesprek?"
REFUSED = "Wat kost een rijbewijs B gemiddeld?"


@pytest.fixture
def records() -> Iterator[Records]:
    """The records of this test."""
    opened = Records(load_settings().records)
    yield opened
    opened.close()


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A corpus folder of this test's own, for the questions that are made."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    monkeypatch.setenv("LEIDRAAD_CORPUS", str(folder))
    return folder


@pytest.fixture
def page(
    index_folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, embedder: BundledEmbedder, local: Path
) -> Iterator[AppTest]:
    """The page over the small index."""
    monkeypatch.setenv("LEIDRAAD_INDEX", str(index_folder))
    monkeypatch.setenv("LEIDRAAD_CACHE", str(cache))
    st.cache_resource.clear()
    yield AppTest.from_file(str(ROOT / "assistant" / "pages" / "kwaliteit.py"), default_timeout=120)
    st.cache_resource.clear()


def store_runs(records: Records, assistant: Assistant, count: int) -> None:
    """So many runs of two questions, a day apart; in the first half the second question went wrong."""
    questions = [
        KnownQuestion.model_validate(
            {"id": "a", "question": ASKED, "status": "answered", "gold": ["gids-spaargesprek"]}
        ),
        KnownQuestion.model_validate({"id": "b", "question": REFUSED, "status": "refused"}),
    ]
    (system,) = Task(questions, [Leidraad(assistant)]).run(Judge(assistant.index()))
    bad = system.cases[1].model_copy(update={"status": Status.ANSWERED, "values": {"refuses": 0.0}})
    for number in range(count):
        cases = (system.cases[0], bad if number < count / 2 else system.cases[1])
        runs = [SystemRun(name=system.name, label=system.label, cases=cases)]
        when = datetime(2026, 3, 1, 9, tzinfo=UTC) + timedelta(days=number)
        made_ = made(created=when, generation=f"generatie-{number}")
        Runs(records).keep(Run(id=f"run-{number}", made=made_, seconds=1, systems=tuple(runs), figures=figures(runs)))


def remark(records: Records, assistant: Assistant, question: str, reason: str, text: str = "") -> None:
    """An answer to a question with a thumb down under it."""
    identity = records.keep(assistant.ask(question), "c" * 8 + reason)
    FeedbackBox(records).give(identity, f"p-{question}", Feeling.DOWN, [reason], text)


def test_without_anything_it_says_how_to_begin(page: AppTest) -> None:
    page.run()
    assert not page.exception
    said = " ".join(block.value for block in page.info)
    assert "leidraad eval" in said and "geen meldingen" in said and "geen geweigerde vragen" in said


def test_runs_show_over_time_with_what_made_them(page: AppTest, records: Records, assistant: Assistant) -> None:
    store_runs(records, assistant, 6)
    page.run()
    assert not page.exception
    table = page.dataframe[0].value
    assert list(table["index"]) == [f"generatie-{n}" for n in (5, 4, 3, 2, 1, 0)]
    assert list(table["weigert terecht"]) == ["100%"] * 3 + ["0%"] * 3
    assert html(page).count("data:image/svg+xml") == 2
    page.selectbox(key="run").set_value("run-0").run()
    assert page.selectbox(key="case").value == "b"
    assert "verwacht: weigering · gekregen: antwoord" in html(page)
    page.toggle(key="wrong").set_value(False).run()
    page.selectbox(key="case").set_value("a").run()
    assert not page.exception
    assert "Het spaargesprek duurt 45 minuten" in html(page) and "kw-right" in html(page)


def test_a_remark_becomes_a_known_question_in_three_clicks(
    page: AppTest, records: Records, assistant: Assistant, local: Path
) -> None:
    remark(records, assistant, ASKED, "incomplete", "de tijd voor een tolk ontbreekt")
    remark(records, assistant, "Hoe lang duurt een spaargesprek eigenlijk?", "wrong")
    page.run()
    assert "2 meldingen · er ontbreekt iets · het antwoord is onjuist · open" in html(page)
    assert "de tijd voor een tolk ontbreekt" in html(page)
    next(button for button in page.button if button.label == "Maak bekende vraag").click().run()
    boxes = [box for box in page.checkbox if box.key and box.key.startswith("gold-")]
    assert boxes and any(box.value for box in boxes)
    for box in boxes:
        box.set_value("spaargesprek" in box.label.lower())
    next(button for button in page.button if button.label == "Bewaar bekende vraag").click().run()
    assert not page.exception
    (entry,) = yaml.safe_load((local / "local" / "questions" / "eigen-vragen.yaml").read_text(encoding="utf-8"))
    question = KnownQuestion.model_validate(entry)
    assert (question.question, question.status, question.reviewer) == (ASKED, Status.ANSWERED, "beleidsteam")
    assert question.gold and question.reviewed == date.today()
    (mark,) = Marks(records).all().values()
    assert mark.state is State.TURNED
    assert "2 meldingen · " not in html(page)


def test_a_group_is_answered_or_closed_and_can_be_seen_again(
    page: AppTest, records: Records, assistant: Assistant
) -> None:
    remark(records, assistant, ASKED, "unclear")
    page.run()
    next(area for area in page.text_area if area.key and area.key.startswith("reply-")).set_value(
        "Bel 0612345678."
    ).run()
    next(button for button in page.button if button.label == "Bewaar antwoord").click().run()
    (mark,) = Marks(records).all().values()
    assert mark.state is State.ANSWERED and "0612345678" not in mark.reply
    assert "1 melding · " not in html(page)
    page.toggle(key="done").set_value(True).run()
    assert "1 melding · onduidelijk · beantwoord" in html(page)


def test_refused_questions_are_ranked_and_grouped(page: AppTest, records: Records, assistant: Assistant) -> None:
    for question in (REFUSED, REFUSED, "wat kost een rijbewijs b gemiddeld", "Hoe bak ik een appeltaart?"):
        records.keep(assistant.ask(question), "c1")
    first, second = gaps(records)
    assert (first.question, first.times, second.times) == (REFUSED, 3, 1)
    page.run()
    assert next(expander.label for expander in page.expander if "×" in expander.label).startswith("3×")
    assert not page.exception


def test_sources_are_counted_and_hidden_ones_are_not_shown(records: Records, assistant: Assistant) -> None:
    answer = assistant.ask(ASKED)
    records.keep(answer, "c1")
    state = service_status(assistant.settings, assistant.embedder)
    sources = dict(assistant.index().sources)
    use = source_use(records, state.sources, sources, None)
    assert use[0].times == 1 and use[0].id in {citation.source_id for citation in answer.citations}
    assert any(not one.times for one in use)
    hidden = sources | {use[0].id: sources[use[0].id].model_copy(update={"collection": "besloten"})}
    seen = source_use(records, state.sources, hidden, frozenset({"public"}))
    assert use[0].id not in {one.id for one in seen} and len(seen) == len(use) - 1
    asker = Person(id="een", name="", roles=frozenset({Role.PROFESSIONAL}), collections=None)
    Reviews(records).ask("a1", answer, asker, sources)
    assert [one.question for one in waiting_reviews(records, sources, None)] == [ASKED]
    assert waiting_reviews(records, hidden, frozenset({"public"})) == []


def test_the_report_names_what_is_open(records: Records, assistant: Assistant) -> None:
    store_runs(records, assistant, 2)
    remark(records, assistant, "Mag <b>iedereen</b> mee naar het *spaargesprek*?", "wrong")
    records.keep(assistant.ask(REFUSED), "c2")
    state = service_status(assistant.settings, assistant.embedder)
    use = source_use(records, state.sources, assistant.index().sources, None)
    groups = inbox(FeedbackBox(records).inbox())
    paper = quality_paper(Runs(records).list(), groups, {}, gaps(records), use, date(2026, 4, 1))
    text, shown = to_markdown(paper), to_html(paper)
    assert "Weigert als de bronnen zwijgen (oefenvragen): 100% (100–100%, 1 vragen); vorige meting 0%" in text
    assert "1 meldingen over 1 vragen; 1 staan open." in text and REFUSED in text
    assert r"\*spaargesprek\*" in text and "<b>iedereen" not in shown and "&lt;b&gt;iedereen" in shown


def test_questions_that_share_their_words_are_one_group() -> None:
    asked = ["Hoe lang duurt het spaargesprek?", "hoe lang duurt spaargesprek", "Wie beslist over de spaarcoach?"]
    first, second = grouped(asked, str)
    assert (first.times, second.times, second.question) == (2, 1, asked[2])
    assert grouped(asked[:1], str)[0].key == first.key
