"""What the questions of a place have in common finds it where no single question does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.plain import Bridge, Gap, Layer
from indexer.prototypes import BROAD, Group, Prototypes, groups, write

_DIMENSIONS = 24


def _made(seed: int = 1) -> tuple[NDArray[np.float32], NDArray[np.intp], NDArray[np.float32]]:
    """Questions of six places, 40 each: a direction of the place's own, and far more of what all questions vary in."""
    chance = np.random.default_rng(seed)
    own = np.linalg.qr(chance.normal(size=(_DIMENSIONS, _DIMENSIONS)))[0]
    place = np.repeat(np.arange(6), 40)
    noise = chance.normal(size=(240, 6)) @ own[6:12] * 1.5 + chance.normal(size=(240, _DIMENSIONS)) * 0.15
    rows = own[place] * 0.8 + noise + 2.0 * own[20]
    fresh = own[np.arange(6)] * 0.8 + chance.normal(size=(6, 6)) @ own[6:12] * 1.5 + 2.0 * own[20]
    return _unit(rows), place, _unit(fresh)


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float32]:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_the_place_is_found_that_the_nearest_question_misses(tmp_path: Path) -> None:
    nearest_right = together_right = 0
    for seed in range(8):
        rows, place, fresh = _made(seed)
        grouped = [
            Group({int(row): 1.0 for row in np.flatnonzero(place == number)}, "s", (f"p{number}",))
            for number in range(6)
        ]
        write(tmp_path / "prototypes.npy", rows, grouped)
        kept = Prototypes(tmp_path / "prototypes.npy")
        assert len(kept) == 6
        for number, vector in enumerate(fresh):
            nearest_right += int(place[(rows @ vector).argmax()] == number)
            together_right += int(kept.similarities(vector).argmax() == number)
    assert together_right >= 46
    assert nearest_right <= together_right - 8


def test_the_side_of_the_answered_ones_is_told(tmp_path: Path) -> None:
    rows, place, fresh = _made()
    grouped = [
        *(Group({int(r): 1.0 for r in np.flatnonzero(place == n)}, "s", (f"p{n}",)) for n in range(3)),
        *(Group({int(r): 1.0 for r in np.flatnonzero(place == n)}, topic=f"t{n}") for n in range(3, 6)),
    ]
    write(tmp_path / "prototypes.npy", rows, grouped)
    kept = Prototypes(tmp_path / "prototypes.npy")
    sides = [kept.answered(vector) for vector in fresh]
    assert min(sides[:3]) > max(sides[3:])


def test_questions_are_grouped_by_place_sentence_and_topic() -> None:
    asked = [f"vraag {number}" for number in range(BROAD)]
    layer = Layer(
        bridges=tuple(
            Bridge(text=text, source_id="wet", passages=("a",) if number % 2 else ("b", "c"), sentences=(number % 3, 7))
            for number, text in enumerate(asked)
        ),
        gaps=(Gap(topic="de prijs", questions=("wat kost het",)),),
    )
    made = groups(layer)
    assert [(g.source_id, g.passages, g.sentence, g.topic) for g in made] == [
        ("wet", ("b", "c"), None, None),
        ("wet", ("a",), None, None),
        ("wet", (), 0, None),
        ("wet", (), 7, None),
        ("wet", (), 1, None),
        ("wet", (), 2, None),
        (None, (), None, "de prijs"),
    ]
    assert made[2].members[0] == 1.0
    assert made[3].members[0] == 0.5, "a sentence named second weighs less"
    assert made[-1].members == {BROAD: 1.0}


def test_a_layer_that_is_not_broad_has_no_groups_and_says_nothing(tmp_path: Path) -> None:
    layer = Layer(bridges=(Bridge(text="hoe lang", source_id="wet", passages=("a",)),))
    assert groups(layer) == []
    write(tmp_path / "prototypes.npy", np.ones((1, 8), dtype=np.float32), [])
    kept = Prototypes(tmp_path / "prototypes.npy")
    vector = np.ones(8, dtype=np.float32)
    assert len(kept) == 0 and len(kept.similarities(vector)) == 0 and kept.answered(vector) == 0.0
