"""Which embedder the settings name; apart from the assistant, for indexing needs nothing of what answers."""

from __future__ import annotations

from assistant.settings import Settings
from indexer.embedding import Embedder, EndpointEmbedder, bundled_embedder


def make_embedder(settings: Settings) -> Embedder:
    """The embedder that the settings name: an endpoint, or the bundled model."""
    if settings.embedding_url:
        key = settings.embedding_key.get_secret_value() if settings.embedding_key else None
        return EndpointEmbedder(settings.embedding_url, settings.embedding_model, key)
    return bundled_embedder(settings.cache, settings.threads)
