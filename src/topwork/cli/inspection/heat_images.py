"""Heat maps as images."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from topwork.model import InspectionPredictions, InspectorModel


def write_heat_maps(
    folder: Path, model: InspectorModel, found: InspectionPredictions
) -> Sequence[str]:
    """A grey PNG for each image in its own resolution; the names of the files.

    128 is the threshold of the model: brighter places are anomalous.
    """
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    names, taken = [], set[str]()
    for row, name in enumerate(found.names):
        stem = Path(name).stem or "item"
        own, number = f"{stem}.png", 1
        while own in taken:
            number += 1
            own = f"{stem}-{number}.png"
        taken.add(own)
        file = folder / own
        Image.fromarray(heat_image(found.heat_map(row), model.card.threshold)).save(file)
        names.append(str(file))
    return names


def heat_image(heat: NDArray[np.float32], threshold: float) -> NDArray[np.uint8]:
    """Distances as grey levels, the threshold at 128.

    Examples
    --------
    >>> heat_image(np.float32([[0, 2, 9]]), 2.0).tolist()
    [[0, 128, 255]]
    """
    grey = heat * (128 / max(threshold, 1e-9))
    return np.clip(np.round(grey), 0, 255).astype(np.uint8)
