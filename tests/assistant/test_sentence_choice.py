"""Which sentence of a passage is said: the one that answers a question in plain words near the one asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.answering.extractive import _lists, _said, units_of
from assistant.assistant import Assistant
from assistant.settings import load_settings
from indexer.embedding import BundledEmbedder
from indexer.generation import build
from indexer.index import Index, open_index

GUIDE = """# De spaarpot

## Wat mag de klant met de spaarpot?

De klant spaart elke maand een vast bedrag in de spaarpot, en de klant kiest zelf hoe hoog dat bedrag is. De klant praat
over de spaarpot met de klantmanager, die elk kwartaal vraagt hoe het met de spaarpot gaat en wat de klant nodig heeft.
Het college houdt een tiende in zodra iemand tussentijds iets weghaalt. De klant krijgt elk jaar een overzicht van de
spaarpot, met wat erbij kwam en wat de klant in dat jaar aan rente over de spaarpot kreeg van de bank.

## Wat hoort er niet bij?

- huur
- gas en water
- een reis naar familie in het buitenland
"""
LAYER = """
[[place]]
work = "gids"
heading = "Wat mag de klant met de spaarpot?"
questions = ["kost het de klant iets als hij eerder geld uit de spaarpot haalt", "wie praat er met hem over het sparen"]
"""
POINTED = 'sentences = ["Het college houdt", "De klant praat"]\nanswers = [1, 2]\n'


def made(folder: Path, embedder: BundledEmbedder, layer: str) -> Path:
    (folder / "plain").mkdir(parents=True)
    (folder / "gids.md").write_text(GUIDE, encoding="utf-8")
    (folder / "plain" / "gids.toml").write_text(layer, encoding="utf-8")
    build(folder, folder / "index", embedder)
    return folder / "index"


@pytest.mark.parametrize(("layer", "opens"), [(LAYER + POINTED, True), (LAYER, False)])
def test_the_sentence_that_the_layer_points_at_comes_first(
    tmp_path: Path, embedder: BundledEmbedder, layer: str, opens: bool
) -> None:
    index = made(tmp_path / "corpus", embedder, layer)
    assistant = Assistant(load_settings(index=index), embedder)
    answer = assistant.ask("Kost het de klant iets als hij eerder geld uit de spaarpot haalt?")
    assistant.index().close()
    assert answer.claims[0].text.startswith("Het college houdt een tiende in") is opens


@pytest.fixture
def index(tmp_path: Path, embedder: BundledEmbedder) -> Index:
    return open_index(made(tmp_path / "corpus", embedder, LAYER))


def test_a_short_list_is_said_whole_behind_its_heading(index: Index) -> None:
    listed = [passage for passage in index.passages_of("gids") if "huur" in passage.text]
    index.close()
    assert [(unit.lead, unit.text) for unit in units_of(listed[0], 0) if unit.lead] == [
        ("Wat hoort er niet bij?", "- huur\n- gas en water\n- een reis naar familie in het buitenland")
    ]


def test_a_short_item_of_a_long_list_is_a_sentence_too(index: Index) -> None:
    listed = next(passage for passage in index.passages_of("gids") if "huur" in passage.text)
    index.close()
    long = listed.model_copy(update={"text": listed.text + "\n- een ander ding" * 30})
    assert ("Wat hoort er niet bij?", "huur") in [(unit.lead, unit.text) for unit in units_of(long, 0)]


def test_two_lists_under_one_heading_keep_one_mark_an_item(index: Index) -> None:
    listed = next(passage for passage in index.passages_of("gids") if "huur" in passage.text)
    index.close()
    twice = listed.model_copy(update={"text": f"{listed.text}\nOok niet erbij hoort dit.\n- eten\n- de bus"})
    first, _, second = units_of(twice, 0)
    assert [_said(group) for group in _lists([first, second])] == [
        f"Wat hoort er niet bij?\n{listed.text}",
        "Wat hoort er niet bij?\n- eten\n- de bus",
    ]


TABLE = """# Boetes

## Hoe hoog is welke boete?

| Waarvoor? | Wie legt op? | Bedrag |
|---|---|---|
| niet verschijnen | het college | € 250 |
| te laat klaar | de minister | € 1.250 |

## Wat is anders?

| Onderwerp | Wi2021 | Wi2013 |
|---|---|---|
| lening | alleen gezinsmigranten | iedereen |

## Wat houdt elke leerroute in?

|  | B1-route | Z-route |
|---|---|---|
| Niveau | B1 | A1 |
"""


@pytest.fixture
def tables(tmp_path: Path, embedder: BundledEmbedder) -> Iterator[Index]:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "tabel.md").write_text(TABLE, encoding="utf-8")
    build(tmp_path / "corpus", tmp_path / "index", embedder)
    opened = open_index(tmp_path / "index")
    yield opened
    opened.close()


def said(index: Index, number: int) -> list[str]:
    return [_said(together) for together in _lists(units_of(index.passages_of("tabel")[number], 0))]


def test_a_row_of_a_table_is_said_with_what_its_head_says_of_each_cell(tables: Index) -> None:
    assert said(tables, 0) == [
        "Hoe hoog is welke boete?\n"
        "- Waarvoor? – niet verschijnen; Wie legt op? – het college; Bedrag – € 250\n"
        "- Waarvoor? – te laat klaar; Wie legt op? – de minister; Bedrag – € 1.250"
    ]
    assert said(tables, 1) == ["lening: Wi2021 – alleen gezinsmigranten; Wi2013 – iedereen"]


def test_a_head_without_a_cell_above_the_first_column_says_the_others(tables: Index) -> None:
    assert said(tables, 2)[0] == "Niveau: B1-route – B1; Z-route – A1"


def test_a_list_after_a_table_does_not_hang_on_its_head(tables: Index) -> None:
    passage = tables.passages_of("tabel")[2]
    both = passage.model_copy(update={"text": f"{passage.text}\n- B1 waar het kan"})
    assert units_of(both, 0)[-1].lead == "Wat houdt elke leerroute in?"


def test_a_row_alone_is_said_with_its_cells_apart(tables: Index) -> None:
    (passage, *_) = tables.passages_of("tabel")
    row = passage.model_copy(update={"text": "te laat klaar\tde minister"})
    assert [_said(together) for together in _lists(units_of(row, 0))] == ["te laat klaar – de minister"]


def test_the_head_of_a_table_is_quoted_along_with_a_row(tables: Index) -> None:
    (unit, *_) = units_of(tables.passages_of("tabel")[1], 0)
    assert unit.lead_at is not None
    start, end = unit.lead_at
    assert tables.document("tabel").text[start:end] == "Onderwerp\tWi2021\tWi2013"
