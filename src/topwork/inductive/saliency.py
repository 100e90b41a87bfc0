"""Which part of a picture an answer rests on, by covering one part after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.engines import Engine
from topwork.heads import LinearHead

GRID = 9
"""Places along each side that the cover takes."""

_COVER = 3 / 14
_SANE = 0.5
_SANE_ITEMS = 4

Image = NDArray[np.uint8]
Map = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Answering:
    """A frozen part and a head: pictures to logits."""

    engine: Engine
    head: LinearHead

    def logits(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """``(m, k)`` of pictures ``(m, h, w, 3)``."""
        size = self.engine.batch
        batches = ((i, images[i : i + size]) for i in range(0, len(images), size))
        found = {start: features for start, (features, *_) in self.engine.run(batches)}
        return self.head.logits(np.concatenate([found[start] for start in sorted(found)]))


@dataclass(frozen=True, slots=True)
class Saliency:
    """Maps ``(m, GRID, GRID)``, and how much they say about the trained weights.

    Parameters
    ----------
    agreement
        Mean absolute correlation with maps after the weights were randomised. Maps that
        stay the same show edges of the picture, not what was learnt (Adebayo et al. 2018, Sanity
        checks for saliency maps).
    """

    maps: Sequence[Map]
    agreement: float

    @property
    def sane(self) -> bool:
        """Whether the maps depend on what was learnt."""
        return self.agreement < _SANE


def saliency(
    images: NDArray[np.uint8],
    codes: NDArray[np.integer],
    answering: Answering,
    randomised: Answering,
) -> Saliency:
    """How much less each picture speaks for its class once a part is covered.

    Occlusion (Zeiler and Fergus 2014, section 4.2): a grey square takes ``GRID`` × ``GRID``
    places; a place's value is the fall of the log odds of the class. It asks the model nothing
    but answers, and so holds for every backbone and engine.

    Parameters
    ----------
    images
        ``(m, h, w, 3)``, as the network sees them.
    codes
        The class asked about, ``(m,)``.
    answering
        The model.
    randomised
        The same with random weights, for the sanity check.
    """
    maps = [occlusion(image, int(c), answering) for image, c in zip(images, codes, strict=True)]
    few = list(zip(images, codes, maps, strict=True))[:_SANE_ITEMS]
    agreements = [
        abs(_correlation(found, occlusion(image, int(c), randomised)))
        for image, c, found in few
        if found.std() > 0
    ]
    return Saliency(maps, float(np.mean(agreements)) if agreements else 0.0)


def occlusion(image: Image, code: int, answering: Answering) -> Map:
    """The map ``(GRID, GRID)`` of one picture ``(h, w, 3)``."""
    odds = _log_odds(answering.logits(np.concatenate([image[None], _covered(image)])), code)
    result: Map = (odds[0] - odds[1:]).reshape(GRID, GRID)
    return result


def _covered(image: Image) -> NDArray[np.uint8]:
    """The picture with each place covered in turn: ``(GRID², h, w, 3)``."""
    height, width, _ = image.shape
    down, across = max(1, round(height * _COVER)), max(1, round(width * _COVER))
    grey = image.mean(axis=(0, 1)).astype(np.uint8)
    covered = np.repeat(image[None], GRID * GRID, axis=0)
    tops = np.linspace(0, height - down, GRID).round().astype(int)
    lefts = np.linspace(0, width - across, GRID).round().astype(int)
    for i, (top, left) in enumerate((top, left) for top in tops for left in lefts):
        covered[i, top : top + down, left : left + across] = grey
    return covered


def _log_odds(logits: NDArray[np.float32], code: int) -> NDArray[np.float32]:
    others = np.delete(logits, code, axis=1)
    top = others.max(axis=1)
    rest = top + np.log(np.exp(others - top[:, None]).sum(axis=1))
    result: NDArray[np.float32] = (logits[:, code] - rest).astype(np.float32)
    return result


def _correlation(one: Map, other: Map) -> float:
    if one.std() == 0 or other.std() == 0:
        return 0.0
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])
