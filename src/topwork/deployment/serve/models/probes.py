"""Fixed items by which a model is tried before it is served."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from topwork.backbones.engines.engine import probe_images
from topwork.data import Item
from topwork.errors import BundleError

_TEXTS = ("a short text to begin with", "Not what I had expected; I would send it back.")
_SIDE = 160


def probe_items(*, inline: bool, n: int) -> list[Item]:
    """Texts, or images as they would be sent: n items of two kinds."""
    values: list[Any] = list(_TEXTS) if inline else [_png(image) for image in _images()]
    return [Item(f"probe {i}", value=values[i % 2]) for i in range(n)]


def check_same(expected: Any, found: Any, *, tolerance: float = 1e-4) -> None:
    """See that two results say the same, numbers up to a tolerance.

    Raises
    ------
    BundleError
        They don't.
    """
    if not same(expected.model_dump()["predictions"], found.model_dump()["predictions"], tolerance):
        raise BundleError(
            "The model gives another prediction for an item by itself than for the same item "
            "among others.",
            remedy="Report this with the model's backbone; topwork predict still works.",
            code="not_verified",
        )


def same(a: Any, b: Any, tolerance: float) -> bool:
    """Whether plain data are equal, numbers up to an absolute or relative tolerance.

    Examples
    --------
    >>> same({"a": [1.0, "x"]}, {"a": [1.0001, "x"]}, 1e-3), same([1.0], [1.1], 1e-3)
    (True, False)
    """
    if isinstance(a, float) and isinstance(b, float):
        return bool(np.isclose(a, b, rtol=tolerance, atol=tolerance))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k], tolerance) for k in a if k != "path")
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b, [tolerance] * len(a)))
    return bool(a == b)


def _images() -> list[np.ndarray]:
    return list(probe_images(_SIDE, _SIDE, 2))


def _png(values: np.ndarray) -> bytes:
    from PIL import Image

    stream = io.BytesIO()
    Image.fromarray(values).save(stream, "PNG", compress_level=1)
    return stream.getvalue()
