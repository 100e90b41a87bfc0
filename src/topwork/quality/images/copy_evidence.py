"""Whether two images agree as copies do, or as two drawings of one simple shape do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.quality.images.alignment import Alignment, moved, softened
from topwork.quality.images.candidates import Candidates
from topwork.quality.images.relatives import bound_of_each, random_pairs

MIN, MIN_SIMPLE = 0.98, 0.995
"""Correlation that is asked for at least of images that are laid over each other as they are, and
of such that are simple. Copies that were encoded again, resized or lit reached 0.985 in photographs
of 32 pixels, and 0.9985 in drawings of simple shapes."""

MAX_FACTOR = 0.25
"""How much brighter a copy may be, as a logarithm: 28 %."""

MAX_REST = 0.4
"""What one factor of brightness may leave unexplained, for the standard deviation of the image: a
copy that is 10 % brighter is cut off at white, by which it reached 0.38."""

_DEVIATIONS = 6.0
"""How far above the median of random pairs: among thousands of pairs some are 4 above."""

_REST = 3.0
"""The rest (squared) that is allowed for each part by which the correlation may be below 1."""

NEARLY = (0.92, 0.98)
"""Correlations of aligned images that nearly fit. Copies are above and different photographs below;
drawings of one simple shape are on both sides and between."""

MAX_NEARLY = 0.1
"""Pairs that nearly fit, for each image of a class or of all, beyond which these are too simple for
an alignment to tell. It was 0.015 in photographs, paintings and sketches, and 0.3 in simple
shapes."""

_ENOUGH = 40
"""Images from which a class is judged by its own."""

_ENOUGH_ITEMS = 12
_CHUNK = 512


@dataclass(frozen=True, eq=False)
class Light:
    """How one image of each of m pairs becomes the other by a factor of brightness.

    Parameters
    ----------
    correlation
        (m,): where brightness and contrast cancel.
    factor
        (m,): the logarithm of the best factor, without its sign.
    rest
        (m,): standard deviation of what the factor leaves, for that of the image.
    """

    correlation: NDArray[np.float64]
    factor: NDArray[np.float64]
    rest: NDArray[np.float64]

    def agrees(self, rest: float | NDArray[np.float64] = MAX_REST) -> NDArray[np.bool_]:
        """Whether a copy could be so lit, (m,)."""
        result: NDArray[np.bool_] = (self.factor <= MAX_FACTOR) & (self.rest <= rest)
        return result


def like_copies(
    thumbnails: NDArray[np.uint8],
    pairs: Candidates,
    alignment: Alignment,
    found: NDArray[np.bool_],
    codes: NDArray[np.integer] | None,
) -> NDArray[np.bool_]:
    """Which of the pairs that were found agree as copies do, (m,).

    Copies that were encoded again, resized or lit agree where they are: with one factor of
    brightness, and further than random pairs of the class next to never do. Crops and shifted
    copies agree, with one factor, once they are aligned. But so do two drawings of one simple
    shape; where many pairs nearly fit, such copies can't be told, and none are claimed.

    Parameters
    ----------
    thumbnails
        (n, 64, 64).
    pairs, alignment
        m pairs that were worth aligning, and how they fit.
    found
        (m,): those that fit as copies must.
    codes
        (n,): the class of each image, if there are any.
    """
    classes = np.zeros(len(thumbnails), np.intp) if codes is None else codes
    out = found.copy()
    first, second = pairs.first[found], pairs.second[found]
    simple = _simple(pairs, alignment.correlation, classes)
    bounds = np.maximum(_bounds(thumbnails, classes), np.where(simple, MIN_SIMPLE, MIN))
    asked = np.maximum(bounds[first], bounds[second])
    light = _light_where_they_are(thumbnails, first, second)
    rest = np.minimum(MAX_REST, np.sqrt(_REST * (1 - asked)))
    same = (light.correlation >= asked) & light.agrees(rest)
    fitting = _light_aligned(thumbnails, first, second, alignment.take(found)).agrees()
    out[found] = same | (fitting & ~simple[first] & ~simple[second])
    return out


def _simple(
    pairs: Candidates, correlations: NDArray[np.float32], classes: NDArray[np.integer]
) -> NDArray[np.bool_]:
    """Whether many pairs of an image's class, or of all images, nearly fit: (n,)."""
    nearly = (correlations >= NEARLY[0]) & (correlations < NEARLY[1])
    n = len(classes)
    out = np.full(n, nearly.sum() > MAX_NEARLY * max(n, _ENOUGH))
    own = classes[pairs.first[nearly]]
    for code in np.unique(classes):
        here = classes == code
        if here.sum() >= _ENOUGH:
            out[here] |= (own == code).sum() > MAX_NEARLY * here.sum()
    return out


def _bounds(thumbnails: NDArray[np.uint8], classes: NDArray[np.integer]) -> NDArray[np.float64]:
    """What random pairs next to never reach as they are, for each of n images."""
    n = len(classes)
    first, second = random_pairs(classes, np.ones(n, np.bool_))
    if n < _ENOUGH_ITEMS or not len(first):
        return np.zeros(n)
    found = _light_where_they_are(thumbnails, first, second).correlation.astype(np.float32)
    return np.minimum(bound_of_each(found, classes[first], classes, _DEVIATIONS), MIN_SIMPLE)


def _light_where_they_are(
    thumbnails: NDArray[np.uint8], first: NDArray[np.intp], second: NDArray[np.intp]
) -> Light:
    parts = [
        _light(softened(thumbnails[first[part]]), softened(thumbnails[second[part]]), None)
        for part in _chunks(len(first))
    ]
    return _joined(parts)


def _light_aligned(
    thumbnails: NDArray[np.uint8],
    first: NDArray[np.intp],
    second: NDArray[np.intp],
    alignment: Alignment,
) -> Light:
    parts = []
    for part in _chunks(len(first)):
        a, b = thumbnails[first[part]], thumbnails[second[part]]
        turned = alignment.second_moves[part][:, None, None]
        moving, fixed = np.where(turned, b, a), np.where(turned, a, b)
        image, mask = moved(moving, alignment.edges[part])
        parts.append(_light(image, softened(fixed), mask))
    return _joined(parts)


def _light(
    a: NDArray[np.float32], b: NDArray[np.float32], mask: NDArray[np.float32] | None
) -> Light:
    m = len(a)
    x, y = a.reshape(m, -1).astype(np.float64), b.reshape(m, -1).astype(np.float64)
    weight = np.ones_like(x) if mask is None else mask.reshape(m, -1).astype(np.float64)
    weight /= np.maximum(weight.sum(axis=1, keepdims=True), 1)

    def mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
        total: NDArray[np.float64] = (weight * values).sum(axis=1)
        return total

    deviations = np.stack([mean(v * v) - mean(v) ** 2 for v in (x, y)])
    spreads = np.sqrt(np.maximum(deviations, 1e-6))
    correlation = (mean(x * y) - mean(x) * mean(y)) / spreads.prod(axis=0)
    factor = np.maximum(mean(x * y) / np.maximum(mean(x * x), 1), 1e-3)
    rest = mean((y - factor[:, None] * x) ** 2)
    spread = np.minimum(spreads[1], factor * spreads[0])
    return Light(correlation, np.abs(np.log(factor)), np.sqrt(rest) / spread)


def _joined(parts: list[Light]) -> Light:
    none = np.empty(0)
    return Light(
        *(
            np.concatenate([none, *(getattr(part, name) for part in parts)])
            for name in ("correlation", "factor", "rest")
        )
    )


def _chunks(m: int) -> list[slice]:
    return [slice(start, start + _CHUNK) for start in range(0, m, _CHUNK)]
