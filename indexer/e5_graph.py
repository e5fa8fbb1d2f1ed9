"""The network of multilingual-e5-small as an ONNX graph: BERT, post-LayerNorm, erf-GELU, mean over all tokens.

Word, position and type embeddings are added outside the graph (`e5_onnx.py`): the word table stays quantised.
Inputs: `embeddings` (batch, tokens, hidden) fp32 and `mask` (batch, tokens) fp32, 1 for a token, 0 for padding.
Output: `mean` (batch, hidden) fp32, not normalised.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from indexer.e5_weights import Weights

_OPSET = 20  # the first with Gelu


def build(weights: Weights) -> bytes:
    """The serialised graph with fp32 weights, about 85 MB."""
    return bytes(_Graph(weights).model().SerializeToString())


class _Graph:
    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._count = 0

    def model(self) -> onnx.ModelProto:
        size = self._weights.dimensions
        hidden = size.hidden
        self._constant("axis1", np.array([1], dtype=np.int64))
        self._constant("axis2", np.array([2], dtype=np.int64))

        padding = self._node("Cast", "mask", to=TensorProto.INT32)
        x = self._norm("embeddings", "emb.ln")
        for layer in range(size.layers):
            x = self._layer(x, padding, f"l{layer}")
        kept = self._node("Unsqueeze", "mask", "axis2")
        total = self._node("ReduceSum", self._node("Mul", x, kept), "axis1", keepdims=0)
        count = self._node("ReduceSum", "mask", "axis1", keepdims=1)
        self._nodes.append(helper.make_node("Div", [total, count], ["mean"]))
        graph = helper.make_graph(
            self._nodes,
            "multilingual-e5-small",
            [
                helper.make_tensor_value_info("embeddings", TensorProto.FLOAT, ["batch", "tokens", hidden]),
                helper.make_tensor_value_info("mask", TensorProto.FLOAT, ["batch", "tokens"]),
            ],
            [helper.make_tensor_value_info("mean", TensorProto.FLOAT, ["batch", hidden])],
            self._constants,
        )
        return helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", _OPSET), helper.make_opsetid("com.microsoft", 1)],
            ir_version=10,
        )

    def _layer(self, x: str, padding: str, name: str) -> str:
        size = self._weights.dimensions
        hidden, inner = size.hidden, size.feed_forward
        # One product for query, key and value, inside the attention.
        matrix = np.concatenate([self._weights.matrix(f"{name}.{part}.w", hidden, hidden) for part in "qkv"])
        weight = self._constant(f"{name}.qkv.w", np.ascontiguousarray(matrix.T))
        bias = self._constant(
            f"{name}.qkv.b", np.concatenate([self._weights.vector(f"{name}.{part}.b") for part in "qkv"])
        )
        mixed = self._node("Attention", x, weight, bias, padding, domain="com.microsoft", num_heads=size.heads)
        x = self._norm(self._node("Add", x, self._dense(mixed, f"{name}.ao", hidden, hidden)), f"{name}.aln")
        middle = self._node("Gelu", self._dense(x, f"{name}.fi", inner, hidden))
        return self._norm(self._node("Add", x, self._dense(middle, f"{name}.fo", hidden, inner)), f"{name}.oln")

    def _dense(self, x: str, name: str, rows: int, columns: int) -> str:
        weight = self._constant(f"{name}.w", np.ascontiguousarray(self._weights.matrix(f"{name}.w", rows, columns).T))
        bias = self._constant(f"{name}.b", self._weights.vector(f"{name}.b"))
        return self._node("Add", self._node("MatMul", x, weight), bias)

    def _norm(self, x: str, name: str) -> str:
        weight = self._constant(f"{name}.w", self._weights.vector(f"{name}.w"))
        bias = self._constant(f"{name}.b", self._weights.vector(f"{name}.b"))
        return self._node("LayerNormalization", x, weight, bias, axis=-1, epsilon=self._weights.dimensions.epsilon)

    def _constant(self, name: str, value: NDArray[np.float32] | NDArray[np.int64]) -> str:
        self._constants.append(numpy_helper.from_array(value, name))
        return name

    def _node(self, operation: str, *inputs: str, **attributes: Any) -> str:
        self._count += 1
        output = f"t{self._count}"
        self._nodes.append(helper.make_node(operation, list(inputs), [output], **attributes))
        return output
