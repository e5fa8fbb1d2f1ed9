"""Municipal rules: what the reader makes of small ones of our own, in the shape of the national collection."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from indexer import readers
from indexer.errors import ReadError
from indexer.models import Binding, Document, Kind, Source
from indexer.readers import cvdr

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<cvdr:cvdr xmlns:cvdr="http://standaarden.overheid.nl/cvdr/terms/" xmlns="http://standaarden.overheid.nl/cvdr/terms/"
 xmlns:dcterms="http://purl.org/dc/terms/" xmlns:overheid="http://standaarden.overheid.nl/owms/terms/">
<meta><owmskern><dcterms:identifier>CVDR990002_3</dcterms:identifier>
<dcterms:title>Proefverordening Waterdam 2024</dcterms:title><dcterms:language>nl</dcterms:language>
<dcterms:type scheme="overheid:Informatietype">regeling</dcterms:type>
<dcterms:creator scheme="overheid:Gemeente">Waterdam</dcterms:creator>
<dcterms:modified>2024-02-01</dcterms:modified></owmskern>
<owmsmantel><dcterms:alternative>Proefverordening</dcterms:alternative></owmsmantel>
<cvdripm><inwerkingtredingDatum>2024-01-01</inwerkingtredingDatum></cvdripm></meta>"""

BODY = """<body><intitule>Verordening van de raad</intitule><regeling>
<aanhef><preambule><al>De raad besluit</al></preambule></aanhef>
<regeling-tekst><hoofdstuk><kop><label>Hoofdstuk</label><nr>2</nr><titel>Subsidie</titel></kop>
<paragraaf><kop><label>Paragraaf</label><nr>2.1</nr></kop>
<artikel><kop><label>Artikel</label><nr>4.</nr><titel>Aanvraag</titel></kop>
<lid><lidnr>1.</lidnr><al>De aanvraag kan het hele jaar.</al></lid>
<lid><lidnr>2.</lidnr><al>Het college beslist binnen acht weken.</al></lid></artikel>
<artikel><kop><label>Artikel</label><nr>5</nr><titel>Weigeren</titel></kop>
<al>Het college weigert als het budget op is.</al></artikel></paragraaf></hoofdstuk></regeling-tekst>
<regeling-sluiting><slotformulering><al>Aldus vastgesteld</al></slotformulering></regeling-sluiting>
<bijlage><kop><label>Bijlage</label><nr>1</nr><titel>Tarieven</titel></kop>
<table><tgroup><tbody><row><entry><al>proef</al></entry><entry><al>€ 12</al></entry></row></tbody></tgroup></table>
</bijlage>
<nota-toelichting><kop><titel>Toelichting</titel></kop><al>De raad licht toe.</al></nota-toelichting>
</regeling></body>"""

RULE = f"{HEAD}{BODY}</cvdr:cvdr>"


def written(folder: Path, text: str) -> Path:
    path = folder / "regel.xml"
    path.write_text(text, encoding="utf-8")
    return path


def load(path: Path) -> Document:
    return readers.read(path, Source(file=path.name, sha256="", **readers.describe(path)))


def test_a_rule_tells_its_municipality_and_since_when_it_holds(tmp_path: Path) -> None:
    fields = cvdr.describe(written(tmp_path, RULE))
    assert (fields["id"], fields["work"]) == ("CVDR990002@2024-01-01", "CVDR990002")
    assert fields["title"] == "Proefverordening Waterdam 2024"
    assert (fields["kind"], fields["binding"]) == (Kind.LOCAL, Binding.LOCAL)
    assert (fields["publisher"], fields["language"]) == ("Waterdam", "nl")
    assert (fields["valid_from"], fields["valid_to"]) == (date(2024, 1, 1), None)
    assert fields["url"] == "https://lokaleregelgeving.overheid.nl/CVDR990002"


def test_a_rule_that_has_ended_says_so(tmp_path: Path) -> None:
    ended = RULE.replace("</cvdripm>", "<uitwerkingtredingDatum>2024-12-31</uitwerkingtredingDatum></cvdripm>")
    path = written(tmp_path, ended)
    source = Source(file=path.name, sha256="", **cvdr.describe(path))
    assert source.holds_on(date(2024, 6, 1))
    assert not source.holds_on(date(2025, 1, 1))


def test_an_unknown_start_leaves_the_version_out_of_the_id(tmp_path: Path) -> None:
    fields = cvdr.describe(written(tmp_path, RULE.replace("2024-01-01", "onbekend")))
    assert (fields["id"], fields["valid_from"]) == ("CVDR990002", None)


def test_articles_leden_and_annexes_become_sections(tmp_path: Path) -> None:
    document = load(written(tmp_path, RULE))
    assert [(s.locator, document.text[s.start : s.end]) for s in document.sections] == [
        ("artikel 4, lid 1", "De aanvraag kan het hele jaar."),
        ("artikel 4, lid 2", "Het college beslist binnen acht weken."),
        ("artikel 5", "Het college weigert als het budget op is."),
        ("bijlage 1", "proef\t€ 12"),
    ]
    first = document.sections[0]
    assert (first.article, first.lid) == ("4", "1")
    assert first.heading_path == ("Hoofdstuk 2. Subsidie", "Paragraaf 2.1", "Artikel 4. Aanvraag")
    assert document.facts == {"articles": 2, "leden": 2, "lapsed": 0, "annexes": 1}


def test_only_what_binds_is_read(tmp_path: Path) -> None:
    text = load(written(tmp_path, RULE)).text
    for outside in ("De raad besluit", "Aldus vastgesteld", "licht toe", "2024-02-01", "CVDR990002"):
        assert outside not in text


def test_the_label_of_a_list_item_may_be_an_attribute(tmp_path: Path) -> None:
    items = '<lijst><li nr="a."><al>te laat;</al></li><li nr="b."><al>te vroeg.</al></li></lijst>'
    document = load(written(tmp_path, RULE.replace("als het budget op is.</al>", f"als de aanvraag is:</al>{items}")))
    section = next(s for s in document.sections if s.article == "5")
    assert document.text[section.start : section.end] == (
        "Het college weigert als de aanvraag is:\na. te laat;\nb. te vroeg."
    )
    assert [(part.label, document.text[part.start : part.end]) for part in section.parts] == [
        ("a", "a. te laat;"),
        ("b", "b. te vroeg."),
    ]


def test_emphasis_stays_inside_the_sentence(tmp_path: Path) -> None:
    marked = "Het <vet>college</vet> <cursief>weigert</cursief>, als het <onderstreept>budget</onderstreept> op is."
    document = load(written(tmp_path, RULE.replace("Het college weigert als het budget op is.", marked)))
    section = next(s for s in document.sections if s.article == "5")
    assert document.text[section.start : section.end] == "Het college weigert, als het budget op is."


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"{HEAD}<body><regeling/></body></cvdr:cvdr>", "without any text"),
        (RULE.replace("CVDR990002_3", "onbekend"), "without a CVDR id"),
        (RULE.replace("</body>", ""), "well-formed"),
        (f'<!DOCTYPE x [<!ENTITY a "b">]>{RULE.partition("?>")[2]}', "entities"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_reason(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(ReadError, match=reason):
        load(written(tmp_path, text))
