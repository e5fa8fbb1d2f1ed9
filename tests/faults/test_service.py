"""The service while something breaks: killed under load, several processes, full disks, servers that go away."""

from __future__ import annotations

import gc
import os
import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from assistant.assistant import Assistant
from assistant.audit import Audit
from assistant.records import Records
from assistant.service.api import create_app
from assistant.service.keys import Keys
from assistant.settings import load_settings
from assistant.tables import AnswerRow
from indexer.embedding import BundledEmbedder
from indexer.generation import build
from tests.databases import Postgres, running_postgres
from tests.faults.breaking import small_disk
from tests.faults.serving import LEIDRAAD, QUESTION, Programs, Server, servers
from tests.faults.test_disks import fill
from tests.indexer.test_vector_server import Server as ChromaServer
from tests.model_server import Reply, serving
from tests.samples import write_corpus


def key_for(url: str, *collections: str) -> str:
    records = Records(url)
    made = Keys(records).add("proef", collections, per_minute=100_000)
    records.close()
    return made


def kept_ids(url: str) -> set[str]:
    records = Records(url)
    assert Audit(records).verify().broken == ""
    with records.session() as session:
        found = set(session.scalars(select(AnswerRow.id)))
    records.close()
    return found


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.mark.faults
def test_the_api_killed_under_load_has_kept_every_answer_it_gave(
    database_url: str, index_folder: Path, cache: Path, tmp_path: Path
) -> None:
    settings = {"LEIDRAAD_INDEX": str(index_folder), "LEIDRAAD_CACHE": str(cache), "LEIDRAAD_RECORDS": database_url}
    key, clock = key_for(database_url), random.Random(7)
    server = Server(tmp_path / "log", settings)
    given: list[dict[str, str]] = []
    with servers(server):
        for _ in range(2):
            programs = Programs([server.address], key, 6)
            programs.wait_for(8)
            time.sleep(clock.uniform(0, 0.4))
            server.kill()
            seen = programs.stop()
            given += [reply for _, reply in seen.replies]
            assert set(seen.troubles) <= {"ConnectError", "ReadError", "RemoteProtocolError"}
            server.start()
        acknowledged = {reply["id"] for reply in given}
        assert len(acknowledged) == len(given) >= 16 and None not in acknowledged
        # What was being answered at the kill may be kept though nobody was told: at most one for each program.
        assert acknowledged <= kept_ids(database_url) and len(kept_ids(database_url)) <= len(given) + 2 * 6
        more = {"question": "En wat als de klant niet komt?", "conversation_id": given[0]["conversation_id"]}
        after = httpx.post(f"{server.address}/v1/ask", json=more, headers=bearer(key), timeout=60)
        assert after.status_code == 200 and after.json()["conversation_id"] == given[0]["conversation_id"]


@pytest.mark.faults
def test_several_processes_on_one_index_move_to_a_new_generation_together(
    postgres: Postgres, embedder: BundledEmbedder, cache: Path, tmp_path: Path
) -> None:
    database_url = postgres.fresh("several")
    (tmp_path / "teksten").mkdir()
    corpus, index = write_corpus(tmp_path / "teksten"), tmp_path / "x"
    build(corpus, index, embedder)
    settings = {
        "LEIDRAAD_INDEX": str(index),
        "LEIDRAAD_CORPUS": str(corpus),
        "LEIDRAAD_CACHE": str(cache),
        "LEIDRAAD_RECORDS": database_url,
    }
    one, other = (Server(tmp_path / name, settings) for name in ("een", "ander"))
    guide = corpus / "gids-spaargesprek.md"
    before = guide.read_text(encoding="utf-8")
    with servers(one, other):
        key = key_for(database_url)
        programs = Programs([one.address, other.address], key, 4)
        programs.wait_for(8)
        guide.write_text(before.replace("**45 minuten**", "**50 minuten**"), encoding="utf-8")
        done = subprocess.run(
            [LEIDRAAD, "index", "--corpus", corpus, "--index", index],
            env={**os.environ, **settings}, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        swapped = time.monotonic()
        assert done.returncode == 0, done.stderr
        programs.wait_for(8, since=swapped)
        seen = programs.stop()
        assert seen.troubles == []
        says: dict[str, set[str]] = {}
        for began, reply in seen.replies:
            text = reply["answer"]["text"]
            assert ("45 minuten" in text) != ("50 minuten" in text), "never something of both"
            says.setdefault(reply["answer"]["index_generation"], set()).add("45" if "45 minuten" in text else "50")
            assert began < swapped or "50 minuten" in text
        assert sorted(map(sorted, says.values())) == [["45"], ["50"]]
        # What one process began another goes on with; a key that ends is ended in both.
        first = httpx.post(f"{one.address}/v1/ask", json={"question": QUESTION}, headers=bearer(key), timeout=60).json()
        more = {"question": "En wat als de klant niet komt?", "conversation_id": first["conversation_id"]}
        second = httpx.post(f"{other.address}/v1/ask", json=more, headers=bearer(key), timeout=60)
        assert second.json()["conversation_id"] == first["conversation_id"]
        records = Records(database_url)
        Keys(records).revoke(Keys(records).known()[0].id)
        records.close()
        for server in (one, other):
            assert httpx.get(f"{server.address}/v1/sources", headers=bearer(key)).status_code == 401


def test_a_full_disk_costs_no_answer_and_it_is_said_that_it_was_not_kept(
    index_folder: Path, embedder: BundledEmbedder, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "schijf", 2) as disk:
        url = f"sqlite:///{disk / 'r.sqlite'}"
        headers = bearer(key_for(url))
        assistant, records = Assistant(load_settings(index=index_folder), embedder), Records(url)
        with TestClient(create_app(assistant, records)) as client:
            ask = lambda: client.post("/v1/ask", json={"question": QUESTION}, headers=headers).json()  # noqa: E731
            kept = [ask()["id"]]
            fill(disk)
            replies = [ask() for _ in range(60)]
            unkept = [reply for reply in replies if reply["id"] is None]
            kept += [reply["id"] for reply in replies if reply["id"]]
            assert unkept and all("45 minuten" in reply["answer"]["text"] for reply in replies)
            assert all(any("niet worden bewaard" in said for said in r["answer"]["warnings"]) for r in unkept)
            assert f"leidraad_answers_not_kept_total {len(unkept)}.0" in client.get("/metrics", headers=headers).text
            (disk / "vol").unlink()
            kept.append(ask()["id"])
            assert client.get("/ready").status_code == 200
        records.close()
        assert set(kept) == kept_ids(url)
        assistant.index().close()


@pytest.mark.faults
def test_a_database_that_stops_and_starts_under_the_api_is_said_and_found_again(
    index_folder: Path, embedder: BundledEmbedder
) -> None:
    with running_postgres() as server:
        url = server.fresh("records")
        headers = bearer(key_for(url))
        assistant, records = Assistant(load_settings(index=index_folder), embedder), Records(url)
        with TestClient(create_app(assistant, records)) as client:
            kept = [client.post("/v1/ask", json={"question": QUESTION}, headers=headers).json()["id"]]
            server.stop()
            for method, path in (("POST", "/v1/ask"), ("GET", "/v1/sources"), ("GET", "/ready")):
                refused = client.request(
                    method, path, json={"question": QUESTION} if method == "POST" else None, headers=headers
                )
                told = refused.json()
                assert (refused.status_code, told["outcome"], told["retryable"]) == (503, "not_kept", True)
            assert client.get("/health").status_code == 200
            server.start()
            kept.append(client.post("/v1/ask", json={"question": QUESTION}, headers=headers).json()["id"])
            assert client.get("/ready").status_code == 200
        records.close()
        assert set(kept) == kept_ids(url)
        assistant.index().close()


@pytest.fixture
def chroma(tmp_path: Path) -> Iterator[ChromaServer]:
    made = ChromaServer(tmp_path / "chroma")
    made.start()
    yield made
    made.stop()
    gc.collect()  # Chroma's own client leaves its connection to the garbage collector when it is closed


@pytest.mark.faults
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_chroma_server_that_stops_and_starts_under_the_api_is_said_and_found_again(
    chroma: ChromaServer, corpus: Path, embedder: BundledEmbedder, tmp_path: Path
) -> None:
    build(corpus, tmp_path / "x", embedder, vector_server=chroma.url)
    url = f"sqlite:///{tmp_path / 'r.sqlite'}"
    headers = bearer(key_for(url))
    settings = load_settings(index=tmp_path / "x", vector_server=chroma.url)
    assistant, records = Assistant(settings, embedder), Records(url)
    with TestClient(create_app(assistant, records)) as client:

        def ask(question: str) -> httpx.Response:
            return client.post("/v1/ask", json={"question": question, "evidence": 1}, headers=headers)

        before = ask(QUESTION).json()["answer"]
        assert "45 minuten" in before["text"]
        chroma.stop()
        for refused in (
            ask(QUESTION),
            client.post("/v1/search", json={"query": "Waar is het spaargesprek?"}, headers=headers),
        ):
            told = refused.json()
            assert (refused.status_code, told["outcome"], told["retryable"]) == (503, "failed", True)
            assert str(chroma.port) not in refused.text
        assert client.get("/ready").json()["outcome"] == "failed" and client.get("/health").status_code == 200
        # What needs no vectors goes on: the sources, a passage in its place.
        passage = before["citations"][0]["passage_id"]
        assert client.get(f"/v1/passages/{passage}", headers=headers).status_code == 200
        chroma.start()
        assert ask(QUESTION).json()["answer"]["text"] == before["text"]
        assert client.get("/ready").status_code == 200
        # A server that comes back with nothing: it is noticed, and indexing puts the same vectors there again.
        chroma.stop()
        shutil.rmtree(chroma.folder)
        chroma.start()
        assert client.get("/ready").json()["outcome"] == "failed"
        report = build(corpus, tmp_path / "x", embedder, vector_server=chroma.url)
        assert report.changed and report.embedded == 0
        assert ask(QUESTION).json()["answer"]["text"] == before["text"]
    records.close()
    assistant.index().close()


@pytest.mark.parametrize(
    "reply", [Reply(before=20), Reply(text='{"claims": [', ending="reset"), Reply(raw=b"\xff\xfe\x00garbage")],
    ids=["hangs", "resets", "garbage"],
)  # fmt: skip
def test_a_broken_model_behind_the_api_leaves_the_sources_answering(
    reply: Reply, index_folder: Path, embedder: BundledEmbedder, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'r.sqlite'}"
    headers = bearer(key_for(url))
    with serving() as model:
        model.reply(reply)
        settings = load_settings(
            index=index_folder, mode="generative", chat_url=model.url, chat_model="scripted", chat_tries=1,
            chat_stall_seconds=0.4, chat_total_seconds=5.0,
        )  # fmt: skip
        assistant, records = Assistant(settings, embedder), Records(url)
        with TestClient(create_app(assistant, records)) as client:
            began = time.monotonic()
            response = client.post("/v1/ask", json={"question": QUESTION}, headers=headers)
            assert time.monotonic() - began < 10
            answer = response.json()["answer"]
            assert (response.status_code, answer["outcome"], answer["mode"]) == (200, "model_failed", "extractive")
            assert "45 minuten" in answer["text"] and answer["citations"]
            figures = client.get("/metrics", headers=headers).text
            assert 'leidraad_answers_total{door="api",outcome="model_failed",status="answered"} 1.0' in figures
        records.close()
        assistant.index().close()
