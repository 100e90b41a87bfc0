"""Whether the second look leaves fewer false detections, and harms where it knows nothing.

`python -m benchmarks.second_look [REPEATS]` (20 by default)

Images, objects and detections are drawn (`detection_world.py`), and for each box 32 features that
tell what it shows more or less, or not at all. False detections per image at one recall are those
of the scores and of the probabilities of folds that were held out.
"""

from __future__ import annotations

import sys

import numpy as np

from benchmarks.detection_world import CELLS, CONFUSED, FEW, TEN, World, draw, seen_features
from benchmarks.record import Record
from topwork.calibration.detection import fit_box_calibration, fit_box_probability
from topwork.metrics.detection import match_detections
from topwork.metrics.detection.calibration_error import detection_calibration_error
from topwork.metrics.detection.objects_shown import objects_shown

REPEATS = 20
IMAGES = 200
FEATURES = 32
APART = (0.0, 1.0, 2.0, 4.0)
RECALLS = ((FEW, 0.8), (CELLS, 0.8), (TEN, 0.8), (CONFUSED, 0.6))


def second_look(world: World, recall: float, apart: float, seed: int) -> tuple[float, ...]:
    """False detections per image before and after, whether fewer, whether more, used, and D-ECE."""
    rng = np.random.default_rng([3, seed])
    sample = draw(world, rng, IMAGES)
    counts = [len(found) for found in sample.detections]
    matches = match_detections(sample.targets, sample.detections)
    features = seen_features(rng, objects_shown(matches, counts), apart, FEATURES)
    found = fit_box_probability(
        sample.targets,
        sample.detections,
        np.tile((640, 480), (IMAGES, 1)),
        np.arange(IMAGES) % 4,
        features=np.split(features, np.cumsum(counts)[:-1]),
        recall=recall,
    )
    change = found.change
    assert change is not None
    return (
        change.before,
        change.after,
        float(change.fewer),
        float(change.low > 0),
        found.error_before,
        found.error_after,
    )


def calibrated(world: World, n: int, seed: int) -> tuple[float, float]:
    """D-ECE on fresh images of scores, and of a calibration fitted on n images."""
    rng = np.random.default_rng([5, seed])
    rows = []
    for size in (n, 1000):
        sample = draw(world, rng, size)
        counts = [len(found) for found in sample.detections]
        right, kept = match_detections(sample.targets, sample.detections).verdicts(counts)
        scores = np.concatenate([found.scores for found in sample.detections])
        rows.append((scores[kept], right[kept]))
    (scores, right), (fresh, truth) = rows
    after = fit_box_calibration(scores, right).probabilities(fresh)
    return detection_calibration_error(fresh, truth), detection_calibration_error(after, truth)


def main() -> None:
    """Run all parts and record them."""
    given = [argument for argument in sys.argv[1:] if argument.isdigit()]
    repeats = int(given[0]) if given else REPEATS
    record = Record("second_look")
    record.note("repeats", repeats)
    rows = []
    for world, recall in RECALLS:
        for apart in APART:
            drawn = [second_look(world, recall, apart, seed) for seed in range(repeats)]
            rows.append((world.name, recall, apart, *np.mean(drawn, axis=0).tolist()))
    headings = (
        "world", "recall", "features apart by", "before", "after", "interval below 0", "above 0",
        "D-ECE of scores", "of what is used",
    )  # fmt: skip
    record.table("False detections per image at a recall", headings, rows)
    change = max(row[4] / row[3] - 1 for row in rows if row[2] == max(APART))
    record.target("largest change where features tell what is shown", change, most=-0.25)
    record.target("share of draws found to be worse", max(r[6] for r in rows), most=0.05)
    errors = [
        (world.name, n, *np.mean([calibrated(world, n, i) for i in range(repeats)], axis=0))
        for world, _ in RECALLS
        for n in (40, 100, 300)
    ]
    headings = ("world", "images", "of scores", "of calibrated scores")
    record.table("D-ECE on 1,000 other images", headings, errors)
    record.write()


if __name__ == "__main__":
    main()
