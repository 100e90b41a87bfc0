"""Images with objects and what an imagined detector finds in them, drawn at will.

How hard an image is, is its own: it moves the chance that its objects are found, the scores of its
detections and the number of false ones together, as in real data.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.data.targets.boxes import BoxTargets, ImageBoxes
from topwork.metrics.detection import Detections

WIDTH, HEIGHT = 640.0, 480.0

Array = NDArray[np.float64]


@dataclass(frozen=True)
class World:
    """Where images and detections come from.

    Parameters
    ----------
    name
        What it is called in tables.
    objects
        Mean number of objects per image of each class, (k,).
    quality
        Log odds that an object of a usual image is detected at all.
    separation
        How much higher the log odds of right detections are than those of false ones.
    false
        Mean number of detections per image where nothing is.
    spread
        Standard deviation of the images' difficulty, in log odds.
    jitter
        Median error of a corner over the side of the box.
    group
        Images of a group, which share half of the variance of their difficulty; 1 for none.
    confused
        Share of the detections of objects that have the wrong class.
    """

    name: str
    objects: tuple[float, ...]
    quality: float = 2.5
    separation: float = 3.0
    false: float = 6.0
    spread: float = 0.8
    jitter: float = 0.06
    group: int = 1
    confused: float = 0.05

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the classes."""
        return tuple(f"class {c}" for c in range(len(self.objects)))


@dataclass(frozen=True, eq=False)
class Sample:
    """Annotated images, their detections and their groups."""

    targets: BoxTargets
    detections: list[Detections]
    groups: NDArray[np.int64]

    def take(self, indices: NDArray[np.intp]) -> Sample:
        """Keep some of the images."""
        return Sample(
            self.targets.take(indices), [self.detections[i] for i in indices], self.groups[indices]
        )


def draw(world: World, rng: np.random.Generator, n: int) -> Sample:
    """So many images."""
    groups = np.arange(n) // world.group
    ease = rng.standard_normal(n)
    if world.group > 1:
        ease = (ease + rng.standard_normal(groups[-1] + 1)[groups]) / np.sqrt(2)
    ease *= world.spread
    counts = rng.poisson(np.array(world.objects) * rng.gamma(4, 1 / 4, (n, 1)))
    image, code = (
        np.repeat(index, counts.reshape(-1)) for index in np.indices(counts.shape).reshape(2, -1)
    )
    corners = _boxes(rng, len(image))
    found = [
        _right(world, rng, corners, image, code, ease),
        _copies(world, rng, corners, image, code, ease),
        _background(world, rng, n, ease),
    ]
    every = [np.concatenate(column) for column in zip(*found, strict=True)]
    flags = np.zeros(len(image), dtype=bool)
    targets = [ImageBoxes(*parts) for parts in _by_image(image, n, corners, code, flags)]
    box, of, scores, where = every
    detections = [Detections.of(*parts) for parts in _by_image(where, n, box, of, scores)]
    return Sample(BoxTargets(world.labels, tuple(targets)), detections, groups)


def _boxes(rng: np.random.Generator, m: int) -> NDArray[np.float32]:
    sides = np.exp(rng.normal(4.2, 0.5, (m, 1)) + rng.normal(0, 0.2, (m, 2)))
    upper = rng.uniform(0, 1, (m, 2)) * np.maximum(np.array([WIDTH, HEIGHT]) - sides, 0)
    return np.hstack([upper, upper + sides]).astype(np.float32)


Found = tuple[NDArray[np.float32], NDArray[np.int64], Array, NDArray[np.int64]]


def _right(
    world: World,
    rng: np.random.Generator,
    corners: NDArray[np.float32],
    image: NDArray[np.int64],
    code: NDArray[np.int64],
    ease: Array,
) -> Found:
    """Detections of objects, some of the wrong class."""
    seen = rng.random(len(image)) < _sigmoid(world.quality + ease[image])
    image, code, error = image[seen], code[seen], np.exp(rng.normal(0, 0.6, seen.sum()))
    k = len(world.objects)
    wrong = (rng.random(len(code)) < world.confused) & (k > 1)
    code = np.where(wrong, (code + 1) % k, code)
    odds = world.separation / 2 + ease[image] + rng.normal(0, 1.2, len(code)) - 0.3 * error - wrong
    return _moved(rng, corners[seen], world.jitter * error), code, _sigmoid(odds), image


def _copies(
    world: World,
    rng: np.random.Generator,
    corners: NDArray[np.float32],
    image: NDArray[np.int64],
    code: NDArray[np.int64],
    ease: Array,
) -> Found:
    """Second, worse detections of a tenth of the objects."""
    seen = rng.random(len(image)) < 0.1
    image, code = image[seen], code[seen]
    odds = -world.separation / 4 + ease[image] + rng.normal(0, 1.2, len(code))
    error = np.full(len(code), 2 * world.jitter)
    return _moved(rng, corners[seen], error), code, _sigmoid(odds), image


def _background(world: World, rng: np.random.Generator, n: int, ease: Array) -> Found:
    """Detections where nothing is, more of them in hard images."""
    counts = rng.poisson(world.false * np.exp(-0.5 * ease) * rng.gamma(1.5, 1 / 1.5, n))
    image = np.repeat(np.arange(n), counts)
    odds = -world.separation / 2 - 0.3 * ease[image] + rng.normal(0, 1.2, len(image))
    code = rng.integers(0, len(world.objects), len(image))
    return _boxes(rng, len(image)), code, _sigmoid(odds), image


def _moved(
    rng: np.random.Generator, corners: NDArray[np.float32], error: Array
) -> NDArray[np.float32]:
    sides = np.tile(corners[:, 2:] - corners[:, :2], 2)
    moved = corners + rng.standard_normal(corners.shape) * error[:, None] * sides
    low, high = np.minimum(moved[:, :2], moved[:, 2:]), np.maximum(moved[:, :2], moved[:, 2:])
    return np.hstack([low, high]).astype(np.float32)


def _by_image(
    image: NDArray[np.int64], n: int, *columns: np.ndarray
) -> list[tuple[np.ndarray, ...]]:
    order = np.argsort(image, kind="stable")
    cuts = np.searchsorted(image[order], np.arange(1, n))
    return list(zip(*(np.split(column[order], cuts) for column in columns), strict=True))


def _sigmoid(odds: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-odds)))


def seen_features(
    rng: np.random.Generator, shown: NDArray[np.integer], strength: float, count: int
) -> Array:
    """What a network might say of boxes, (m, count).

    Boxes that show different classes, or none, lie apart by so many deviations of the noise.
    """
    places = rng.standard_normal((int(shown.max(initial=0)) + 1, count))
    places *= strength / np.sqrt(2) / np.linalg.norm(places, axis=1, keepdims=True)
    return np.asarray(rng.standard_normal((len(shown), count)) + places[shown])


FEW = World("one object an image", objects=(1.6,), false=4.0)
CELLS = World("many small classes", objects=(9.0, 1.0, 0.8))
TEN = World("ten classes", objects=(0.5,) * 6 + (0.2,) * 4, false=10.0)
EASY = World(
    "nearly all right", objects=(1.5,), quality=4.5, separation=8.0, false=2.0, jitter=0.03
)
GROUPED = World("groups of four", objects=(1.6, 1.0), group=4)
CONFUSED = World("classes that are confused", objects=(0.6,) * 4, false=3.0, confused=0.3)
WORLDS = (FEW, CELLS, TEN, EASY, GROUPED)
