"""What the frozen network says of detected boxes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from topwork.data.preprocessing.placed_boxes import into_input
from topwork.features import from_bfloat16_bits
from topwork.heads.detection.regions import region_means
from topwork.metrics.detection import Detections
from topwork.trials.detection.maps import MappedImages


def region_features(
    mapped: MappedImages, detections: Sequence[Detections]
) -> list[NDArray[np.float32]]:
    """Means of all maps inside the boxes of each of n images, ``(m, f)`` each."""
    framing = mapped.framing
    found = []
    for row, (boxes, size) in enumerate(zip(detections, mapped.sizes, strict=True)):
        here = np.array([row]), np.zeros(1, np.intp)
        maps = [_floats(cut.take(*here))[0] for cut in mapped.cuts]
        corners = into_input(boxes.corners, framing, size)
        found.append(region_means(maps, corners, size=(framing.height, framing.width)))
    return found


def _floats(values: NDArray[np.generic]) -> NDArray[np.float32]:
    if values.dtype == np.uint16:
        return from_bfloat16_bits(values.view(np.uint16))
    return values.astype(np.float32)
