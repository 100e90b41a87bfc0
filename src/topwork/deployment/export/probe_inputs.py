"""Inputs of which a model and its export must say the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topwork.backbones import Input
from topwork.backbones.inputs import InputSpec, TokenInput
from topwork.data import Item
from topwork.errors import BadItem
from topwork.model.sealed_model import NetworkModel

BATCH = 16
"""Inputs at a time."""

N_SYNTHETIC = 16
LONGEST = 64
"""Tokens of a synthetic text."""

Inputs = NDArray[Any]


def synthetic_inputs(spec: Input, seed: int = 0) -> Inputs:
    """Sixteen inputs that no user gives: flat, graded, noisy and extreme ones.

    Returns
    -------
    numpy.ndarray
        uint8 ``(16, h, w, 3)``, or int32 ``(16, t)`` for a network that takes tokens.

    Examples
    --------
    >>> spec = InputSpec(8, 12, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    >>> synthetic_inputs(spec).shape
    (16, 8, 12, 3)
    """
    rng = np.random.default_rng(seed)
    if isinstance(spec, InputSpec):
        return _images(spec.height, spec.width, rng)
    return _tokens(spec, rng)


def _images(height: int, width: int, rng: np.random.Generator) -> Inputs:
    shape = (height, width, 3)
    down = np.linspace(0, 255, height)[:, None, None]
    across = np.linspace(0, 255, width)[None, :, None]
    rows, columns = np.indices((height, width))[..., None]
    colours = rng.integers(0, 256, (8, 8, 3))
    blocks = colours[np.arange(height) * 8 // height][:, np.arange(width) * 8 // width]
    drawn = [
        *(np.full(shape, grey) for grey in (0, 255, 128)),
        np.broadcast_to([230, 40, 10], shape),
        np.broadcast_to([10, 60, 220], shape),
        np.broadcast_to(down, shape),
        np.broadcast_to(across, shape),
        np.concatenate([down + 0 * across, 0 * down + across, 255 - down + 0 * across], axis=2),
        (rows + columns) % 2 * np.full(shape, 255),
        (rows // 8 + columns // 8) % 2 * np.full(shape, 255),
        rng.integers(0, 256, shape),
        rng.choice([0, 255], shape),
        rng.normal(128, 20, shape),
        rng.normal(60, 5, shape),
        blocks,
        blocks + rng.normal(0, 25, shape),
    ]
    return np.stack([np.clip(one, 0, 255).astype(np.uint8) for one in drawn])


def _tokens(spec: TokenInput, rng: np.random.Generator) -> Inputs:
    """Texts of one token to many, one of no token, one that repeats itself, the outermost ones."""
    most = spec.max_length if spec.windows > 1 else min(spec.max_length, LONGEST)
    length = most * min(spec.windows, 2)
    tokens = rng.integers(0, spec.vocabulary, (N_SYNTHETIC, length)).astype(np.int32)
    lengths = np.linspace(length, 1, N_SYNTHETIC).round()
    lengths[-1] = 0
    tokens[1] = tokens[1, 0]
    tokens[2, ::2], tokens[2, 1::2] = 0, spec.vocabulary - 1
    tokens[np.arange(length) >= lengths[:, None]] = -1
    return tokens


def batches(inputs: Sequence[Inputs]) -> Iterator[Inputs]:
    """Inputs in batches of equal shapes, ``(b, ...)``."""
    waiting = defaultdict[tuple[int, ...], list[Inputs]](list)
    for one in inputs:
        own = waiting[one.shape]
        own.append(one)
        if len(own) == BATCH:
            yield np.stack(own)
            own.clear()
    yield from (np.stack(own) for own in waiting.values() if own)


def inputs_of(model: NetworkModel, items: Sequence[Item], most: int) -> list[Inputs]:
    """What up to ``most`` items are to the network, evenly taken; those that can't be read aren't.

    Parameters
    ----------
    items
        As ``model.items`` gives them.
    """
    chosen = np.unique(np.linspace(0, len(items) - 1, min(most, len(items))).round().astype(int))
    found = []
    for place in chosen:
        try:
            content = model.kind.read(items[place])
            found.append(np.asarray(model.kind.decode(content, model.parts.preparation)))
        except (BadItem, OSError):
            continue
    return found
