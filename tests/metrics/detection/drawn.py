"""Random objects and detections with everything that the rules of COCO speak of."""

from __future__ import annotations

import numpy as np

from topwork.data.targets.boxes import BoxTargets, ImageBoxes
from topwork.metrics.detection import Detections


def boxes(rng, m, side=90.0):
    """Corners on a grid of quarter pixels, so that equal overlaps are equal."""
    upper = rng.integers(0, 400, (m, 2)) / 4
    sides = np.maximum(rng.integers(1, 4 * int(side), (m, 2)), 1) / 4
    return np.hstack([upper, upper + sides]).astype(np.float32)


def near(rng, corners, spread):
    """The same boxes, moved by some quarters of a pixel."""
    moved = corners + rng.integers(-spread, spread + 1, corners.shape) / 4
    moved[:, 2:] = np.maximum(moved[:, 2:], moved[:, :2] + 0.25)
    return moved.astype(np.float32)


def random_set(seed):
    """Images with ignored objects, copies, tied scores, empty ones, and absent classes."""
    rng = np.random.default_rng(seed)
    n, k = int(rng.integers(1, 9)), int(rng.integers(1, 5))
    side = float(rng.choice([20, 60, 130]))
    tied = bool(rng.integers(0, 2))
    images, detections = [], []
    for _ in range(n):
        m = int(rng.integers(0, 8))
        corners, classes = boxes(rng, m, side), rng.integers(0, max(1, k - seed % 2), m)
        images.append(ImageBoxes(corners, classes, rng.random(m) < 0.15))
        copies = rng.integers(0, 4, m)
        found = [near(rng, np.repeat(corners, copies, axis=0), int(rng.integers(1, 30)))]
        found.append(boxes(rng, int(rng.integers(0, 6)), side))
        corners = np.concatenate(found)
        own = np.repeat(classes, copies)
        own = np.where(rng.random(len(own)) < 0.1, rng.integers(0, k, len(own)), own)
        classes = np.r_[own, rng.integers(0, k, len(corners) - len(own))]
        scores = rng.integers(0, 6, len(corners)) / 5 if tied else rng.random(len(corners))
        detections.append(Detections.of(corners, classes, scores))
    return BoxTargets(tuple(f"c{i}" for i in range(k)), tuple(images)), detections


def crowded_set(seed):
    """More detections of a class in an image than are judged."""
    rng = np.random.default_rng(seed)
    images, detections = [], []
    for _ in range(2):
        corners = boxes(rng, 40)
        images.append(ImageBoxes(corners, rng.integers(0, 2, 40), np.zeros(40, bool)))
        found = near(rng, np.repeat(corners, 6, axis=0), 12)
        detections.append(Detections.of(found, rng.integers(0, 2, 240), rng.random(240)))
    return BoxTargets(("a", "b"), tuple(images)), detections
