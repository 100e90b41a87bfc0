"""Annotations that a detector doubts: a ranking for a person to look at, not a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from topwork.metrics.detection.false_detections import KINDS, Diagnosed, diagnose
from topwork.metrics.detection.matching import Matches
from topwork.metrics.records import Record

Doubt = Literal["unlabelled", "other_class", "badly_drawn", "not_found"]
_DOUBTS: dict[str, Doubt] = {
    "background": "unlabelled",
    "wrong_class": "other_class",
    "badly_placed": "badly_drawn",
}


class DoubtfulBox(Record):
    """One annotation, or the lack of one, that should be looked at.

    Parameters
    ----------
    image
        Position of the image.
    doubt
        ``unlabelled``: a confident detection where nothing is annotated; ``other_class``: one of
        another class on an object that has no right one; ``badly_drawn``: one that overlaps such
        an object of its class by less than half; ``not_found``: an object that no detection
        overlaps, however unsure.
    detection
        Position of the detection in its image; None for ``not_found``.
    item
        Position of the object in its image; None for ``unlabelled``.
    probability
        That of the detection; None for ``not_found``.
    """

    image: int
    doubt: Doubt
    detection: int | None
    item: int | None
    probability: float | None


def doubtful_boxes(matches: Matches, *, sure: float = 0.8) -> list[DoubtfulBox]:
    """Doubtful annotations, the most confidently doubted first.

    Parameters
    ----------
    matches
        Out-of-fold detections, scored by the probability that they are right, with their objects.
    sure
        Least probability of a detection that casts doubt.

    Examples
    --------
    >>> from topwork.data.targets.boxes import BoxTargets, ImageBoxes
    >>> from topwork.metrics.detection import Detections, match_detections
    >>> targets = BoxTargets(("cat", "dog"), (ImageBoxes.of([(0, 0, 10, 10)], [0]),))
    >>> found = Detections.of([(0, 0, 10, 10), (50, 50, 60, 60)], [1, 0], [0.9, 0.95])
    >>> [box.doubt for box in doubtful_boxes(match_detections(targets, [found]))]
    ['unlabelled', 'other_class']
    """
    found, flat = diagnose(matches), matches.flat
    begins = np.searchsorted(flat.objects.image, np.arange(flat.n_images))
    doubts = []
    for place in _doubting(found, flat.scores >= np.float32(sure)):
        doubt, image = _DOUBTS[KINDS[found.kind[place]]], int(flat.found.image[place])
        item = None if doubt == "unlabelled" else int(found.item[place] - begins[image])
        doubts.append(
            DoubtfulBox(
                image=image,
                doubt=doubt,
                detection=int(flat.rows[place]),
                item=item,
                probability=float(flat.scores[place]),
            )
        )
    doubts.sort(key=lambda box: -(box.probability or 0.0))
    return doubts + _not_found(matches, found, begins.tolist())


def _doubting(found: Diagnosed, sure: np.ndarray) -> list[int]:
    """Confident false detections of nothing, or of objects that have no right one."""
    kinds = [KINDS.index(kind) for kind in _DOUBTS]
    missed = np.r_[found.missed, True][found.item]
    return [int(place) for place in np.flatnonzero(np.isin(found.kind, kinds) & sure & missed)]


def _not_found(matches: Matches, found: Diagnosed, begins: Sequence[int]) -> list[DoubtfulBox]:
    """Objects on which no detection lies."""
    covered = np.zeros(len(found.missed), dtype=bool)
    covered[found.item[found.item >= 0]] = True
    return [
        DoubtfulBox(
            image=image,
            doubt="not_found",
            detection=None,
            item=int(place) - begins[image],
            probability=None,
        )
        for place in np.flatnonzero(found.missed & ~covered)
        for image in [int(matches.flat.objects.image[place])]
    ]
