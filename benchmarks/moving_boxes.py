"""Drawn scenes of moving objects, what a detector makes of them, and how well they are followed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.heads.detection.overlap import overlap

RATE = 25.0
"""Frames per second."""

WIDTH, HEIGHT = 640, 480


@dataclass(frozen=True, eq=False)
class Scene:
    """Objects that move, and what is detected of them.

    Parameters
    ----------
    times
        Of the n frames, in seconds.
    true
        For each frame the objects that are there ``(m,)`` and their corners ``(m, 4)``.
    found
        For each frame corners, classes and scores of the detections.
    classes
        The class of each object.
    """

    times: NDArray[np.float64]
    true: list[tuple[NDArray[np.int64], NDArray[np.float64]]]
    found: list[tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float32]]]
    classes: NDArray[np.int64]


def scene(
    seed: int,
    *,
    n_objects: int = 8,
    seconds: float = 12.0,
    miss: float = 0.1,
    false: float = 0.3,
    gaps: bool = True,
    jitter: float = 0.04,
    every: int = 1,
) -> Scene:
    """A scene of objects that cross, turn, come and go.

    Parameters
    ----------
    miss
        Probability that an object is not detected in a frame; as often it has a low score.
    false
        False detections per frame, on average.
    gaps
        Whether each object is hidden for half a second once.
    jitter
        Standard deviation of detected corners, as a fraction of the size.
    every
        Only each so many frames is there.
    """
    rng = np.random.default_rng(seed)
    times = np.arange(0, seconds, 1 / RATE)
    n = len(times)
    classes = rng.integers(0, 3, n_objects)
    size = rng.uniform(30, 90, (n_objects, 2))
    speed = rng.uniform(25, 120, n_objects)
    angle = rng.uniform(0, 2 * np.pi, n_objects)
    turn = rng.normal(0, 0.25, n_objects)
    start = rng.uniform([60, 60], [WIDTH - 60, HEIGHT - 60], (n_objects, 2))
    begin = np.where(rng.random(n_objects) < 0.5, 0.0, rng.uniform(0, seconds / 3, n_objects))
    end = np.where(rng.random(n_objects) < 0.5, seconds, rng.uniform(2 * seconds / 3, seconds))
    hidden = rng.uniform(begin + 1, end - 1)
    centre = start.copy()
    true, found = [], []
    for frame in range(n):
        time_s = times[frame]
        angle = angle + turn / RATE
        step = speed[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1) / RATE
        centre = centre + step * (time_s >= begin)[:, None]
        low, high = size / 2, np.float64([WIDTH, HEIGHT]) - size / 2
        bounced = (centre < low) | (centre > high)
        angle = np.where(bounced[:, 0], np.pi - angle, np.where(bounced[:, 1], -angle, angle))
        centre = np.clip(centre, low, high)
        there = np.flatnonzero((begin <= time_s) & (time_s < end))
        corners = np.concatenate([centre - size / 2, centre + size / 2], axis=1)
        true.append((there.astype(np.int64), corners[there]))
        seen = there[~(gaps & (np.abs(time_s - hidden[there]) < 0.25))]
        found.append(_detected(rng, seen, corners, classes, size, miss, false, jitter))
    return Scene(times[::every], true[::every], found[::every], classes)


def _detected(
    rng: np.random.Generator,
    seen: NDArray[np.int64],
    corners: NDArray[np.float64],
    classes: NDArray[np.int64],
    size: NDArray[np.float64],
    miss: float,
    false: float,
    jitter: float,
) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float32]]:
    luck = rng.random(len(seen))
    kept, low = seen[luck >= miss], luck[luck >= miss] < 2 * miss
    boxes = corners[kept] + rng.normal(0, jitter, (len(kept), 4)) * np.tile(size[kept], 2)
    scores = np.where(low, rng.uniform(0.15, 0.5, len(kept)), rng.uniform(0.65, 0.99, len(kept)))
    n_false = rng.poisson(false)
    place = rng.uniform([0, 0], [WIDTH - 60, HEIGHT - 60], (n_false, 2))
    wrong = np.concatenate([place, place + rng.uniform(20, 60, (n_false, 2))], axis=1)
    boxes = np.concatenate([boxes, wrong])
    of = np.concatenate([classes[kept], rng.integers(0, 3, n_false)])
    scores = np.concatenate([scores, rng.uniform(0.1, 0.75, n_false)])
    order = np.argsort(-scores, kind="stable")
    return boxes[order].astype(np.float32), of[order], scores[order].astype(np.float32)


def idf1(
    true: list[tuple[NDArray[np.int64], NDArray[np.float64]]],
    tracked: list[tuple[NDArray[np.int64], NDArray[np.floating]]],
) -> float:
    """The share of detections that bear the right identity (Ristani et al. 2016, IDF1).

    Every object is paired with at most one track, over the whole scene, so that most frames agree:
    overlap 0.5 or more.
    """
    from scipy.optimize import linear_sum_assignment

    objects = sorted({int(i) for ids, _ in true for i in ids})
    tracks = sorted({int(i) for ids, _ in tracked for i in ids})
    agreed = np.zeros((len(objects), len(tracks)))
    for (ids, boxes), (numbers, others) in zip(true, tracked, strict=True):
        for i, j in zip(
            *np.nonzero(overlap(np.float64(boxes)[:, None], np.float64(others)[None]) >= 0.5),
            strict=True,
        ):
            agreed[objects.index(int(ids[i])), tracks.index(int(numbers[j]))] += 1
    rows, columns = linear_sum_assignment(agreed, maximize=True)
    right = agreed[rows, columns].sum()
    total = sum(len(ids) for ids, _ in true) + sum(len(ids) for ids, _ in tracked)
    return float(2 * right / total) if total else 1.0
