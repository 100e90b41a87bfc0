"""An engine that computes nothing, for tests of what comes before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np


class PixelEngine:
    """Keeps what it is shown."""

    name, precision, batch = "none", "float32", 2

    def __init__(self) -> None:
        self.pixels: list[np.ndarray] = []

    def run(self, batches: Iterable[tuple[Any, np.ndarray]]) -> Iterator[tuple[Any, list[Any]]]:
        for tag, inputs in batches:
            self.pixels += list(inputs)
            yield tag, [np.zeros((len(inputs), 1), np.float32)]
