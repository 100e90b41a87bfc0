"""Average precision is that of COCO; its influence is its derivative."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pytest

from benchmarks.detection_world import CELLS, draw
from tests.metrics.detection.drawn import crowded_set, random_set
from topwork.data.targets.boxes import BoxTargets, ImageBoxes
from topwork.errors import DataError
from topwork.metrics.detection import (
    SIZES,
    Detections,
    average_precision,
    image_precision,
    match_detections,
)
from topwork.metrics.detection.average_precision import precision_influence

COLUMNS = ("AP_all", "AP_50", "AP_75", "AP_small", "AP_medium", "AP_large")


def coco(targets, detections):
    """The six average precisions of faster-coco-eval; -1 where there are no objects."""
    peer = pytest.importorskip("faster_coco_eval")
    objects = [
        {
            "id": 0, "image_id": i + 1, "category_id": int(c) + 1, "iscrowd": int(ignored),
            "bbox": [float(x1), float(y1), float(x2 - x1), float(y2 - y1)],
            "area": float((x2 - x1) * (y2 - y1)),
        }
        for i, image in enumerate(targets.images)
        for (x1, y1, x2, y2), c, ignored in zip(
            image.corners, image.classes, image.ignored, strict=True
        )
    ]  # fmt: skip
    for number, one in enumerate(objects, start=1):
        one["id"] = number
    found = [
        {
            "image_id": i + 1, "category_id": int(c) + 1, "score": float(score),
            "bbox": [float(x1), float(y1), float(x2 - x1), float(y2 - y1)],
        }
        for i, own in enumerate(detections)
        for (x1, y1, x2, y2), c, score in zip(own.corners, own.classes, own.scores, strict=True)
    ]  # fmt: skip
    with contextlib.redirect_stdout(io.StringIO()):
        truth = peer.COCO(
            {
                "images": [{"id": i + 1, "width": 640, "height": 480} for i in range(len(targets))],
                "annotations": objects,
                "categories": [{"id": c + 1, "name": n} for c, n in enumerate(targets.labels)],
            }
        )
        judged = peer.COCOeval_faster(truth, truth.loadRes(found), "bbox")
        judged.evaluate()
        judged.accumulate()
        judged.summarize()
    return [float(value) for value in judged.stats[:6]]


def ours(targets, detections):
    values = average_precision(match_detections(targets, detections))
    by_size = [average_precision(match_detections(targets, detections, size=s)) for s in SIZES]
    return [_mean(values), _mean(values[0]), _mean(values[5]), *map(_mean, by_size)]


def _mean(values):
    return float(np.nanmean(values)) if np.isfinite(values).any() else -1.0


@pytest.mark.parametrize("block", range(10))
def test_it_is_that_of_coco_on_random_sets(block):
    compared = 0
    for seed in range(20 * block, 20 * block + 20):
        targets, detections = random_set(seed)
        if not sum(map(len, detections)) or not sum(len(i.classes) for i in targets.images):
            continue
        compared += 1
        assert ours(targets, detections) == pytest.approx(coco(targets, detections), abs=1e-6), seed
    assert compared >= 15


@pytest.mark.parametrize("seed", range(3))
def test_it_is_that_of_coco_with_too_many_detections(seed):
    targets, detections = crowded_set(seed)
    assert ours(targets, detections) == pytest.approx(coco(targets, detections), abs=1e-6)


def test_a_class_without_objects_has_no_value():
    targets = BoxTargets(("a", "b"), (ImageBoxes.of([(0, 0, 9, 9)], [0]),))
    found = Detections.of([(0, 0, 9, 9), (0, 0, 9, 9)], [0, 1], [0.9, 0.9])
    values = average_precision(match_detections(targets, [found]))
    assert (values[:, 0] == 1).all()
    assert np.isnan(values[:, 1]).all()


def area(matches, weights):
    """The area under the precision envelope of class 0 at overlap 0.5, of weighted images."""
    own = weights[matches.flat.found.image] * (matches.flat.found.classes == 0)
    hits = np.cumsum(own * matches.right[0])
    judged = np.cumsum(own * ~matches.ignored[0])
    envelope = np.maximum.accumulate((hits / np.maximum(judged, 1e-12))[::-1])[::-1]
    return float((envelope * own * matches.right[0]).sum() / (weights @ matches.objects()[:, 0]))


@pytest.mark.parametrize("seed", [3, 8, 21, 34, 55])
def test_influence_is_the_derivative(seed):
    targets, detections = random_set(seed)
    matches = match_detections(targets, detections)
    influence = precision_influence(matches)[0, 0]
    assert influence.sum() == pytest.approx(0, abs=1e-9)
    if not matches.objects()[:, 0].any():
        assert not influence.any()
        return
    for image in range(len(targets)):
        ones, step = np.ones(len(targets)), 1e-6 * (np.arange(len(targets)) == image)
        change = (area(matches, ones + step) - area(matches, ones - step)) / 2e-6
        # Ties of the envelope have two derivatives; the mean of both is not either.
        assert influence[image] == pytest.approx(change, abs=0.05)


def test_pseudo_values_average_to_the_score_and_vary_as_it_does():
    values, variances = [], []
    for i in range(150):
        sample = draw(CELLS, np.random.default_rng([7, i]), 60)
        matches = match_detections(sample.targets, sample.detections, overlaps=(0.5,))
        own = image_precision(matches)
        value = np.nanmean(average_precision(matches))
        assert own.mean() == pytest.approx(value)
        values.append(value)
        variances.append(own.var(ddof=1) / len(own))
    assert np.mean(variances) == pytest.approx(np.var(values, ddof=1), rel=0.35)


def test_without_objects_no_image_has_a_part():
    targets = BoxTargets(("a",), (ImageBoxes.none(),))
    with pytest.raises(DataError, match="no objects"):
        image_precision(match_detections(targets, [Detections.none()]))
