"""The small steps: privacy, scope, follow-up, verification, settings, records."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import inspect

from assistant import privacy
from assistant.cited import cited_articles
from assistant.errors import RecordsError, SettingsError
from assistant.followup import standalone
from assistant.models import Answer, Citation, Claim, Status, Turn
from assistant.records import Records
from assistant.scope import read_scope
from assistant.settings import load_settings
from assistant.verification import numbers, stands_in, verify
from indexer.models import Binding, Kind, Passage, Regime

TODAY = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("text", "masked", "kinds"),
    [
        ("BSN 111222333 van de klant", "BSN [BSN] van de klant", ("BSN",)),
        ("nummer 111222334 is geen bsn", "nummer 111222334 is geen bsn", ()),
        ("bel 06-12345678", "bel [telefoonnummer]", ("telefoonnummer",)),
        ("mail a.b@gemeente.nl", "mail [e-mail]", ("e-mail",)),
        ("op NL91 ABNA 0417 1643 00", "op [IBAN]", ("IBAN",)),
        ("mijn klant Amira Yusuf komt", "mijn klant [naam] komt", ("naam",)),
        ("mevrouw Van den Berg", "mevrouw [naam]", ("naam",)),
        ("V-nummer 123 456 7890", "[V-nummer]", ("V-nummer",)),
        ("geboren op 3-4-1990", "[geboortedatum]", ("geboortedatum",)),
        ("Kerkstraat 12, 1234 AB", "[adres]", ("adres",)),
        ("klantnummer 20231234", "[klantnummer]", ("klantnummer",)),
    ],
)
def test_personal_data_is_masked_by_kind(text: str, masked: str, kinds: tuple[str, ...]) -> None:
    assert privacy.mask(text) == privacy.Masked(text=masked, kinds=kinds)


@pytest.mark.parametrize(
    "text",
    [
        "artikel 5.3 lid 1 van het Besluit inburgering 2021",
        "een boete van € 1.250,00 of € 2 400",
        "in 2022 en op 1 januari 2023",
        "mijn klant moet inburgeren binnen 3 jaar",
        "mijn klant Moet hij naar DUO?",
        "800 uur en 600 cursusuren",
        "een inburgeraar uit Syrië in Rotterdam",
        "Wi2021, Wi2013, BWBR0044770",
    ],
)
def test_numbers_and_places_of_the_field_stay(text: str) -> None:
    assert privacy.mask(text).kinds == ()


@pytest.mark.parametrize(
    ("question", "regime", "day"),
    [
        ("Hoe lang is de termijn onder de Wi2013?", Regime.WI2013, TODAY),
        ("Hoe lang is de termijn in de Wet inburgering 2021?", Regime.WI2021, TODAY),
        ("Hoe lang is de termijn in de oude wet?", Regime.WI2013, TODAY),
        ("Hij is in 2019 inburgeringsplichtig geworden. Hoe lang heeft hij?", Regime.WI2013, TODAY),
        ("Zij kreeg haar vergunning op 3 maart 2023. Hoe lang heeft zij?", Regime.WI2021, TODAY),
        ("Hoe lang is de termijn?", None, TODAY),
        ("Wat was de boete in 2023?", None, date(2023, 12, 31)),
        ("Wat was de boete op 1 maart 2023?", None, date(2023, 3, 1)),
        ("Wat is het verschil tussen Wi2013 en Wi2021?", None, TODAY),
        ("Is de boete € 2000?", None, TODAY),
    ],
)
def test_regime_and_date_are_read_off_the_question(question: str, regime: Regime | None, day: date) -> None:
    scope = read_scope(question, TODAY)
    assert (scope.regime, scope.as_of) == (regime, day)


def test_what_the_person_chose_wins() -> None:
    scope = read_scope("Wat was de boete in 2023 in de Wi2013?", TODAY, as_of=date(2022, 5, 5), regime=Regime.WI2021)
    assert (scope.regime, scope.as_of) == (Regime.WI2021, date(2022, 5, 5))


def test_language_is_told_by_the_small_words() -> None:
    assert read_scope("How long does the client have?", TODAY).language == "en"
    assert read_scope("Hoe lang heeft mijn klant?", TODAY).language == "nl"
    assert read_scope("PIP?", TODAY).language == "nl"


def test_a_question_that_stands_alone_is_left_alone() -> None:
    before = [Turn(question="Wat is de boete voor de brede intake?")]
    assert (
        standalone("Wie betaalt de cursus van een gezinsmigrant?", before)
        == "Wie betaalt de cursus van een gezinsmigrant?"
    )
    assert standalone("En bij herhaling?", before) == "Wat is de boete voor de brede intake bij herhaling?"
    assert standalone("En bij herhaling?", []) == "En bij herhaling?"


def test_cited_articles_need_the_name_of_the_law() -> None:
    works = ["BWBR0044770", "BWBR0020611"]
    assert cited_articles("Wat staat in art. 6 lid 1 Wi2021?", works) == [("BWBR0044770", "6", "1")]
    assert cited_articles("artikel 7b, tweede lid, van de Wet inburgering", works) == [("BWBR0020611", "7b", "2")]
    assert cited_articles("artikel 6 van de Wet inburgering 2021", works) == [("BWBR0044770", "6", None)]
    assert cited_articles("Wat staat in artikel 6?", works) == []


@pytest.mark.parametrize(
    ("quote", "text", "stands"),
    [
        ("binnen drie jaar", "voldoet  binnen\ndrie jaar aan", True),
        ("de ‘termijn’", "zegt de 'termijn' iets", True),
        ("drie jaar", "binnen vier jaar", False),
        ("ie jaar", "binnen drie jaar", False),
        ("niet", "nietig", False),
        ("", "tekst", False),
    ],
)
def test_a_quote_is_a_run_of_whole_words(quote: str, text: str, stands: bool) -> None:
    assert stands_in(quote, text) is stands


def test_numbers_have_one_notation() -> None:
    assert numbers("€ 1.250,00 binnen drie jaar (artikel 7b)") == {"1250", "3", "7b"}
    assert numbers("een van de klanten") == set()


TEXT = "De termijn is drie jaar. De boete is € 250."
PASSAGE = Passage(
    id="p", source_id="s", work="s", kind=Kind.LAW, binding=Binding.LAW, locator="artikel 1", parent="artikel 1",
    text=TEXT, start=0, end=len(TEXT),
)  # fmt: skip


def citation(number: int, quote: str, start: int | None = None) -> Citation:
    start = TEXT.find(quote) if start is None else start
    return Citation(
        number=number, passage_id="p", source_id="s", title="Wet", kind=Kind.LAW, binding=Binding.LAW,
        locator="artikel 1", quote=quote, start=start, end=start + len(quote),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("claim", "quote", "holds"),
    [
        ("De termijn is 3 jaar.", "De termijn is drie jaar.", True),
        ("De termijn is 4 jaar.", "De termijn is drie jaar.", False),
        ("De boete is € 250.", "De boete is € 250.", True),
        ("De boete is € 350.", "De boete is € 250.", False),
        ("De termijn is drie jaar.", "De termijn is vier jaar.", False),
        ("De termijn.", "De termijn is € 250.", False),
    ],
)
def test_a_claim_stands_only_on_what_is_there(claim: str, quote: str, holds: bool) -> None:
    claims, citations, dropped = verify(
        [Claim(text=claim, citations=(1,))], [citation(1, quote, max(0, TEXT.find(quote)))], {"p": PASSAGE},
        lambda _, start, end: TEXT[start:end],
    )  # fmt: skip
    assert bool(claims) is holds
    assert bool(dropped) is not holds
    assert len(citations) == len(claims)


def test_what_is_left_is_numbered_anew() -> None:
    claims, citations, dropped = verify(
        [
            Claim(text="Onzin.", citations=(1,)),
            Claim(text="De boete is € 250.", citations=(2,)),
            Claim(text="X.", citations=()),
        ],
        [citation(1, "Onzin staat er niet", 0), citation(2, "De boete is € 250.")],
        {"p": PASSAGE},
        lambda _, start, end: TEXT[start:end],
    )
    assert [(c.text, c.citations) for c in claims] == [("De boete is € 250.", (1,))]
    assert [c.number for c in citations] == [1]
    assert len(dropped) == 2


def test_settings_come_from_file_and_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "leidraad.toml").write_text('contact = "het team"\nthreads = 2\n', encoding="utf-8")
    monkeypatch.setenv("LEIDRAAD_THREADS", "1")
    settings = load_settings()
    assert (settings.contact, settings.threads) == ("het team", 1)
    assert settings.contact_in("en") == "het team"
    assert load_settings(contact_en="the team").contact_in("en") == "the team"
    (tmp_path / "leidraad.toml").write_text('contcat = "het team"\n', encoding="utf-8")
    with pytest.raises(SettingsError, match="contcat"):
        load_settings()


def an_answer(question: str, status: Status = Status.ANSWERED) -> Answer:
    return Answer(
        question=question, standalone_question=question, language="nl", status=status, outcome="answered", text="t",
        as_of=TODAY,
    )  # fmt: skip


def test_records_keep_answers_and_list_what_was_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'diep' / 'records.sqlite'}"
    records = Records(url)
    records.keep(an_answer("Wat is de termijn?"), "g1")
    for _ in range(2):
        records.keep(an_answer("Wat is de huurtoeslag?", Status.REFUSED), "g1")
    records.close()
    again = Records(url)
    assert again.count() == 3
    assert [(u.question, u.times) for u in again.unanswered()] == [("Wat is de huurtoeslag?", 2)]
    assert {"answers", "alembic_version"} <= set(inspect(again._engine).get_table_names())
    again.close()


def test_records_that_cannot_be_opened_are_told(tmp_path: Path) -> None:
    (tmp_path / "bestand").write_text("x", encoding="utf-8")
    with pytest.raises(RecordsError, match="cannot be opened"):
        Records(f"sqlite:///{tmp_path / 'bestand' / 'records.sqlite'}")


def test_who_typed_it_sees_it_again_and_nobody_else() -> None:
    typed = "Mijn klant Amira Yusuf (BSN 111222333) en mevrouw Jansen vragen uitstel."
    behind = privacy.originals(typed)
    assert behind == {"[BSN]": "111222333"}, "two names behind one mark are not told apart"
    assert privacy.restored("[naam] met [BSN]", behind) == "[naam] met 111222333"
    assert privacy.originals("mijn klant Amira Yusuf") == {"[naam]": "Amira Yusuf"}


def test_who_answers_in_english_names_a_contact_in_english(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings().contact_in("en").startswith("your ")
    assert load_settings().contact_in("nl").startswith("uw ")
