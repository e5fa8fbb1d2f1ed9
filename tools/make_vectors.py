"""Makes the vectors of the plain layer's questions that come with Leidraad: make plain-vectors.

Only what is new or changed is embedded; the rest is taken over. Run it after any change in corpus/plain, on the bundled
model's own engine.
"""

from __future__ import annotations

import numpy as np

from assistant.embedders import make_embedder
from assistant.settings import ROOT, load_settings
from indexer.embedding import BundledEmbedder
from indexer.plain import layer_files, lines_of
from indexer.ready_vectors import ReadyVectors, key_of, write


def main() -> None:
    """Writes one file of vectors beside each file of the layer."""
    embedder = make_embedder(load_settings())
    if not isinstance(embedder, BundledEmbedder) or embedder.notice:
        raise SystemExit("The vectors that come along are those of the bundled model on onnxruntime; it is not in use.")
    for path in layer_files([ROOT / "corpus" / "plain"]):
        texts = lines_of(path)
        ready = ReadyVectors([path], embedder.stamp)
        rows = [ready.get(key_of(text, question=True), embedder.dimensions) for text in texts]
        missing = [number for number, row in enumerate(rows) if row is None]
        made = embedder.embed_questions([texts[number] for number in missing])
        for number, row in zip(missing, made, strict=True):
            rows[number] = row
        write(path, embedder.stamp, texts, np.stack([row for row in rows if row is not None]))
        print(f"{path.name}: {len(texts)} questions, {len(missing)} of them embedded now")


if __name__ == "__main__":
    main()
