"""A note is traceable, holds no personal data, says what was not weighed, and never decides."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import ContentError
from assistant.export import PaperSource, to_docx, to_pdf
from assistant.places import Place
from assistant.settings import load_settings
from assistant.weighing import (
    DISCLAIMER,
    Consideration,
    Criterion,
    Note,
    draft,
    load_criteria,
    note_paper,
    read_draft,
    without_personal_data,
)
from tests.assistant.test_export import docx_text, pdf_text

CRITERIA = tuple(
    Criterion.model_validate(
        {
            "id": name, "title": name.title(), "about": "Over.", "origin": f"learn p. {page}",
            "questions": ["Wat?", "Wie?"], "based_on": [f"gids-{name}#Kop", "gids-samen#Kop"],
        }
    )
    for name, page in (("werk", 1), ("taal", 2), ("opvang", 3))
)  # fmt: skip
NOTE = Note(
    subject="Baan of traject",
    author="consulent",
    considerations=(
        Consideration(
            criterion="werk",
            text="Het werk past.",
            weighs_for="Loon nu",
            used=(Place(source="gids-werk", heading="Kop"),),
        ),
        Consideration(criterion="taal", not_relevant=True),
        Consideration(criterion="opvang"),
    ),
    conclusion="Eerst het traject.",
)


def cite(place: Place) -> PaperSource:
    return PaperSource(text=f"Bron {place}")


def test_the_note_holds_each_weighing_with_the_numbers_of_its_sources() -> None:
    quotes = {place: f"Citaat uit {place}." for criterion in CRITERIA for place in criterion.based_on}
    paper = note_paper(NOTE, CRITERIA, "1 mei 2026", cite, quotes, "20260501")
    weighed = paper.sections[1]
    assert weighed.heading == "Werk"
    assert weighed.paragraphs == (
        "Overweging: Het werk past.",
        "Pleit ervoor: Loon nu",
        "Bronnen bij dit criterium: [1] [2] [3]",
    )
    assert [source.text for source in paper.sources] == ["Bron learn p. 1", "Bron gids-werk#Kop", "Bron gids-samen#Kop"]
    assert [source.quote for source in paper.sources] == ["", "Citaat uit gids-werk#Kop.", ""]
    assert paper.meta == ("Datum: 1 mei 2026", "Opgesteld door: consulent", "Stand van de bronnen: 20260501")


def test_what_was_set_aside_and_what_was_not_weighed_are_told_apart() -> None:
    sections = {s.heading: s for s in note_paper(NOTE, CRITERIA, "x", cite, {}).sections}
    assert sections["Speelt hier geen rol"].items == ("Taal",)
    assert sections["Niet gewogen"].items == ("Opvang",)


def test_it_never_decides() -> None:
    paper = note_paper(Note(), CRITERIA, "x", cite, {})
    assert paper.sections[-1].paragraphs == ("Nog niet ingevuld.", DISCLAIMER)
    for text in (docx_text(to_docx(paper)), pdf_text(to_pdf(paper))):
        assert DISCLAIMER in " ".join(text.split())
    assert paper.sources == ()


SECRET = Note(
    subject="Plan voor mijn klant Ahmed",
    author="j.de.vries@gemeente.nl",
    considerations=(
        Consideration(
            criterion="werk",
            text="Bel 06 12345678",
            weighs_for="BSN 111222333",
            weighs_against="IBAN NL91ABNA0417164300",
        ),
    ),
    conclusion="Mevrouw Jansen gaat akkoord.",
)
SECRETS = ("Ahmed", "j.de.vries", "12345678", "111222333", "NL91ABNA0417164300", "Jansen")


def test_no_personal_data_reaches_the_paper_or_the_draft() -> None:
    paper = note_paper(SECRET, CRITERIA, "x", cite, {})
    for text in (docx_text(to_docx(paper)), pdf_text(to_pdf(paper)), draft(SECRET), str(paper)):
        assert not [secret for secret in SECRETS if secret in text]
    cleaned, kinds = without_personal_data(SECRET)
    assert set(kinds) == {"naam", "e-mail", "telefoonnummer", "BSN", "IBAN"}
    assert cleaned.considerations[0].text == "Bel [telefoonnummer]"


def test_a_draft_reads_back_the_same() -> None:
    assert read_draft(draft(NOTE).encode()) == NOTE


@pytest.mark.parametrize("data", [b"\xff\xfe", b"subject: [", b"- a\n- b", b"subject: x\nstolen: y", b"x" * 300_000])
def test_another_file_is_refused_in_one_sentence(data: bytes) -> None:
    with pytest.raises(ContentError) as wrong:
        read_draft(data)
    assert str(wrong.value).startswith("Dit bestand is") and str(wrong.value).endswith(".")


def test_a_draft_that_was_changed_by_hand_is_masked_too() -> None:
    assert "123" not in read_draft(b"subject: bel 06 12345678").subject


def test_a_municipality_adds_its_own_criterion(tmp_path: Path) -> None:
    folder = tmp_path / "local" / "weighing"
    folder.mkdir(parents=True)
    (folder / "eigen.yaml").write_text(
        'id: eigen\ntitle: Eigen beleid\nabout: Ons beleid.\norigin: beleid p. 3\nquestions: ["Past dit?", "Waarom?"]\n'
        "based_on: [ons-beleid]\n",
        encoding="utf-8",
    )
    (folder / "duurzaam.yaml").write_text((folder / "eigen.yaml").read_text().replace("id: eigen", "id: duurzaam"))
    shelf = load_criteria(load_settings(corpus=tmp_path))
    assert shelf.criteria[-1].title == "Eigen beleid" and len(shelf.criteria) == 8
    assert shelf.wrong == ("duurzaam.yaml: er is al een criterium met deze id.",)
