"""National laws: what the reader makes of small laws of our own, and of real ones."""

from __future__ import annotations

import tarfile
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from indexer.errors import ReadError
from indexer.laws import known_laws
from indexer.models import Binding, Document, Kind, Regime, Section, Source
from indexer.readers import bwb
from tools.check_laws import compare

TRICKY = {
    "BWBR0005537": "two texts of one article, annexes with articles",
    "BWBR0006622": "two leden 7 in one article",
    "BWBR0003045": "a lid that begins with 'Vervallen' and is in force",
    "BWBR0005034": "an article without a number",
    "BWBR0008290": "tables inside a lid",
    "BWBR0025458": "annexes of tables, most articles lapsed",
    "BWBR0004054": "footnotes in annexes",
    "BWBR0004627": "article numbers with a space",
}


def law(wettekst: str, *, soort: str = "wet", after: str = "") -> str:
    """A law of our own with `wettekst` in it."""
    return (
        '<toestand bwb-id="BWBR9999999" inwerkingtreding="2024-07-01"><bwb-inputbestand>invoer</bwb-inputbestand>'
        f'<wetgeving soort="{soort}"><intitule>Wet van 1 mei over proeven</intitule>'
        "<citeertitel>Proefwet<meta-data><jcis>jci</jcis></meta-data></citeertitel>"
        "<wet-besluit><aanhef><wij>Wij</wij></aanhef>"
        f"<wettekst>{wettekst}</wettekst>"
        f"<wetsluiting><slotformulering><al>Gegeven te</al></slotformulering></wetsluiting>{after}</wet-besluit>"
        "</wetgeving></toestand>"
    )


def article(number: str, content: str, attributes: str = "") -> str:
    return f"<artikel {attributes}><kop><label>Artikel</label><nr>{number}</nr></kop>{content}</artikel>"


def lid(number: str, content: str) -> str:
    return f"<lid><lidnr>{number}</lidnr>{content}<meta-data><brondata>bron</brondata></meta-data></lid>"


def load(path: Path) -> Document:
    return bwb.read(path, Source(file=path.name, sha256="", **bwb.describe(path)))


def written(folder: Path, text: str) -> Path:
    path = folder / "law.xml"
    path.write_text(text, encoding="utf-8")
    return path


def text_of(document: Document, section: Section) -> str:
    return document.text[section.start : section.end]


def texts(document: Document) -> list[tuple[str, str]]:
    return [(section.locator, text_of(document, section)) for section in document.sections]


@pytest.fixture(scope="module")
def laws(sources: Path) -> dict[str, Document]:
    """The real laws by '<BWB-ID>@<date>'."""
    documents = [load(path) for path in sorted((sources / "laws").glob("*.xml"))]
    return {document.source.id: document for document in documents}


@pytest.fixture(scope="module")
def tricky(laws_archive: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The files of some laws in the archive, by BWB id."""
    folder = tmp_path_factory.mktemp("laws")
    found: dict[str, Path] = {}
    with tarfile.open(laws_archive) as archive:
        for member in archive:
            work = Path(member.name).name[:11]
            if work in TRICKY:
                archive.extract(member, folder, filter="data")
                found[work] = folder / member.name
    return found


class TestDescribe:
    def test_a_law_tells_its_version_title_and_how_binding_it_is(self, tmp_path: Path) -> None:
        fields = bwb.describe(written(tmp_path, law(article("1", "<al>Tekst.</al>"))))
        assert fields["id"] == "BWBR9999999@2024-07-01"
        assert fields["work"] == "BWBR9999999"
        assert fields["title"] == "Proefwet"
        assert fields["valid_from"] == date(2024, 7, 1)
        assert (fields["kind"], fields["binding"]) == (Kind.LAW, Binding.LAW)
        assert fields["url"] == "https://wetten.overheid.nl/BWBR9999999"

    @pytest.mark.parametrize(
        ("soort", "binding"),
        [
            ("wet", Binding.LAW),
            ("rijkswet", Binding.LAW),
            ("verdrag", Binding.LAW),
            ("AMvB", Binding.RULE),
            ("KB", Binding.RULE),
            ("ministeriele-regeling", Binding.RULE),
        ],
    )
    def test_only_acts_and_treaties_are_law(self, tmp_path: Path, soort: str, binding: Binding) -> None:
        path = written(tmp_path, law(article("1", "<al>Tekst.</al>"), soort=soort))
        assert bwb.describe(path)["binding"] == binding

    def test_without_a_short_title_the_long_one_is_taken(self, tmp_path: Path) -> None:
        text = law(article("1", "<al>Tekst.</al>"))
        start, end = text.index("<citeertitel>"), text.index("<wet-besluit>")
        path = written(tmp_path, text[:start] + text[end:])
        assert bwb.describe(path)["title"] == "Wet van 1 mei over proeven"

    def test_the_real_laws_carry_their_regime_and_the_name_people_use(self, laws: dict[str, Document]) -> None:
        told = {key: (law.source.short_title, law.source.regime, law.source.binding) for key, law in laws.items()}
        assert told["BWBR0044770@2025-10-21"] == ("Wi2021", Regime.WI2021, Binding.LAW)
        assert told["BWBR0044770@2022-01-01"] == ("Wi2021", Regime.WI2021, Binding.LAW)
        assert told["BWBR0020611@2021-12-31"] == ("Wi2013", Regime.WI2013, Binding.LAW)
        assert told["BWBR0045555@2025-11-20"] == ("Bi2021", Regime.WI2021, Binding.RULE)
        assert told["BWBR0015703@2026-01-01"] == ("P-wet", None, Binding.LAW)

    def test_every_alias_names_one_law(self) -> None:
        names = Counter(
            name.casefold() for law in known_laws().values() for name in {law.title, law.short_title, *law.aliases}
        )
        del names[""]
        assert [name for name, count in names.items() if count > 1] == []


class TestText:
    def test_a_lid_is_a_section_that_starts_after_its_number(self, tmp_path: Path) -> None:
        content = lid("1", "<al>Eerste zin.</al>") + lid("2.", "<al>Tweede zin.</al>")
        path = written(
            tmp_path,
            law(
                "<hoofdstuk><kop><label>Hoofdstuk</label><nr>2</nr><titel>Over proeven</titel></kop>"
                "<paragraaf><kop><label>§</label><nr>2.1.</nr><titel>Soorten</titel></kop>"
                "<artikel><kop><label>Artikel</label><nr>14</nr><titel>Brede proef</titel></kop>"
                f"{content}</artikel></paragraaf></hoofdstuk>"
            ),
        )
        document = load(path)
        assert document.text == (
            "Proefwet\nHoofdstuk 2. Over proeven\n§ 2.1. Soorten\nArtikel 14. Brede proef\n"
            "1 Eerste zin.\n2. Tweede zin.\n"
        )
        assert texts(document) == [("artikel 14, lid 1", "Eerste zin."), ("artikel 14, lid 2", "Tweede zin.")]
        second = document.sections[1]
        assert (second.article, second.lid) == ("14", "2")
        assert second.heading_path == ("Hoofdstuk 2. Over proeven", "§ 2.1. Soorten", "Artikel 14. Brede proef")
        assert document.facts == {"articles": 1, "leden": 2, "lapsed": 0, "annexes": 0}

    def test_an_article_without_leden_is_one_section(self, tmp_path: Path) -> None:
        document = load(written(tmp_path, law(article("3:4", "<al>Een.</al><al>Twee.</al>"))))
        assert texts(document) == [("artikel 3:4", "Een.\nTwee.")]
        assert document.sections[0].lid is None

    def test_a_footnote_stays_where_it_is_called(self, tmp_path: Path) -> None:
        noot = "<noot><noot.nr>1)</noot.nr><noot.al>Alleen de kern.</noot.al></noot>"
        document = load(written(tmp_path, law(article("1", f"<al>Dalfsen{noot}</al><al>Raalte</al>"))))
        assert texts(document) == [("artikel 1", "Dalfsen 1) Alleen de kern.\nRaalte")]

    def test_a_table_with_spans_loses_and_doubles_no_cell(self, tmp_path: Path) -> None:
        table = (
            "<table><title>Tarieven</title><tgroup cols='3'><colspec colname='1'/><colspec colname='2'/>"
            "<colspec colname='3'/><thead><row><entry><al>Soort</al></entry>"
            "<entry namest='2' nameend='3'><al>Bedrag</al></entry></row></thead>"
            "<tbody><row><entry morerows='1'><al>Proef</al><al>(groot)</al></entry><entry><al>1</al></entry>"
            "<entry><al>€ 10</al></entry></row><row><entry><al>2</al></entry><entry><al>€ 20</al></entry></row>"
            "</tbody></tgroup></table>"
        )
        document = load(written(tmp_path, law(article("5", lid("1", f"<al>Het tarief:</al>{table}")))))
        lines = text_of(document, document.sections[0]).split("\n")
        assert lines[:2] == ["Het tarief:", "Tarieven"]
        assert [line.split("\t") for line in lines[2:]] == [
            ["Soort", "Bedrag"],
            ["Proef (groot)", "1", "€ 10"],
            ["2", "€ 20"],
        ]

    def test_an_unknown_element_gives_its_text_once(self, tmp_path: Path) -> None:
        content = "<vreemd>Los <al>Binnen.</al> na</vreemd><formule>x = y</formule>"
        document = load(written(tmp_path, law(article("1", content))))
        assert text_of(document, document.sections[0]).split() == ["Los", "Binnen.", "na", "x", "=", "y"]


class TestLapsed:
    @pytest.mark.parametrize("text", ["Vervallen", "[Vervallen per 01-07-2015]", "Vervallen.", "(gereserveerd)"])
    def test_a_lid_of_only_that_word_has_lapsed(self, tmp_path: Path, text: str) -> None:
        content = lid("1", "<al>Geldt.</al>") + lid("2", f"<al>{text}</al>")
        document = load(written(tmp_path, law(article("1", content))))
        assert [section.lapsed for section in document.sections] == [False, True]

    @pytest.mark.parametrize(
        "words",
        [
            "Dit artikel is nog niet in werking getreden; dat kan bij besluit.",
            "Dit artikel treedt niet meer in werking.",
        ],
    )
    def test_an_article_said_not_to_be_in_force_is_out_with_its_leden(self, tmp_path: Path, words: str) -> None:
        content = f"<al><redactie>{words}</redactie></al>{lid('1', '<al>Tekst.</al>')}"
        document = load(written(tmp_path, law(article("1", content, 'status="goed"'))))
        assert [section.lapsed for section in document.sections] == [True, True]
        assert document.facts["lapsed"] == 1

    def test_a_lid_said_not_to_be_in_force_is_out_alone(self, tmp_path: Path) -> None:
        content = lid("1", "<al>Geldt.</al>") + lid("2", "<al>Dit lid is nog niet in werking getreden.</al>")
        document = load(written(tmp_path, law(article("1", content))))
        assert [section.lapsed for section in document.sections] == [False, True]

    def test_a_sentence_that_begins_with_the_word_holds(self, tmp_path: Path) -> None:
        content = lid(
            "1", "<al>Vervallen aandelen waarop pandrecht rust worden vervangen door andere aandelen, of</al>"
        )
        document = load(written(tmp_path, law(article("1", content))))
        assert not document.sections[0].lapsed


class TestAnnexes:
    def test_a_law_of_annexes_only_is_read(self, tmp_path: Path) -> None:
        annex = "<bijlage><kop><label>Bijlage</label></kop><al>Lijst van landen.</al></bijlage>"
        document = load(written(tmp_path, law("", after=annex)))
        assert texts(document) == [("bijlage", "Lijst van landen.")]

    def test_a_law_without_any_text_is_refused(self, tmp_path: Path) -> None:
        path = written(tmp_path, law(""))
        with pytest.raises(ReadError, match="without any article"):
            load(path)

    def test_a_ministerial_rule_is_read_like_a_law(self, tmp_path: Path) -> None:
        text = law(article("1", lid("1", "<al>Tekst.</al>")), soort="ministeriele-regeling")
        for name, other in (
            ("wet-besluit", "regeling"),
            ("wettekst", "regeling-tekst"),
            ("wetsluiting", "regeling-sluiting"),
        ):
            text = text.replace(name, other)
        assert texts(load(written(tmp_path, text))) == [("artikel 1, lid 1", "Tekst.")]

    def test_a_treaty_has_articles(self, tmp_path: Path) -> None:
        text = law(article("1", lid("1", "<al>Tekst.</al>")), soort="verdrag")
        text = text.replace("wet-besluit>", "verdrag>").replace("wettekst>", "verdragtekst>")
        text = text.replace("<verdragtekst>", "<verdragtekst><preambule><al>De Staten</al></preambule>")
        assert texts(load(written(tmp_path, text))) == [("artikel 1, lid 1", "Tekst.")]

    def test_a_circular_is_read_by_its_divisions(self, tmp_path: Path) -> None:
        inner = "<circulaire.divisie><kop><nr>2.1</nr><titel>Hoe</titel></kop><al>Zo.</al></circulaire.divisie>"
        divisions = (
            "<tekst><al>Vooraf.</al></tekst>"
            "<circulaire.divisie><kop><nr>2</nr><titel>Doel</titel></kop><tekst><al>Proeven.</al></tekst>"
            f"{inner}</circulaire.divisie>"
        )
        text = law(divisions, soort="circulaire")
        for name, other in (
            ("wet-besluit", "circulaire"),
            ("wettekst", "circulaire-tekst"),
            ("wetsluiting", "circulaire-sluiting"),
        ):
            text = text.replace(name, other)
        document = load(written(tmp_path, text))
        assert texts(document) == [("", "Vooraf."), ("2. Doel", "Proeven."), ("2.1. Hoe", "Zo.")]
        assert document.sections[2].heading_path == ("2. Doel", "2.1. Hoe")

    def test_an_amending_article_keeps_what_it_quotes(self, tmp_path: Path) -> None:
        kop = "<kop><label>Artikel</label><nr>II</nr></kop>"
        quoted = article("9", lid("1", "<al>Nieuwe tekst.</al>"))
        amending = f"<wijzig-artikel>{kop}<wat>Artikel 9 luidt:</wat><citaat>{quoted}</citaat></wijzig-artikel>"
        document = load(written(tmp_path, law(amending)))
        assert [section.article for section in document.sections] == ["II"]
        assert text_of(document, document.sections[0]).split()[-3:] == ["1", "Nieuwe", "tekst."]

    def test_an_annex_is_cited_by_its_printed_number(self, tmp_path: Path) -> None:
        annexes = "".join(
            f"<bijlage><kop><label>{label}</label><titel>bedoeld in artikel 1</titel></kop><al>Tekst.</al></bijlage>"
            for label in ("Bijlage II", "Lijst A", "Tabel")
        )
        document = load(written(tmp_path, law("", after=annexes)))
        assert [section.locator for section in document.sections] == ["bijlage II", "lijst A", "tabel"]


class TestRealLaws:
    def test_a_long_list_keeps_its_parts(self, laws: dict[str, Document]) -> None:
        wi2021 = laws["BWBR0044770@2025-10-21"]
        section = next(s for s in wi2021.sections if s.locator == "artikel 14, lid 3")
        assert [part.label for part in section.parts] == ["a", "b", "c", "d"]
        assert all(wi2021.text[part.start :].startswith(f"{part.label}. ") for part in section.parts)

    def test_the_tricky_laws_lose_nothing(self, tricky: dict[str, Path]) -> None:
        assert set(tricky) == set(TRICKY)
        for work, path in tricky.items():
            _, problems = compare(path, load(path))
            assert problems == [], f"{work} ({TRICKY[work]}): {problems[:2]}"

    def test_sections_follow_each_other_and_hold_their_parts(self, tricky: dict[str, Path]) -> None:
        for path in tricky.values():
            end = 0
            for section in load(path).sections:
                assert end <= section.start < section.end
                end = section.end
                assert all(section.start <= part.start < part.end <= section.end for part in section.parts)

    def test_an_article_with_two_texts_keeps_both(self, tricky: dict[str, Path]) -> None:
        locators = Counter(locator for locator, _ in texts(load(tricky["BWBR0005537"])))
        assert [locators[f"artikel 8:36c, lid {number}"] for number in (1, 2, 3)] == [2, 2, 2]

    def test_articles_in_an_annex_are_not_taken_for_the_laws(self, tricky: dict[str, Path]) -> None:
        awb = load(tricky["BWBR0005537"])
        in_annex = [section for section in awb.sections if section.locator.startswith("bijlage 2, artikel 8")]
        assert len(in_annex) == 10
        assert all(section.article is None for section in in_annex)

    def test_a_lid_in_force_that_begins_with_vervallen_is_kept(self, tricky: dict[str, Path]) -> None:
        section = next(s for s in load(tricky["BWBR0003045"]).sections if s.locator == "artikel 334o, lid 2")
        assert not section.lapsed

    def test_lapsed_articles_hold_no_other_text(self, tricky: dict[str, Path]) -> None:
        waterwet = load(tricky["BWBR0025458"])
        lapsed = [text for section, text in zip(waterwet.sections, texts(waterwet), strict=True) if section.lapsed]
        assert len(lapsed) > 100
        assert {text for _, text in lapsed} == {"Vervallen"}


class TestAddress:
    @pytest.mark.parametrize(
        ("number", "lid_number", "tail"),
        [
            ("14", "2", "artikel=14&lid=2"),
            ("3:4", None, "artikel=3:4"),
            ("Y 30a", "1", "artikel=Y%2030a&lid=1"),
        ],
    )
    def test_the_address_of_an_article(self, number: str, lid_number: str | None, tail: str) -> None:
        url = bwb.article_url("BWBR0044770", number, lid_number)
        assert url == f"https://wetten.overheid.nl/jci1.3:c:BWBR0044770&{tail}"
