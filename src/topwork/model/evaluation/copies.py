"""Items that a model is judged on and that look like altered copies of its training items."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.engines.engine import BATCH, Inputs
from topwork.features import ExtraRequest
from topwork.model.training_items import RehearsalRows


class CopySearch:
    """Looks at images while they are open for the model, and compares them afterwards.

    Parameters
    ----------
    statistics
        What the model stores.
    """

    def __init__(self, statistics: RehearsalRows) -> None:
        self._statistics = statistics
        self._sketches: dict[bytes, NDArray[np.int8]] = {}

    @property
    def extra_requests(self) -> tuple[ExtraRequest, ...]:
        """How the images have to be seen; empty where nothing is stored."""
        if not len(self._statistics.sketches):
            return ()
        from topwork.quality.images.thumbnails import DECODED

        return (ExtraRequest(DECODED, frozenset(), self._take, BATCH),)

    def altered(self, keys: Sequence[bytes]) -> int | None:
        """How many of the items with these content keys look like altered training items."""
        if not len(self._statistics.sketches):
            return None
        from topwork.quality import altered_copies

        new = [key for key, seen in zip(keys, self._statistics.seen(keys), strict=True) if not seen]
        if not new:
            return 0
        others = np.stack([self._sketches[key] for key in new])
        found = altered_copies(self._statistics.sketches, self._statistics.codes, others)
        return int(found.sum())

    def _take(self, keys: list[bytes], inputs: Inputs) -> None:
        from topwork.quality import compact, thumbnail

        rows = compact(np.stack([thumbnail(image) for image in inputs]))
        self._sketches.update(zip(keys, rows, strict=True))
