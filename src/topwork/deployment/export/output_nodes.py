"""What models make of the outputs of their heads, as nodes of a graph."""

from __future__ import annotations

from typing import Any

import numpy as np

from topwork.backbones.engines.openvino import openvino
from topwork.tasks.number.transform import Transform

_SMALLEST = np.float32(1e-12)
_LARGEST = float(np.finfo(np.float32).max)


def class_probabilities(logits: Any, temperature: float) -> Any:
    """Of each class ``(b, k)``, from logits ``(b, k)``."""
    ops = openvino().opset13
    return ops.softmax(ops.divide(logits, np.float32(temperature)), 1)


def label_probabilities(log_odds: Any) -> Any:
    """Of each label ``(b, k)``, for itself."""
    return openvino().opset13.sigmoid(log_odds)


def rank_probabilities(log_odds: Any) -> Any:
    """Of k ordered classes ``(b, k)``, from the log odds ``(b, k - 1)`` of being at most each."""
    ops = openvino().opset13
    at_most = ops.sigmoid(log_odds)
    none = ops.multiply(ops.slice(at_most, [0], [1], [1], [1]), np.float32(0))
    below = ops.concat([none, at_most], 1)
    above = ops.concat([at_most, ops.add(none, np.float32(1))], 1)
    p = ops.maximum(ops.subtract(above, below), _SMALLEST)
    return ops.divide(p, ops.reduce_sum(p, np.array([1]), True))


def numbers(outputs: Any, transform: Transform) -> Any:
    """The number ``(b, 1)`` that is predicted, from the outputs ``(b, 2)`` of the head."""
    ops = openvino().opset13
    low, high = transform.forward([transform.least, transform.most])
    z = _between(ops.slice(outputs, [0], [1], [1], [1]), float(low), float(high))
    y = ops.add(ops.multiply(z, np.float32(transform.scale)), np.float32(transform.location))
    if transform.name == "log":
        y = ops.exp(y)
    elif transform.name == "rank":
        y = _piecewise(y, transform)
    return _between(y, transform.least, transform.most)


def _between(node: Any, low: float, high: float) -> Any:
    bounds = (max(min(bound, _LARGEST), -_LARGEST) for bound in (low, high))
    return openvino().opset13.clamp(node, *bounds)


def _piecewise(scores: Any, transform: Transform) -> Any:
    """Numbers of scores: what each piece between two knots adds, the outer ones without end."""
    ops = openvino().opset13
    knots = np.asarray(transform.scores)
    # beyond the knots the scale goes on by a slope of its own
    y = transform.from_scores(knots[[0, 0, -1, -1]] + np.array([-2, -1, 1, 2]))
    before, behind = y[1] - y[0], y[3] - y[2]
    slopes = np.diff(transform.numbers) / np.diff(knots)
    low, high = (knots[None, :-1].astype(np.float32), knots[None, 1:].astype(np.float32))
    pieces = ops.subtract(ops.minimum(ops.maximum(scores, low), high), low)
    total = ops.reduce_sum(
        ops.multiply(pieces, slopes[None].astype(np.float32)), np.array([1]), True
    )
    under = ops.minimum(ops.subtract(scores, np.float32(knots[0])), np.float32(0))
    over = ops.maximum(ops.subtract(scores, np.float32(knots[-1])), np.float32(0))
    beyond = ops.add(
        ops.multiply(under, np.float32(before)), ops.multiply(over, np.float32(behind))
    )
    return ops.add(ops.add(total, beyond), np.float32(transform.numbers[0]))
