"""Whether intervals of detectors' scores and promises of thresholds hold, and what they cost.

`python -m benchmarks.detection_scores [REPEATS]` (1,000 by default)

Images, objects and detections are drawn (`detection_world.py`), so that the truth is what 20,000
images give. Thresholds are found on one random half of the images and judged on the other, 500
times.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np

from benchmarks.detection_rules import RULES, other_intervals
from benchmarks.detection_world import (
    CELLS,
    EASY,
    FEW,
    TEN,
    WORLDS,
    Sample,
    World,
    draw,
)
from benchmarks.record import Record
from topwork.calibration.detection import threshold_for_miss
from topwork.metrics.detection import (
    DetectionScores,
    Matches,
    average_precision,
    detection_scores,
    match_detections,
)
from topwork.metrics.detection.froc import Froc, recall_at_rates
from topwork.metrics.detection.operating_point import false_counts, missed_shares
from topwork.metrics.detection.scores import RATES, score_matches
from topwork.metrics.intervals import Units

REPEATS = 1000
COMPARED = 300
HALVES = 500
HALVED = (160, 400)
SIZES = (60, 150, 400)
NAMES = tuple(DetectionScores.model_fields)


def judged(sample: Sample) -> Matches:
    """Matched at all overlaps."""
    return match_detections(sample.targets, sample.detections)


def units(world: World, sample: Sample) -> Units:
    """Images, or their groups."""
    return Units.of(len(sample.targets), sample.groups if world.group > 1 else None)


def truths(world: World) -> list[float]:
    """The six scores on 20,000 images."""
    matches = judged(draw(world, np.random.default_rng(0), 20_000))
    precision = np.nanmean(average_precision(matches), axis=1)
    recalls = recall_at_rates(Froc.of(matches), RATES)[0]
    return [float(v) for v in (precision[0], precision.mean(), *recalls)]


def intervals(record: Record, repeats: int) -> None:
    """Coverage of the six scores, and of other intervals of the first."""
    rows, widths, others = [], [], []
    for world in WORLDS:
        truth = truths(world)
        for n in SIZES:
            held, width, compared = coverage(world, n, truth, repeats)
            rows.append((world.name, n, *held))
            widths.append((world.name, n, *width))
            others.append((world.name, n, held[0], *compared.values()))
    record.table("95 % intervals: how often they hold the truth", ("world", "n", *NAMES), rows)
    record.table("and their width over that of the oracle", ("world", "n", *NAMES), widths)
    headings = ("world", "n", "jackknife, Wilson and t (chosen)", *compared)
    record.table(f"other intervals of ap50, first {COMPARED} repeats", headings, others)
    for n in SIZES:
        held = np.array([row[2:] for row in rows if row[1] == n])
        record.target(f"least coverage of ap50 and ap, {n} images", held[:, :2].min(), least=0.93)
        record.target(f"least coverage of recalls, {n} images", held[:, 2:].min(), least=0.93)


def coverage(
    world: World, n: int, truth: list[float], repeats: int
) -> tuple[list[float], list[float], dict[str, float]]:
    """Of the six scores, their widths over the oracle's, and coverage of other intervals."""
    found, compared = [], []
    for i in range(repeats):
        sample = draw(world, np.random.default_rng([1, i]), n)
        matches, independent = judged(sample), units(world, sample)
        scores = score_matches(matches, independent)
        own = [getattr(scores, name) for name in NAMES]
        found.append([(s.value, s.low, s.high) for s in own])
        if i < COMPARED:
            ends = other_intervals(matches, independent, seed=i)
            compared.append({k: low <= truth[0] <= high for k, (low, high) in ends.items()})
    value, low, high = np.array(found).transpose(2, 0, 1)
    oracle = np.quantile(value, 0.975, axis=0) - np.quantile(value, 0.025, axis=0)
    held = ((low <= truth) & (truth <= high)).mean(axis=0)
    width = (high - low).mean(axis=0) / np.maximum(oracle, 1e-9)
    shares = {k: float(np.mean([c[k] for c in compared])) for k in compared[0]}
    return held.tolist(), width.tolist(), shares


def missed(matches: Matches, threshold: float) -> float:
    """Mean share of an image's objects that are missed."""
    return float(np.nanmean(missed_shares(matches, threshold)))


def false_per_image(matches: Matches, threshold: float) -> float:
    """Mean number of false detections."""
    return float(false_counts(matches, threshold).mean())


def halves(world: World, n: int, judge: Callable[[Matches, Matches], list[float]]) -> np.ndarray:
    """What ``judge`` makes of two halves, 500 times; every 25 halves are of new images."""
    found = []
    for i in range(HALVES):
        rng = np.random.default_rng([2, i])
        if i % 25 == 0:
            sample = draw(world, rng, n)
        order = rng.permutation(n)
        parts = (sample.take(order[: n // 2]), sample.take(order[n // 2 :]))
        one, other = (
            match_detections(part.targets, part.detections, overlaps=(0.5,)) for part in parts
        )
        found.append(judge(one, other))
    return np.array(found)


MISSES = ((FEW, 0.3), (FEW, 0.4), (CELLS, 0.2), (TEN, 0.3), (EASY, 0.1), (EASY, 0.05))
FALSE_RATES = ((FEW, 0.1), (FEW, 0.5), (CELLS, 0.3), (CELLS, 1.0), (TEN, 0.5), (EASY, 0.1))


def promises(record: Record) -> None:
    """Thresholds found on one half, judged on the other."""
    rows, excess = [], []
    for world, miss in MISSES:
        for n in HALVED:

            def judge(one: Matches, other: Matches, miss: float = miss) -> list[float]:
                found = threshold_for_miss(one, miss).threshold
                return [np.nan if found is None else missed(other, found)]

            realised = halves(world, n, judge)[:, 0]
            mean, none = float(np.nanmean(realised)), float(np.isnan(realised).mean())
            rows.append((world.name, n // 2, miss, mean, none))
            excess.append(mean - miss)
    headings = ("world", "images", "promised", "realised", "not attainable")
    record.table("--miss: mean share missed in other images", headings, rows)
    _kept(record, "--miss", excess)
    false_promises(record)


def false_promises(record: Record) -> None:
    """All rules for a number of false detections."""
    rows, broken, excess = [], [], []
    for world, rate in FALSE_RATES:
        for n in HALVED:

            def judge(one: Matches, other: Matches, rate: float = rate) -> list[float]:
                return [false_per_image(other, rule(one, rate)) for rule in RULES.values()]

            realised = halves(world, n, judge)
            mean = realised.mean(axis=0)
            rows.append((world.name, n // 2, rate, *mean.tolist()))
            broken.append((world.name, n // 2, rate, *(realised > rate).mean(axis=0).tolist()))
            excess.append(float(mean[-1]) - rate)
    headings = ("world", "images", "promised", *RULES)
    record.table("--false-per-image: mean in other images, by rule", headings, rows)
    record.table("share of halves whose other half has more", headings, broken)
    _kept(record, "--false-per-image", excess)


def _kept(record: Record, option: str, excess: list[float]) -> None:
    record.target(f"{option}: realised − promised, largest", max(excess), most=0.005)
    record.target(f"{option}: realised − promised, least", min(excess), least=-0.03)


def seconds() -> float:
    """Of a whole record of 400 images and ten classes; the least of five."""
    sample = draw(TEN, np.random.default_rng(0), 400)
    times = []
    for _ in range(5):
        begun = time.monotonic()
        detection_scores(sample.targets, sample.detections)
        times.append(time.monotonic() - begun)
    return min(times)


def main() -> None:
    """Run all parts and record them."""
    given = [argument for argument in sys.argv[1:] if argument.isdigit()]
    repeats = int(given[0]) if given else REPEATS
    record = Record("detection_scores")
    record.note("repeats of intervals", repeats)
    record.target("seconds, 400 images of ten classes", seconds(), most=2.0)
    promises(record)
    intervals(record, repeats)
    record.write()


if __name__ == "__main__":
    main()
