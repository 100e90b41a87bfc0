"""Heat maps as images."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from topwork.data import Item
from topwork.errors import ParameterError
from topwork.model import InspectionPredictions, InspectorModel
from topwork.runtime import write_whole


def write_heat_maps(
    folder: Path, model: InspectorModel, items: Sequence[Item], found: InspectionPredictions
) -> Sequence[str]:
    """A grey PNG for each image in its own resolution; the names of the files.

    128 is the threshold of the model: brighter places are anomalous.

    Raises
    ------
    ParameterError
        A heat map would replace one of the images; nothing is written then.
    """
    taken = set[str]()
    files = [folder / _file_name(name, taken) for name in found.names]
    images = {item.path.resolve() for item in items if item.path is not None}
    for file in files:
        if file.resolve() in images:
            raise ParameterError(
                f"The heat map {file} would replace an image.",
                remedy="Give --map another folder.",
            )
    folder.mkdir(parents=True, exist_ok=True)
    for row, file in enumerate(files):
        write_whole(file, _png(heat_image(found.heat_map(row), model.card.threshold)))
    return [str(file) for file in files]


def _file_name(name: str, taken: set[str]) -> str:
    stem = Path(name).stem or "item"
    chosen, number = f"{stem}-heat.png", 2
    while chosen in taken:
        chosen, number = f"{stem}-{number}-heat.png", number + 1
    taken.add(chosen)
    return chosen


def _png(image: NDArray[np.uint8]) -> bytes:
    from PIL import Image

    stream = io.BytesIO()
    Image.fromarray(image).save(stream, "PNG")
    return stream.getvalue()


def heat_image(heat: NDArray[np.float32], threshold: float) -> NDArray[np.uint8]:
    """Distances as grey levels, the threshold at 128.

    Examples
    --------
    >>> heat_image(np.float32([[0, 2, 9]]), 2.0).tolist()
    [[0, 128, 255]]
    """
    grey = heat * (128 / max(threshold, 1e-9))
    return np.clip(np.round(grey), 0, 255).astype(np.uint8)
