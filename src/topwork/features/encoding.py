"""The number formats that features are kept in."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Encoding = Literal["float16", "bfloat16", "float32"]
"""``float16`` for pooled vectors, which keeps 11 bits; ``bfloat16`` for activations, which any
later layer takes in bfloat16 anyway, and which no value overflows; ``float32`` where nothing may
be lost."""

LARGEST_FLOAT16 = float(np.finfo(np.float16).max)

TABLES: dict[Encoding, tuple[str, ...]] = {
    "float16": ("float16", "float32"),
    "bfloat16": ("bfloat16",),
    "float32": ("float32",),
}
"""Where the rows of an encoding lie: those that float16 can't hold are kept in float32."""


def encode(
    features: NDArray[np.float32], encoding: Encoding
) -> list[tuple[str, NDArray[np.intp], NDArray[Any]]]:
    """Rows ``(b, ...)`` as they are kept: for each table its name, positions, values ``(m, d)``."""
    rows = features.reshape(len(features), -1)
    if encoding == "bfloat16":
        return [("bfloat16", np.arange(len(rows)), bfloat16_bits(rows))]
    if encoding == "float32":
        return [("float32", np.arange(len(rows)), rows.astype(np.float32))]
    large = (np.abs(rows) > LARGEST_FLOAT16).any(axis=1)
    parts = (("float16", np.flatnonzero(~large)), ("float32", np.flatnonzero(large)))
    return [(dtype, part, rows[part].astype(dtype)) for dtype, part in parts if len(part)]


def decode(rows: NDArray[Any]) -> NDArray[Any]:
    """Floats of rows as they are kept; only the bits of bfloat16 need it."""
    return from_bfloat16_bits(rows) if rows.dtype == np.uint16 else rows


def bfloat16_bits(values: NDArray[np.float32]) -> NDArray[np.uint16]:
    """The upper halves of float32 values, rounded to the nearest, ties to even.

    Examples
    --------
    >>> from_bfloat16_bits(bfloat16_bits(np.float32([1.0, -2.5, 3.0e38]))).tolist()[:2]
    [1.0, -2.5]
    """
    bits = np.ascontiguousarray(values, dtype=np.float32).view(np.uint32)
    rounded = (bits + (0x7FFF + ((bits >> 16) & 1))) >> 16
    # what isn't a number must not be rounded into an infinity
    return np.where(np.isnan(values), 0x7FC0, rounded).astype(np.uint16)


def from_bfloat16_bits(bits: NDArray[np.uint16]) -> NDArray[np.float32]:
    """The float32 values of such bits."""
    values: NDArray[np.float32] = (bits.astype(np.uint32) << 16).view(np.float32)
    return values
