"""A prior of many tasks in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ValidationError

from topwork.errors import BundleError
from topwork.heads.few_shot.prior import TaskPrior
from topwork.model.storage.tensor_file import read_arrays
from topwork.runtime import write_whole

KIND: Final = "topwork prior"
MAX_WIDTH: Final = 1 << 16
MAX_TASKS: Final = 1 << 12


class PriorCard(BaseModel):
    """What a prior was learnt from.

    Attributes
    ----------
    kind
        Tells such a file from others.
    modality, backbone, fingerprint
        Of the items and the network; features of any other mean something else.
    n_tasks
        How many tasks it was learnt from.
    gain, low, high
        Points of accuracy with one label per class on tasks that were left out, and the interval.
    """

    kind: str = KIND
    modality: str
    backbone: str
    fingerprint: str
    n_tasks: int
    gain: float
    low: float
    high: float


def save_prior(prior: TaskPrior, card: PriorCard, file: Path) -> None:
    """Write a prior as a safetensors file."""
    from safetensors.numpy import save

    told = np.frombuffer(card.model_dump_json().encode(), np.uint8)
    arrays: dict[str, NDArray[Any]] = {
        "axes": np.ascontiguousarray(prior.axes, np.float32),
        "variances": np.ascontiguousarray(prior.variances, np.float64),
        "places": np.ascontiguousarray(prior.places, np.float32),
        "numbers": np.array([prior.rest, prior.shrinkage]),
        "card": told,
    }
    write_whole(file, save(arrays))


def read_prior(file: str | Path) -> tuple[TaskPrior, PriorCard]:
    """A prior that `save_prior` wrote; anything else is refused.

    Raises
    ------
    BundleError
        The file isn't there, or is no such prior.
    """
    path = Path(file)
    if not path.is_file():
        raise _bad(path, "there is no such file")
    arrays = read_arrays(path)
    if set(arrays) != {"axes", "variances", "places", "numbers", "card"}:
        raise _bad(path, "it holds something else")
    axes, variances = arrays["axes"], arrays["variances"]
    places, numbers = arrays["places"], arrays["numbers"]
    card = _card(path, arrays["card"])
    fits = (
        axes.dtype == np.float32
        and axes.ndim == 2
        and 1 <= axes.shape[1] <= axes.shape[0] <= MAX_WIDTH
        and variances.dtype == numbers.dtype == np.float64
        and places.dtype == np.float32
        and places.ndim == 2
        and places.shape[1] == axes.shape[0]
        and len(places) <= MAX_TASKS
        and variances.shape == (axes.shape[1],)
        and numbers.shape == (2,)
        and (variances >= 0).all()
        and numbers[0] >= 0
        and 0 <= numbers[1] <= 1
    )
    if not fits:
        raise _bad(path, "its numbers can't be those of a prior")
    return TaskPrior(axes, variances, float(numbers[0]), float(numbers[1]), places), card


def _card(path: Path, told: NDArray[Any]) -> PriorCard:
    if told.dtype != np.uint8 or told.ndim != 1 or len(told) > 1 << 16:
        raise _bad(path, "its description can't be read")
    try:
        card = PriorCard.model_validate_json(told.tobytes())
    except ValidationError:
        raise _bad(path, "its description can't be read") from None
    if card.kind != KIND:
        raise _bad(path, "it describes something else")
    return card


def _bad(path: Path, why: str) -> BundleError:
    return BundleError(
        f"{path} is not a prior: {why}.",
        remedy="Give a file that topwork meta wrote.",
        code="bad_prior",
    )
