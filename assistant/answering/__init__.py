"""Two ways to put an answer together: sentences from the sources as they stand, or a language model's."""
