"""Which articles a question names, however it writes them."""

from __future__ import annotations

import pytest

from assistant.cited import cited_articles

WI2021, BESLUIT, WI2013, PW, AWB, KIESWET = (
    "BWBR0044770",
    "BWBR0045555",
    "BWBR0020611",
    "BWBR0015703",
    "BWBR0005537",
    "BWBR0004627",
)
WORKS = (WI2021, BESLUIT, WI2013, PW, AWB, KIESWET)
TITLES = {KIESWET: "Kieswet"}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Wat staat in art. 6 lid 1 Wi2021?", [(WI2021, "6", "1")]),
        ("art 6 lid 1 wi 2021", [(WI2021, "6", "1")]),
        ("artikel 7b, tweede lid, van de Wet inburgering", [(WI2013, "7b", "2")]),
        ("artikel 6 van de Wet inburgering 2021", [(WI2021, "6", None)]),
        ("Wat zegt artikel 5.3 Besluit?", [(BESLUIT, "5.3", None)]),
        ("artikel 5.3 van het Besluit inburgering", [(BESLUIT, "5.3", None)]),
        ("Wat houdt 18b PW in?", [(PW, "18b", None)]),
        ("klant beroept zich op 18b, lid 6 pw", [(PW, "18b", "6")]),
        ("Mag dat van 31 lid 2 Participatiewet?", [(PW, "31", "2")]),
        ("termijn van Awb 6:8", [(AWB, "6:8", None)]),
        ("het eerste lid van artikel 6 Wi2021", [(WI2021, "6", "1")]),
        ("artikelen 5 en 6 Wi2021", [(WI2021, "5", None), (WI2021, "6", None)]),
        ("artikel j 10 kieswet", [(KIESWET, "J 10", None)]),
        (
            "Hoe verhoudt artikel 18 Participatiewet zich tot artikel 23 Wi2021?",
            [(PW, "18", None), (WI2021, "23", None)],
        ),
        ("In de Wi2021, wat zegt artikel 13?", [(WI2021, "13", None)]),
    ],
)
def test_an_article_is_read_with_its_law(question: str, expected: list[tuple[str, str, str | None]]) -> None:
    assert cited_articles(question, WORKS, TITLES) == expected


@pytest.mark.parametrize(
    "question",
    [
        "Wat staat in artikel 6?",
        "Wat veranderde er in 2021 Wet inburgering?",
        "Bezwaar tegen het besluit kan binnen 6 weken, zegt de Awb dat ook?",
        "Wat zegt de Participatiewet over 4 weken zoektijd?",
        "Hoeveel jaar geldt de Wi2021 3 jaar termijn?",
    ],
)
def test_a_number_that_is_no_article_names_none(question: str) -> None:
    assert cited_articles(question, WORKS, TITLES) == []
