"""Pooled judgements: which passages answer a known question, besides the places that its writer named.

    python -m tools.pool_passages write FOLDER [--index DIR] [--set test]
    python -m tools.pool_passages take FOLDER

Writers seldom name every place that answers. As in TREC, the first five of several systems (Leidraad, words alone,
meaning alone, fused) are put together, without ranks or the names of systems, in an order drawn by lot; an assessor
who works on none of them reads each and says which state the answer by themselves. `write` makes `pool-N.jsonl`
files, a question a line with its passages numbered; the assessor writes `judged-N.jsonl` with lines
`{"id": …, "right": [number, …]}`; `take` adds those places, marked `judged: true`, to the gold in the questions' files.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import yaml

from assistant.assistant import Assistant
from assistant.known import place_of
from assistant.models import Status
from assistant.settings import load_settings
from evals.judge import Judge
from evals.questions import FOLDER, KnownQuestion, load_questions
from evals.run import askable
from evals.systems import Leidraad, System, baseline
from indexer.models import Passage

DEPTH = 5
SYSTEMS = ("bm25", "dense", "fused")
QUESTIONS_A_FILE = 100
SEED = 20261125


def pool(question: KnownQuestion, systems: Sequence[System], judge: Judge) -> list[Passage]:
    """What the systems bring first, each passage once, in an order drawn by lot; those already named left out."""
    found = {p.id: p for system in systems for p in system.respond(question, judge).found[:DEPTH]}
    new = [found[identity] for identity in sorted(found) if not judge.right(question.gold, found[identity])]
    random.Random(f"{SEED} {question.id}").shuffle(new)
    return new


def with_places(text: str, judged: Mapping[str, Sequence[Mapping[str, object]]]) -> str:
    """The text of a file of questions with the places added at the end of each question's gold."""
    lines = text.splitlines()
    out: list[str] = []
    waiting: list[str] = []
    inside = False
    for line in lines:
        if inside and not line.startswith("    - "):
            out += waiting
            waiting, inside = [], False
        if line.startswith("- id:"):
            places = judged.get(line.removeprefix("- id:").strip().strip("\"'"), ())
            flow = [yaml.safe_dump(dict(place), default_flow_style=True, width=1000).strip() for place in places]
            waiting = [f"    - {entry}" for entry in flow]
        if waiting and line.startswith("  gold:") and line.endswith("]"):  # all on one line
            out.append(line[:-1] + "".join(f", {entry.removeprefix('    - ')}" for entry in waiting) + "]")
            waiting = []
            continue
        inside = inside or (bool(waiting) and line.startswith("  gold:"))
        out.append(line)
    return "\n".join(out + (waiting if inside else [])) + "\n"


def write(folder: Path, index: Path | None, name: str) -> int:
    """Writes the pools; says how many questions and passages."""
    assistant = Assistant(load_settings(index=index))
    judge = Judge(assistant.index())
    systems = [Leidraad(assistant), *(baseline(one, judge.index, assistant.embedder) for one in SYSTEMS)]
    questions = [q for q in askable(load_questions(), judge.index) if q.set == name and q.status is Status.ANSWERED]
    folder.mkdir(parents=True, exist_ok=True)
    entries, count = [], 0
    for question in questions:
        passages = pool(question, systems, judge)
        count += len(passages)
        shown = [
            {"n": n, "place": f"{judge.index.sources[p.source_id].title}, {p.locator}".strip(", "), "text": p.text}
            for n, p in enumerate(passages, start=1)
        ]
        asked = [turn.question for turn in question.conversation] + [question.question]
        facts = [fact if isinstance(fact, str) else fact[0] for fact in question.must_state]
        entry = {"id": question.id, "question": " / ".join(asked), "must_state": facts, "passages": shown}
        entries.append((entry, [place_of(passage) for passage in passages]))
    for number, start in enumerate(range(0, len(entries), QUESTIONS_A_FILE), start=1):
        part = entries[start : start + QUESTIONS_A_FILE]
        _lines(folder / f"pool-{number}.jsonl", (entry for entry, _ in part))
        _lines(folder / f"key-{number}.jsonl", ({"id": e["id"], "places": places} for e, places in part))
    print(f"{len(entries)} questions, {count} passages to judge, in {folder}")
    return 0


def take(folder: Path) -> int:
    """Adds what was judged right to the questions' files; says how many places."""
    judged: dict[str, list[dict[str, object]]] = {}
    for path in sorted(folder.glob("judged-*.jsonl")):
        key = path.with_name(path.name.replace("judged", "key"))
        places = {line["id"]: line["places"] for line in _read(key)}
        for line in _read(path):
            chosen = [places[line["id"]][n - 1] for n in line["right"]]
            judged[line["id"]] = [place | {"judged": True} for place in chosen]
    for path in sorted(FOLDER.glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        new = with_places(text, judged)
        if new != text:
            path.write_text(new, encoding="utf-8")
    load_questions()
    print(f"{sum(map(len, judged.values()))} places added to {sum(map(bool, judged.values()))} questions")
    return 0


def _lines(path: Path, entries: Iterable[Mapping[str, object]]) -> None:
    path.write_text("".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries), encoding="utf-8")


def _read(path: Path) -> list[dict[str, list[object] | str | list[int]]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def main() -> int:
    """Writes pools or takes judgements in."""
    parser = argparse.ArgumentParser(description="Pooled judgements.")
    parser.add_argument("what", choices=("write", "take"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--index", type=Path)
    parser.add_argument("--set", default="test", choices=("dev", "test"))
    given = parser.parse_args()
    return take(given.folder) if given.what == "take" else write(given.folder, given.index, given.set)


if __name__ == "__main__":
    sys.exit(main())
