"""Makes the vectors that come with Leidraad, of the plain layer's questions and of the guides' sentences.

    make plain-vectors

Only what is new or changed is embedded; the rest is taken over. Run it after any change in corpus/plain or
corpus/guides, on the bundled model's own engine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.answering.extractive import in_place, units_of
from assistant.answering.sentence_vectors import SHIPPED
from assistant.embedders import make_embedder
from assistant.settings import ROOT, load_settings
from indexer.chunking import chunk
from indexer.embedding import BundledEmbedder
from indexer.plain import layer_files, lines_of
from indexer.readers import read
from indexer.ready_vectors import ReadyVectors, write
from indexer.sources import discover


def main() -> None:
    """Writes one file of vectors beside each file of the layer."""
    embedder = make_embedder(load_settings())
    if not isinstance(embedder, BundledEmbedder) or embedder.notice:
        raise SystemExit("The vectors that come along are those of the bundled model on onnxruntime; it is not in use.")
    for path in layer_files([ROOT / "corpus" / "plain"]):
        texts = lines_of(path)
        missing = _write(path, texts, embedder, embedder.embed_questions, question=True)
        print(f"{path.name}: {len(texts)} questions, {missing} of them embedded now")
    sentences = guide_sentences()
    missing = _write(SHIPPED, sentences, embedder, embedder.embed_passages, question=False)
    print(f"guides: {len(sentences)} sentences, {missing} of them embedded now")


def guide_sentences() -> list[str]:
    """Every sentence of the guides that an answer may say, as it is compared with a question; each once."""
    corpus = ROOT / "corpus"
    found: dict[str, None] = {}
    for source in discover(corpus)[0]:
        if source.file.startswith("guides/"):
            for passage in chunk(read(corpus / source.file, source)):
                found.update((in_place(unit), None) for unit in units_of(passage, rank=0))
    return list(found)


def _write(
    path: Path,
    texts: Sequence[str],
    embedder: BundledEmbedder,
    embed: Callable[[Sequence[str]], NDArray[np.float32]],
    *,
    question: bool,
) -> int:
    """Writes the vectors of some texts; how many were embedded."""
    ready = ReadyVectors([path], embedder.stamp)
    rows, made = ready.rows(texts, embedder.dimensions, embed, question=question)
    write(path, embedder.stamp, texts, rows, question=question)
    return made


if __name__ == "__main__":
    main()
