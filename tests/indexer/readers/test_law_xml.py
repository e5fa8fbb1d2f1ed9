"""Laws and municipal rules: every word once, every lid citable."""

from __future__ import annotations

import tarfile
from datetime import date
from pathlib import Path

import pytest

from indexer import readers
from indexer.errors import ReadError
from indexer.models import Binding, Document, Kind, Source
from tests.samples import CVDR, law
from tools.check_laws import compare


def read(path: Path) -> Document:
    return readers.read(path, Source(file=path.name, sha256="", **readers.describe(path)))


def law_file(folder: Path, body: str = "", **fields: str) -> Path:
    path = folder / "wet.xml"
    path.write_text(law(body=body, **fields), encoding="utf-8")
    return path


def text_of(document: Document, locator: str) -> list[str]:
    return [document.text[s.start : s.end] for s in document.sections if s.locator == locator]


def test_describe_tells_id_version_and_how_binding(tmp_path: Path) -> None:
    fields = readers.describe(law_file(tmp_path))
    assert fields["id"] == "BWBR0099001@2022-01-01"
    assert fields["title"] == "Wet sparen"
    assert (fields["kind"], fields["binding"]) == (Kind.LAW, Binding.LAW)
    assert readers.describe(law_file(tmp_path, kind="AMvB"))["binding"] is Binding.RULE


def test_a_lid_is_a_section_without_its_number(tmp_path: Path) -> None:
    document = read(law_file(tmp_path))
    assert text_of(document, "artikel 1, lid 1") == ["De spaarplichtige voldoet binnen drie jaar aan de spaarplicht."]
    assert document.facts == {"articles": 3, "leden": 2, "lapsed": 1, "annexes": 0}
    assert "Lasten en bevelen" not in document.text
    assert "weg" not in document.text


def test_list_items_keep_their_label_and_place(tmp_path: Path) -> None:
    document = read(law_file(tmp_path))
    section = next(s for s in document.sections if s.article == "2")
    parts = {part.label: document.text[part.start : part.end] for part in section.parts}
    assert parts["a"] == "a. € 120 voor de eerste keer;"
    assert parts["b, 2°"] == "2°. hij geen reden gaf."
    assert parts["b"].startswith("b. € 240") and parts["b"].endswith("hij geen reden gaf.")
    assert section.heading_path == ("Hoofdstuk 1. Het spaarplan", "Artikel 2. Boete")


def test_lapsed_and_not_yet_valid_articles_are_marked(tmp_path: Path) -> None:
    document = read(law_file(tmp_path))
    assert [s.article for s in document.sections if s.lapsed] == ["3"]
    body = (
        '<artikel status="nogniet"><kop><label>Artikel</label><nr>9</nr></kop><al>Dit geldt nog niet.</al></artikel>'
        '<artikel status="goed"><kop><label>Artikel</label><nr>10</nr></kop>'
        "<al>Een vervallen recht herleeft.</al></artikel>"
    )
    document = read(law_file(tmp_path, body))
    assert [(s.article, s.lapsed) for s in document.sections] == [("9", True), ("10", False)]


def test_two_leden_with_the_same_number_both_stay(tmp_path: Path) -> None:
    body = (
        "<artikel><kop><label>Artikel</label><nr>18</nr></kop><lid><lidnr>8</lidnr><al>Eerst dit.</al></lid>"
        "<lid><lidnr>8</lidnr><al>Dan dat.</al></lid></artikel>"
    )
    assert text_of(read(law_file(tmp_path, body)), "artikel 18, lid 8") == ["Eerst dit.", "Dan dat."]


def test_tables_references_and_text_around_leden_stand_once(tmp_path: Path) -> None:
    body = (
        "<artikel><kop><label>Artikel</label><nr>5:1</nr></kop><al>Vooraf geldt <extref>artikel 3</extref>, lid 2.</al>"
        "<lid><lidnr>1.</lidnr><al>H<inf>2</inf>O en <nadruk>cursief</nadruk>.</al></lid>"
        "<table><tgroup cols='2'><tbody><row><entry><al>een</al></entry><entry><al>twee</al></entry></row>"
        "<row><entry namest='a' nameend='b'><al>over beide</al></entry></row></tbody></tgroup></table></artikel>"
    )
    document = read(law_file(tmp_path, body))
    assert [document.text[s.start : s.end] for s in document.sections] == [
        "Vooraf geldt artikel 3, lid 2.",
        "H2O en cursief.",
        "een\ttwee\nover beide",
    ]
    assert [(s.article, s.lid) for s in document.sections] == [("5:1", None), ("5:1", "1"), ("5:1", None)]


def test_articles_quoted_inside_an_article_are_its_text(tmp_path: Path) -> None:
    body = (
        "<artikel><kop><label>Artikel</label><nr>I</nr></kop><al>Na artikel 7 komt:</al><wat>"
        "<artikel><kop><label>Artikel</label><nr>7a</nr></kop><al>Ingevoegde tekst.</al></artikel></wat></artikel>"
    )
    document = read(law_file(tmp_path, body))
    assert document.facts["articles"] == 1
    assert "Ingevoegde tekst." in document.text[document.sections[0].start : document.sections[0].end]


def test_an_annex_does_not_pass_for_an_article_of_the_law(tmp_path: Path) -> None:
    body = (
        "<artikel><kop><label>Artikel</label><nr>1</nr></kop><al>Hoofdtekst.</al></artikel>"
        "<bijlage><kop><label>Bijlage</label><nr>1</nr></kop><divisie><artikel><kop><label>Artikel</label><nr>1</nr></kop>"
        "<al>Bijlagetekst.</al></artikel></divisie></bijlage>"
    )
    document = read(law_file(tmp_path, body))
    assert [(s.locator, s.article) for s in document.sections] == [
        ("artikel 1", "1"),
        ("bijlage 1, artikel 1", None),
    ]


def test_municipal_rules_are_local_and_dated(tmp_path: Path) -> None:
    path = tmp_path / "regel.xml"
    path.write_text(CVDR, encoding="utf-8")
    fields = readers.describe(path)
    assert (fields["id"], fields["binding"]) == ("CVDR990001@2023-07-01", Binding.LOCAL)
    assert (fields["publisher"], fields["valid_from"]) == ("Waterdam", date(2023, 7, 1))
    assert text_of(read(path), "artikel 4, lid 1") == ["De gemeente geeft een spaarsubsidie van € 75 per kwartaal."]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("<recept><stap>Roer</stap></recept>", "no law"),
        ("<toestand bwb-id='BWBR0099001' inwerkingtreding='2022-01-01'>", "not well-formed"),
        ("<toestand bwb-id='X' inwerkingtreding='2022-01-01'/>", "valid BWB id"),
        ("<toestand bwb-id='BWBR0099001' inwerkingtreding='gisteren'/>", "since when"),
        ("<toestand bwb-id='BWBR0099001' inwerkingtreding='2022-01-01'><wetgeving/></toestand>", "without any article"),
    ],
)
def test_xml_that_is_no_law_is_told_with_its_reason(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "x.xml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ReadError, match=reason):
        read(path)


def test_an_entity_bomb_is_refused_at_once(tmp_path: Path) -> None:
    entities = '<!ENTITY a "ha">' + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in ("ab", "bc", "cd", "de"))
    path = tmp_path / "bom.xml"
    path.write_text(f"<!DOCTYPE toestand [{entities}]><toestand>&e;</toestand>", encoding="utf-8")
    with pytest.raises(ReadError, match="entities or a document type"):
        read(path)


def test_deep_nesting_is_told_and_does_not_crash(tmp_path: Path) -> None:
    depth = 20_000
    path = law_file(tmp_path, f"<artikel>{'<lijst><li>' * depth}<al>diep</al>{'</li></lijst>' * depth}</artikel>")
    with pytest.raises(ReadError, match="nested too deeply"):
        read(path)


def test_real_laws_lose_and_double_nothing(sources: Path) -> None:
    files = sorted((sources / "laws").glob("*.xml"))
    assert len(files) == 6
    for path in files:
        figures, problems = compare(path, read(path))
        assert problems == []
        assert figures["articles"] > 5
    participatiewet = read(sources / "laws" / "BWBR0015703_2026-01-01_0.xml")
    assert len(text_of(participatiewet, "artikel 18, lid 8")) == 2


def test_laws_of_every_shape_lose_and_double_nothing(laws_archive: Path, tmp_path: Path) -> None:
    # Books, treaties, annexes with tables, formulas, quoted articles; `make laws` checks all 257.
    wanted = {"BWBR0005537", "BWBR0005289", "BWBR0002148", "BWBR0003968", "BWBR0010591", "BWBR0030733", "BWBR0011823"}
    with tarfile.open(laws_archive) as archive:
        members = [m for m in archive.getmembers() if Path(m.name).name.split("_")[0] in wanted]
        archive.extractall(tmp_path, members=members, filter="data")
    files = sorted(tmp_path.rglob("*.xml"))
    assert len(files) == len(wanted)
    for path in files:
        assert compare(path, read(path))[1] == [], path.name
