"""Hashed words of texts, by which texts are compared whatever a model was fitted on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.engines.engine import BATCH
from topwork.data import HASHED, Dataset, FeatureHashing
from topwork.errors import BadItem
from topwork.features.forward import ExtraRequest, Inputs


def hashed_words(data: Dataset, rows: NDArray[np.integer]) -> NDArray[np.float32]:
    """Of some texts ``(r, HASHED)``; zeros in place of one that went away since it was read."""
    found = np.zeros((len(rows), HASHED), np.float32)
    for place, row in enumerate(rows):
        try:
            content = data.kind.read(data.items[int(row)])
        except BadItem:
            continue
        found[place] = data.kind.decode(content, FeatureHashing())
    return found


class HashedWords:
    """Takes hashed words of texts while they are open for a model.

    Parameters
    ----------
    wanted
        Whether they are needed at all.
    """

    def __init__(self, *, wanted: bool) -> None:
        self._wanted = wanted
        self._rows: dict[bytes, NDArray[np.float32]] = {}

    @property
    def extra_requests(self) -> tuple[ExtraRequest, ...]:
        """How the texts have to be seen."""
        if not self._wanted:
            return ()
        return (ExtraRequest(FeatureHashing(), frozenset(), self._take, BATCH),)

    def of(self, keys: Sequence[bytes]) -> NDArray[np.float32]:
        """Of the texts with these content keys, ``(m, HASHED)``."""
        return np.array([self._rows[key] for key in keys], np.float32).reshape(-1, HASHED)

    def _take(self, keys: list[bytes], inputs: Inputs) -> None:
        self._rows.update(zip(keys, inputs, strict=True))
