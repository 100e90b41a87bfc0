"""Which part of an item an answer rests on, by covering one part after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.engines import Engine
from topwork.backbones.engines.engine import Inputs
from topwork.heads import LinearHead

GRID = 9
"""Places along each side that the cover takes."""

_COVER = 3 / 14
_SANE = 0.5
_SANE_ITEMS = 4

Map = NDArray[np.float32]
T = TypeVar("T")
Covering = Callable[[T], Inputs]
"""Gives an item as a network takes it, then with each of its p parts covered: ``(1 + p, ...)``."""


@dataclass(frozen=True, slots=True)
class FeatureClassifier:
    """A frozen part and a head: items to logits."""

    engine: Engine
    head: LinearHead

    def features(self, inputs: Inputs) -> NDArray[np.float32]:
        """``(m, d)`` of images ``(m, h, w, 3)`` or tokens ``(m, t)``."""
        size = self.engine.batch
        batches = ((i, inputs[i : i + size]) for i in range(0, len(inputs), size))
        found = {start: features for start, (features, *_) in self.engine.run(batches)}
        return np.concatenate([found[start] for start in sorted(found)])


@dataclass(frozen=True, slots=True)
class Saliency:
    """Maps of m items, a number for each part, and how much they say about the trained weights.

    Parameters
    ----------
    agreement
        Mean over items of the absolute correlation, averaged over ways to randomise the weights,
        with maps after that. Maps that
        stay the same show edges of an image, not what was learnt (Adebayo et al. 2018, Sanity
        checks for saliency maps).
    """

    maps: Sequence[Map]
    agreement: float

    @property
    def sane(self) -> bool:
        """Whether the maps depend on what was learnt."""
        return self.agreement < _SANE


def saliency(
    items: Iterable[T],
    codes: NDArray[np.integer],
    classifier: FeatureClassifier,
    randomised: Sequence[FeatureClassifier],
    *,
    covering: Covering[T],
) -> Saliency:
    """How much less each item speaks for its class once a part is covered.

    Occlusion (Zeiler and Fergus 2014, section 4.2): a part's value is the fall of the log odds of
    the class. It asks the model nothing but answers, and so holds for every backbone and engine.

    Parameters
    ----------
    codes
        The class asked about, ``(m,)``.
    classifier
        The model.
    randomised
        The same with random weights, once or in several ways, for the sanity check. Of a text
        often one word alone counts; then a single random answer points the same way or the other.
    covering
        How parts are covered.
    """
    maps: list[Map] = []
    agreements: list[float] = []
    for item, code in zip(items, map(int, codes), strict=True):
        inputs = covering(item)
        features = classifier.features(inputs)
        maps.append(falls(classifier.head.logits(features), code))
        if len(agreements) < _SANE_ITEMS and maps[-1].size and maps[-1].std() > 0:
            others = (_again(one, classifier, inputs, features) for one in randomised)
            same = [_correlation(maps[-1], falls(logits, code)) for logits in others]
            agreements.append(abs(float(np.mean(same))))
    return Saliency(maps, float(np.mean(agreements)) if agreements else 0.0)


def _again(
    one: FeatureClassifier, other: FeatureClassifier, inputs: Inputs, features: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Logits of ``one``; ``features`` are what the engine of ``other`` gives."""
    return one.head.logits(features if one.engine is other.engine else one.features(inputs))


def occlusion(item: T, code: int, classifier: FeatureClassifier, *, covering: Covering[T]) -> Map:
    """The values ``(p,)`` of the parts of one item."""
    return falls(classifier.head.logits(classifier.features(covering(item))), code)


def falls(logits: NDArray[np.float32], code: int) -> Map:
    """How much the log odds of a class fall from the first row of ``(1 + p, k)`` to each other.

    Examples
    --------
    >>> falls(np.float32([[2, 0], [2, 0], [1, 1]]), 0).tolist()
    [0.0, 2.0]
    """
    odds = _log_odds(logits, code)
    result: Map = odds[0] - odds[1:]
    return result


def covered_places(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """An image, and with a grey square at each place in turn: ``(1 + GRID², h, w, 3)``."""
    height, width, _ = image.shape
    down, across = max(1, round(height * _COVER)), max(1, round(width * _COVER))
    grey = image.mean(axis=(0, 1)).astype(np.uint8)
    covered = np.repeat(image[None], 1 + GRID * GRID, axis=0)
    tops = np.linspace(0, height - down, GRID).round().astype(int)
    lefts = np.linspace(0, width - across, GRID).round().astype(int)
    for i, (top, left) in enumerate(((top, left) for top in tops for left in lefts), start=1):
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
