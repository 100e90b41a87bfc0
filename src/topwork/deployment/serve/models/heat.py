"""Where in an image an answer comes from."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from topwork.data import Content, Item
from topwork.data.images.image_size import image_size
from topwork.data.preprocessing.framing import Framing, place
from topwork.deployment.serve.models.served_model import ServedModel
from topwork.deployment.serve.refused import Refused
from topwork.diagnosis.saliency import GRID, covered_places, falls
from topwork.errors import BadItem
from topwork.model import InspectorModel, Model

_COST: Final = 48
"""Predictions that a map of classes counts as: it is 82 passes through the network, in batches."""

_FULL_ANOMALY: Final = 2.0


class HeatMap(BaseModel):
    """A number for each place of a grid over an image.

    Of a model of classes it is by how much the log odds of the class fall where the place is
    covered (Zeiler and Fergus 2014, Visualizing and understanding convolutional networks, section
    4.2); of a model that finds anomalies, how odd the place is, 1 where it is as odd as is allowed.

    Attributes
    ----------
    label
        The class that is asked about, the most probable one; ``None`` for anomalies.
    values
        Rows from top to bottom, each from left to right.
    full
        The value that is shown in full colour; 0 is not shown.
    area
        Left, top, right and bottom of the grid, as fractions of the image; beyond 0 and 1 where the
        network sees more than the image.
    """

    model_config = ConfigDict(frozen=True)

    label: str | None
    values: list[list[float]]
    full: float
    area: Annotated[list[float], Field(min_length=4, max_length=4)]


def has_heat(served: ServedModel) -> bool:
    """Whether there are maps for its items."""
    if isinstance(served.model, InspectorModel):
        return True
    return isinstance(served.model, Model) and not served.inline


def cost_of(served: ServedModel) -> int:
    """Predictions that a map counts as while it is computed."""
    return 1 if isinstance(served.model, InspectorModel) else _COST


def heat_of(served: ServedModel, item: Item) -> HeatMap:
    """The map of an image.

    Raises
    ------
    Refused
        The model has none, or the image can't be read.
    """
    if not has_heat(served):
        raise Refused(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "no_heat_map",
            "There are heat maps of images only, for classes and for anomalies.",
            "GET /v1/models tells which models have them.",
        )
    if served.isolated is not None:
        served.isolated.begin_batch()
    try:
        content = served.model.kind.read(item)
        if isinstance(served.model, InspectorModel):
            return _of_anomalies(served.model, item, content)
        return _of_classes(served.model, content)
    except BadItem as bad:
        raise Refused(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "nothing_readable",
            f"The image can't be read: {bad.detail}.",
            "Send an image that other programs open.",
        ) from bad


def _of_classes(model: Model, content: Content) -> HeatMap:
    framing = model.parts.preparation
    assert isinstance(framing, Framing)
    image = model.kind.decode(content, framing)
    outputs = model.head_outputs(covered_places(image))
    code = int(outputs[0].argmax())
    values = falls(outputs, code).reshape(GRID, GRID)
    full = max(float(values.max()), 1e-6)
    return HeatMap(
        label=str(model.card.labels[code]),
        values=_rounded(values),
        full=full,
        area=_area(model, content),
    )


def _of_anomalies(model: InspectorModel, item: Item, content: Content) -> HeatMap:
    found = model.predictions([item])
    for one in found.rejected:
        raise BadItem(one.reason, one.detail)
    values = found.distances[0] / max(model.card.threshold, 1e-9)
    return HeatMap(
        label=None, values=_rounded(values), full=_FULL_ANOMALY, area=_area(model, content)
    )


def _area(model: Model | InspectorModel, content: Content) -> list[float]:
    """Where the input of the network lies in an image, as fractions of it."""
    framing = model.parts.preparation
    assert isinstance(framing, Framing)
    width, height = image_size(content)
    placed = place(framing, width, height)
    left, top, right, bottom = placed.box
    across, down = (right - left) / placed.width, (bottom - top) / placed.height
    x, y = left - placed.x * across, top - placed.y * down
    return [
        x / width,
        y / height,
        (x + framing.width * across) / width,
        (y + framing.height * down) / height,
    ]


def _rounded(values: NDArray[np.float32]) -> list[list[float]]:
    rounded: list[list[float]] = np.round(values.astype(np.float64), 4).tolist()
    return rounded
