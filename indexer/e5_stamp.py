"""The version of the model's graph, apart from the graph itself so that it is known without loading onnx."""

GRAPH_VERSION = 3
"""Raise it when the graph would give other vectors: cached graphs and indexes are then made anew."""

LAYOUT = 2
"""Raise it when the graph gives the same vectors in another way: only cached graphs are then made anew."""
