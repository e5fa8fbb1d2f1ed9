"""Masking: what goes, what stays, in which time, and that nothing gets by it into a log."""

from __future__ import annotations

import io
import logging
import time

import pytest

from assistant.names import find_names
from assistant.privacy import KINDS, mask, mask_logs
from tools.check_privacy import MISSES, examples


def test_hardly_any_personal_data_of_the_development_texts_is_missed() -> None:
    known = examples()
    assert len(known) >= 150
    masked = [(example, mask(example.text).text) for example in known]
    missed = [value for example, text in masked for value in example.missed(text)]
    assert len(missed) <= MISSES * sum(len(example.personal) for example in known), missed


def test_nothing_beside_the_personal_data_goes() -> None:
    assert [(e.text, e.lost(mask(e.text).text)) for e in examples() if e.lost(mask(e.text).text)] == []


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Mijn klant Ziauddin Popal komt niet", "Mijn klant [naam] komt niet"),
        ("mevrouw van der Zwaan wil werken", "mevrouw [naam] wil werken"),
        ("mijn klant zeleke heeft een boete", "mijn klant [naam] heeft een boete"),
        ("De heer en mevrouw Shamsuddin zijn er", "De heer en mevrouw [naam] zijn er"),
        ("Popal heeft een vraag. Wat als Popal verhuist?", "[naam] heeft een vraag. Wat als [naam] verhuist?"),
        ("de familie Okonkwo-Eze vraagt bijstand", "de familie [naam] vraagt bijstand"),
        ("H.J. Zwanenveld belde", "[naam] belde"),
        ("Als Zelalem niet slaagt, wat dan?", "Als [naam] niet slaagt, wat dan?"),
    ],
)
def test_names_that_stand_on_no_list_are_known_by_what_is_around_them(text: str, masked: str) -> None:
    assert mask(text).text == masked


@pytest.mark.parametrize(
    "text",
    [
        "Mijn klant heeft zijn PIP nog niet.",
        "mijn klant moet naar Zwolle verhuizen",
        "Klant is verhuisd van Rotterdam naar Den Haag.",
        "als mijn klant schulden heeft of ziek is",
        "Mevrouw wil weten of Onze Minister de termijn verlengt.",
        "Statushouder uit Eritrea spreekt Tigrinya, mag hij naar DUO?",
        "Verlenging is mogelijk. Bijstand kan. Taalles moet. Vrijwilligerswerk mag.",
        "mijn klant van 34 jaar uit Syrië",
        "Wat zegt artikel 1234 van boek 5?",
        "€ 1.234,56 of 111.222.333 euro",
        "op 31-12-2021, 01-01-2022 en 1 januari 2023",
        "800 uur, 18 maanden en 10 weken",
        "BWBR0044770, Stb. 2020, 678 en ECLI:NL:CRVB:2023:1234",
        "Kerkstraat en Stationsplein",
        "inburgering 2021 en onderweg 3 dagen",
        "Mijn klant is in 1990 geboren en is 36 jaar.",
        "Can my client switch to the B1 route?",
        "What does the municipality do when DUO says no?",
    ],
)
def test_what_is_no_personal_data_stays(text: str) -> None:
    assert mask(text).text == text


def test_masking_twice_changes_nothing() -> None:
    for example in examples():
        once = mask(example.text)
        again = mask(once.text)
        assert (again.text, again.kinds) == (once.text, ())
        assert set(once.kinds) <= set(KINDS)


@pytest.mark.parametrize(
    "piece",
    "a|1|a.|1 |1-|A |A.|a@|A1 |Aa |van |Van |klant |mevrouw Aa |Aa en |06|NL91|(|é|Aa-|zaak 1/".split("|"),
)
def test_no_text_takes_long(piece: str) -> None:
    text = (piece * 20_000)[:20_000]
    began = time.process_time()
    mask(text)
    # Ten times a question's length; what takes more than linear time would take minutes.
    assert time.process_time() - began < 2


def test_a_question_of_the_greatest_length_is_quick() -> None:
    text = ("Mevrouw Haddad (BSN 111222333) komt niet naar de intake, wat nu? " * 40)[:2000]
    mask(text)
    best = min(_seconds(text) for _ in range(5))
    assert best < 0.015


def _seconds(text: str) -> float:
    began = time.process_time()
    mask(text)
    return time.process_time() - began


def test_our_log_lines_and_their_errors_are_masked() -> None:
    mask_logs()
    mask_logs()
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    ours, other = logging.getLogger("assistant.proef"), logging.getLogger("iemand.anders")
    for logger in (ours, other):
        logger.addHandler(handler)
        logger.propagate = False
    try:
        raise ValueError("BSN 111222333")
    except ValueError:
        ours.exception("niet beantwoord: %s", "mijn klant Amira Yusuf")
    other.warning("nummer %d", 111222333)
    written = stream.getvalue()
    assert "mijn klant [naam]" in written and "ValueError: BSN [BSN]" in written
    assert "Amira" not in written
    assert written.endswith("nummer 111222333\n")


def test_places_in_a_text_are_told_in_order() -> None:
    text = "Amira Yusuf en Tesfay Hagos"
    assert [text[start:end] for start, end in find_names(text)] == ["Amira Yusuf", "Tesfay Hagos"]
