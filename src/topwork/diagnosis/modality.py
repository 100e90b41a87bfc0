"""How parts of items are covered, for each modality."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from topwork.data import Dataset, ModalityName
from topwork.diagnosis.saliency import Covering, covered_places
from topwork.diagnosis.word_attribution import leaving_out
from topwork.errors import BadItem
from topwork.features.opened_backbone import OpenedBackbone
from topwork.trials.word_features import readable_texts


@dataclass(frozen=True, slots=True)
class Coverable:
    """Items, and how one part of each after the other is covered."""

    items: Sequence[Any] | NDArray[Any]
    covering: Covering[Any]


class MakesCoverable(Protocol):
    """Reads some items for it; None where one of them went away."""

    def __call__(self, data: Dataset, opened: OpenedBackbone) -> Coverable | None: ...


def _images(data: Dataset, opened: OpenedBackbone) -> Coverable | None:
    try:
        images: NDArray[np.uint8] = np.stack(
            [data.kind.decode(data.kind.read(item), opened.framing) for item in data.items]
        )
    except (BadItem, ValueError):  # one went away since it was read, or its size changed
        return None
    return Coverable(images, covered_places)


def _texts(data: Dataset, opened: OpenedBackbone) -> Coverable:
    return Coverable(readable_texts(data), leaving_out(opened.preparation))


COVERABLE: Final[dict[ModalityName, MakesCoverable]] = {"image": _images, "text": _texts}
