"""Views of images, decoded whenever they are wanted, in place of stored maps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.inputs import InputSpec
from topwork.data import Framing, Item, Modality, framing_of
from topwork.errors import BadItem, DataError


@dataclass(frozen=True, eq=False, slots=True)
class DecodedViews:
    """What a network takes of n images in v views, as `topwork.features.Activations`.

    Parameters
    ----------
    items, keys
        The images and their content keys, n.
    views
        Names of the v views; the first is the plain one.
    framing
        How the plain view is seen.
    spec
        What the network takes.
    """

    kind: Modality
    items: Sequence[Item]
    keys: Sequence[bytes]
    views: tuple[str, ...]
    framing: Framing
    spec: InputSpec

    @property
    def shape(self) -> tuple[int, ...]:
        return 3, self.framing.height, self.framing.width

    @property
    def n_views(self) -> int:
        return len(self.views)

    def __len__(self) -> int:
        return len(self.items)

    def take(self, items: NDArray[np.integer], views: NDArray[np.integer]) -> NDArray[np.float32]:
        """One view of each of these images, normalised, float32 ``(b, 3, h, w)``.

        Raises
        ------
        DataError
            An image went away since it was read.
        """
        pixels = np.stack([self._view(int(i), int(v)) for i, v in zip(items, views, strict=True)])
        mean, std = (np.array(values, np.float32) for values in (self.spec.mean, self.spec.std))
        scaled = (pixels / np.float32(255) - mean) / std
        return np.ascontiguousarray(scaled.transpose(0, 3, 1, 2), np.float32)

    def _view(self, item: int, view: int) -> NDArray[np.generic]:
        framing = framing_of(self.views[view], self.framing, self.keys[item])
        try:
            return np.asarray(self.kind.decode(self.kind.read(self.items[item]), framing))
        except BadItem as error:
            raise DataError(
                f"An image went away since it was read ({error.detail}).",
                remedy="Start again when nothing changes the images.",
                code="went_away",
            ) from error
