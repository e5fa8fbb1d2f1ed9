"""The plain-words layer leads to the passages of its places and tells when a text changed under it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from indexer.embedding import BundledEmbedder
from indexer.errors import ManifestError
from indexer.generation import build
from indexer.index import Index, open_index
from indexer.plain import layer_files, read_places
from tests.samples import law

WORK = "BWBR0099001"
LAYER = f"""
work = "{WORK}"
version = "2022-01-01"

[[place]]
article = "1"
about = "Hoe lang iemand de tijd heeft om te sparen."
words = ["spaartijd"]

[[place]]
article = "1"
lid = "1"
questions = ["hoeveel tijd heeft mijn klant voor zijn potje"]

[[place]]
article = "1"
lid = "2"
questions = ["klant lag in het ziekenhuis, mag het later"]

[[place]]
article = "2"
hash = "000000000000"
questions = ["wat kost het als hij niet komt opdagen"]

[[place]]
article = "9"
questions = ["bestaat dit artikel wel"]

[[place]]
work = "gids"
heading = "Wie mag erbij zijn?"
questions = ["mag de buurvrouw mee naar binnen", "wie vertaalt er", "hoe laat begint het"]
sentences = ["De partner en", "Een tolk kan", "Dit stond er vroeger"]
answers = [1, [2, 3, 1], 0]

[[place]]
work = "staat-er-niet"
questions = ["dit gaat over een tekst die hier niet is"]
"""
GUIDE = """# Het gesprek

Het gesprek duurt een uur.

## Wie mag erbij zijn?

De partner en een buur. Een
tolk kan altijd mee.
"""


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    (folder / "plain").mkdir(parents=True)
    (folder / "oud.xml").write_text(law(term="drie"), encoding="utf-8")
    (folder / "nieuw.xml").write_text(law(day="2024-01-01", term="vijf"), encoding="utf-8")
    (folder / "gids.md").write_text(GUIDE, encoding="utf-8")
    (folder / "plain" / "laag.toml").write_text(LAYER, encoding="utf-8")
    return folder


def made(corpus: Path, embedder: BundledEmbedder) -> Index:
    build(corpus, corpus.parent / "index", embedder)
    return open_index(corpus.parent / "index")


def led(index: Index, embedder: BundledEmbedder, question: str, day: date = date(2025, 1, 1)) -> list[str]:
    found = index.plain.led(embedder.embed_query(question), 3, index.allowed(day))
    return [identity for lead in found for identity in lead.passages]


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("hoeveel tijd heeft hij voor zijn potje?", f"{WORK}@2024-01-01/artikel-1-lid-1"),
        ("hij lag in het ziekenhuis, mag het dan later?", f"{WORK}@2024-01-01/artikel-1-lid-2"),
        ("kost het iets als de klant niet opdaagt?", f"{WORK}@2024-01-01/artikel-2"),
        ("mag de buurvrouw ook mee?", "gids/wie-mag-erbij-zijn"),
    ],
)
def test_a_question_in_plain_words_leads_to_its_lid(
    corpus: Path, embedder: BundledEmbedder, question: str, first: str
) -> None:
    index = made(corpus, embedder)
    assert led(index, embedder, question)[0] == first
    index.close()


def test_each_version_is_led_to_on_its_own_day(corpus: Path, embedder: BundledEmbedder) -> None:
    index = made(corpus, embedder)
    assert led(index, embedder, "hoeveel tijd voor zijn potje", date(2023, 1, 1))[0].startswith(f"{WORK}@2022-01-01")
    assert index.plain.led(embedder.embed_query("potje"), 5, frozenset()) == []
    index.close()


def test_a_question_leads_to_the_sentences_that_answer_it(corpus: Path, embedder: BundledEmbedder) -> None:
    index = made(corpus, embedder)
    text, every = index.document("gids").text, index.allowed(date(2025, 1, 1))

    def said(question: str) -> list[str]:
        lead = index.plain.led(embedder.embed_query(question), 1, every)[0]
        assert lead.source_id == "gids"
        return [" ".join(text[at:].split()[:2]) for at in lead.sentences]

    assert said("mag de buurvrouw mee naar binnen") == ["De partner"]
    assert said("wie vertaalt er") == ["Een tolk", "De partner"]  # what no longer stands there is passed over
    assert said("hoe laat begint het") == []
    index.close()


def test_words_of_the_layer_are_found_and_are_no_text(corpus: Path, embedder: BundledEmbedder) -> None:
    index = made(corpus, embedder)
    allowed = index.allowed(date(2025, 1, 1))
    assert {i for i, _ in index.by_plain_words(["spaartijd"], 9, allowed)} == {
        f"{WORK}@2024-01-01/artikel-1-lid-1",
        f"{WORK}@2024-01-01/artikel-1-lid-2",
    }
    assert index.frequency("spaartijd") == 0
    assert index.count() == len(index.passages_of(f"{WORK}@2024-01-01")) * 2 + len(index.passages_of("gids"))
    index.close()


def test_the_index_tells_what_no_longer_fits(corpus: Path, embedder: BundledEmbedder) -> None:
    index = made(corpus, embedder)
    reports = {report.work: report for report in index.manifest.layers}
    assert set(reports) == {WORK, "gids"}
    assert reports[WORK].changed == ("2",)
    assert reports[WORK].missing == ("artikel 9",)
    assert reports[WORK].uncovered == ()
    index.close()


def test_a_changed_layer_changes_the_index_and_embeds_only_what_is_new(corpus: Path, embedder: BundledEmbedder) -> None:
    made(corpus, embedder).close()
    assert not build(corpus, corpus.parent / "index", embedder).changed
    path = corpus / "plain" / "laag.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("potje", "appeltje voor de dorst"), encoding="utf-8")
    report = build(corpus, corpus.parent / "index", embedder)
    assert (report.changed, report.embedded) == (True, 0)


def test_two_leden_with_one_number_and_items_of_a_list_keep_their_own(
    tmp_path: Path, embedder: BundledEmbedder
) -> None:
    item = (
        "een vergoeding die niet als middel geldt omdat zij de kosten van het sparen dekt en niet meer dan dat; " * 12
    )
    items = "".join(f"<li><li.nr>{label}.</li.nr><al>{label} {item}</al></li>" for label in "abcdef")
    body = (
        "<artikel><kop><label>Artikel</label><nr>18</nr></kop>"
        "<lid><lidnr>8</lidnr><al>De eerste regel acht.</al></lid>"
        "<lid><lidnr>8</lidnr><al>De tweede regel acht.</al></lid>"
        f"<lid><lidnr>9</lidnr><al>Niet mee telt:</al><lijst>{items}</lijst></lid></artikel>"
    )
    (tmp_path / "plain").mkdir()
    (tmp_path / "wet.xml").write_text(law(body=body), encoding="utf-8")
    (tmp_path / "plain" / "x.toml").write_text(
        f'work = "{WORK}"\n[[place]]\narticle = "18"\nlid = "8"\nquestions = ["gaat over appels"]\n'
        '[[place]]\narticle = "18"\nlid = "8"\noccurrence = 2\nquestions = ["gaat over vliegtuigen"]\n'
        '[[place]]\narticle = "18"\nlid = "9"\nonderdeel = "e"\nquestions = ["gaat over muziek"]\n',
        encoding="utf-8",
    )
    build(tmp_path, tmp_path / "index", embedder)
    index = open_index(tmp_path / "index")

    def text(question: str) -> str:
        passage = index.passage(led(index, embedder, question)[0])
        assert passage is not None
        return passage.text

    assert text("appels") == "De eerste regel acht."
    assert text("vliegtuigen") == "De tweede regel acht."
    assert "e. e een vergoeding" in text("muziek")
    index.close()


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ("[[place]\n", "cannot be read"),
        ("plaats = 1\n", "unknown key 'plaats'"),
        ('[[place]]\narticle = "1"\n', "place 1: work"),
        (f'work = "{WORK}"\n[[place]]\nlid = "1"\n', "a lid or onderdeel needs its article"),
        (f'work = "{WORK}"\n[[place]]\narticle = "1"\nheading = "x"\n', "not by two of them"),
        (f'work = "{WORK}"\n[[place]]\narticle = "1"\nvragen = []\n', "vragen"),
        (f'work = "{WORK}"\n[[place]]\nquestions = ["a b"]\nanswers = [0, 0]\n', "1 questions have 2 answers"),
        (f'work = "{WORK}"\n[[place]]\nquestions = ["a b"]\nanswers = [1]\n', "not in its list"),
        (f'work = "{WORK}"\n[[place]]\narticle = "1"\n[[place]]\narticle = "1"\n', "stands here twice"),
    ],
)
def test_a_mistake_names_its_file_and_place_and_indexes_nothing(
    tmp_path: Path, embedder: BundledEmbedder, toml: str, told: str
) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "gids.md").write_text(GUIDE, encoding="utf-8")
    (tmp_path / "plain" / "x.toml").write_text(toml, encoding="utf-8")
    with pytest.raises(ManifestError, match=r"x\.toml") as problem:
        build(tmp_path, tmp_path / "index", embedder)
    assert told in str(problem.value)
    assert not list((tmp_path / "index" / "generations").iterdir())


def test_known_gaps_are_found_by_what_people_ask(corpus: Path, embedder: BundledEmbedder) -> None:
    (corpus / "plain" / "gaps.toml").write_text(
        '[[gap]]\ntopic = "de rente op spaargeld"\nquestions = ["hoeveel rente krijgt mijn klant op zijn spaarpot"]\n'
        '[[gap]]\ntopic = "het adres van de bank"\nquestions = ["waar zit de bank", "in welke straat is de bank"]\n',
        encoding="utf-8",
    )
    index = made(corpus, embedder)
    assert index.manifest.gaps == 3
    found = index.plain.nearest_gap(embedder.embed_query("in welke straat zit de bank?"))
    assert found is not None
    assert (found[0], found[1] > 0.9) == ("het adres van de bank", True)
    index.close()


def test_a_mistake_in_the_gaps_is_named(corpus: Path, embedder: BundledEmbedder) -> None:
    (corpus / "plain" / "gaps.toml").write_text('[[gap]]\nquestions = ["x"]\n', encoding="utf-8")
    with pytest.raises(ManifestError, match=r"gaps\.toml, gap 1: topic"):
        build(corpus, corpus.parent / "index", embedder)


def test_the_corpus_own_file_wins_over_the_one_that_ships(tmp_path: Path) -> None:
    for folder, word in (("eigen", "eigen"), ("mee", "mee")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.toml").write_text(
            f'work = "w"\n[[place]]\nheading = "h"\nwords = ["{word} woord"]\n', encoding="utf-8"
        )
    (tmp_path / "mee" / "b.toml").write_text('work = "v"\n[[place]]\nwords = ["b b"]\n', encoding="utf-8")
    files = layer_files([tmp_path / "eigen", tmp_path / "mee", tmp_path / "geen"])
    assert [read_places(path)[0].words[0] for path in files] == ["eigen woord", "b b"]
