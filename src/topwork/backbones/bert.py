"""BERT from its tensors to an OpenVINO graph, without torch.

Devlin et al., BERT, 2019, as the library transformers computes it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.engines.openvino import openvino
from topwork.backbones.nodes import masked_mean, unit_length

Tensors = Mapping[str, NDArray[Any]]

_KNOWN: Final = {"model_type": "bert", "hidden_act": "gelu", "position_embedding_type": "absolute"}


@dataclass(frozen=True, slots=True)
class BertShape:
    """What the tensors don't say of themselves.

    Parameters
    ----------
    layers, heads
        How many there are.
    epsilon
        Of the layer normalisation.
    padding
        The token that stands behind the end of a text.
    """

    layers: int
    heads: int
    epsilon: float
    padding: int


def bert_shape(config: Mapping[str, Any]) -> BertShape | None:
    """The shape in a ``config.json``; ``None`` for a network that is computed in another way."""
    if any(config.get(key, value) != value for key, value in _KNOWN.items()):
        return None
    if config.get("is_decoder") or config.get("model_type") != "bert":
        return None
    return BertShape(
        layers=int(config["num_hidden_layers"]),
        heads=int(config["num_attention_heads"]),
        epsilon=float(config.get("layer_norm_eps", 1e-12)),
        padding=int(config.get("pad_token_id") or 0),
    )


def sentence_nodes(
    tensors: Tensors, shape: BertShape, tokens: Any, *, unit: bool, n_depths: int = 1
) -> Any:
    """Tokens ``(b, t)``, with -1 behind each text, to the means over the tokens ``(b, d)``.

    Parameters
    ----------
    unit
        Whether the vector of a text is scaled to length 1.
    n_depths
        With more than one the vectors of so many last layers, each of length 1, in a row.
    """
    ops = openvino().opset13
    there = _there(tokens)
    states = _hidden(tensors, shape, tokens, there)[-n_depths:]
    vectors = [masked_mean(state, there) for state in states]
    if unit or n_depths > 1:
        vectors = [unit_length(vector) for vector in vectors]
    return vectors[0] if n_depths == 1 else ops.concat(vectors, 1)


def _there(tokens: Any) -> Any:
    """Which places hold a token; the first counts even of a text without tokens."""
    ops = openvino().opset13
    return ops.logical_or(
        ops.greater_equal(tokens, np.int32(0)), ops.equal(_positions(tokens), np.int32(0))
    )


def _positions(tokens: Any) -> Any:
    """``(1, t)``: 0, 1, 2, ..."""
    ops = openvino().opset13
    length = ops.gather(ops.shape_of(tokens, "i32"), np.int32(1), np.int32(0))
    return ops.unsqueeze(ops.range(np.int32(0), length, np.int32(1), "i32"), np.int32(0))


def _hidden(tensors: Tensors, shape: BertShape, tokens: Any, there: Any) -> list[Any]:
    """What each layer says of each token ``(b, t, d)``, from the first layer to the last."""
    ops = openvino().opset13
    ids = ops.select(ops.greater_equal(tokens, np.int32(0)), tokens, np.int32(shape.padding))
    table = {key: tensors[f"embeddings.{key}_embeddings.weight"] for key in _TABLES}
    words = ops.gather(table["word"], ids, np.int32(0))
    places = ops.gather(table["position"], _positions(tokens), np.int32(0))
    x = ops.add(ops.add(words, table["token_type"][:1][None]), places)
    x = _normalised(tensors, "embeddings.LayerNorm", x, shape)
    seen = ops.unsqueeze(there, np.array([1, 2], np.int32))
    mask = ops.select(seen, np.float32(0), np.finfo(np.float32).min)
    states = []
    for i in range(shape.layers):
        x = _layer(tensors, f"encoder.layer.{i}", x, mask, shape)
        states.append(x)
    return states


_TABLES: Final = ("word", "position", "token_type")


def _layer(tensors: Tensors, name: str, x: Any, mask: Any, shape: BertShape) -> Any:
    ops = openvino().opset13
    attended = _linear(
        tensors, f"{name}.attention.output.dense", _attention(tensors, name, x, mask, shape)
    )
    x = _normalised(tensors, f"{name}.attention.output.LayerNorm", ops.add(attended, x), shape)
    inner = ops.gelu(_linear(tensors, f"{name}.intermediate.dense", x), "erf")
    outer = _linear(tensors, f"{name}.output.dense", inner)
    return _normalised(tensors, f"{name}.output.LayerNorm", ops.add(outer, x), shape)


def _attention(tensors: Tensors, name: str, x: Any, mask: Any, shape: BertShape) -> Any:
    ops = openvino().opset13
    query, key, value = (
        _by_heads(_linear(tensors, f"{name}.attention.self.{part}", x), shape)
        for part in ("query", "key", "value")
    )
    width = tensors[f"{name}.attention.self.query.bias"].shape[0] // shape.heads
    found = ops.scaled_dot_product_attention(
        query, key, value, mask, np.float32(1 / math.sqrt(width))
    )
    rows = ops.transpose(found, np.array([0, 2, 1, 3]))
    return ops.reshape(rows, np.array([0, 0, -1]), special_zero=True)


def _by_heads(x: Any, shape: BertShape) -> Any:
    """``(b, t, d)`` to ``(b, heads, t, d / heads)``."""
    ops = openvino().opset13
    split = ops.reshape(x, np.array([0, 0, shape.heads, -1]), special_zero=True)
    return ops.transpose(split, np.array([0, 2, 1, 3]))


def _linear(tensors: Tensors, name: str, x: Any) -> Any:
    ops = openvino().opset13
    product = ops.matmul(x, tensors[f"{name}.weight"], False, True)
    return ops.add(product, tensors[f"{name}.bias"].reshape(1, 1, -1))


def _normalised(tensors: Tensors, name: str, x: Any, shape: BertShape) -> Any:
    ops = openvino().opset13
    centred = ops.mvn(x, np.array([-1]), True, shape.epsilon, "inside_sqrt")
    scale, shift = (tensors[f"{name}.{part}"].reshape(1, 1, -1) for part in ("weight", "bias"))
    return ops.add(ops.multiply(centred, scale), shift)
