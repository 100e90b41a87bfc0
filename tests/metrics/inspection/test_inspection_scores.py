"""Scores of parts and of heat maps, beside the libraries' and those by definition."""

from __future__ import annotations

import time
import tracemalloc

import numpy as np
import pytest
from scipy.ndimage import label
from sklearn.metrics import roc_auc_score

from topwork.metrics.inspection.heat_scores import PRO_LIMIT, HeatScores
from topwork.metrics.inspection.part_scores import part_auroc, share
from topwork.metrics.records import Score


def _maps(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Heat maps of 24 x 24 pixels; every second image has two defects, one of them hotter."""
    masks = np.zeros((n, 24, 24), bool)
    masks[::2, 2:7, 3:9] = masks[::2, 14:20, 12:16] = True
    heat = rng.gamma(4.0, 0.25, masks.shape)
    heat[::2, 2:7, 3:9] += 0.4
    heat[::2, 14:20, 12:16] += 1.5
    return heat, masks


def test_pixel_auroc_is_that_of_all_pixels() -> None:
    heat, masks = _maps(20, np.random.default_rng(0))
    found = HeatScores()
    for one, mask in zip(heat, masks, strict=True):
        found.add(one, mask)
    area = found.pixel_auroc()
    assert area is not None
    assert area.value == pytest.approx(roc_auc_score(masks.ravel(), heat.ravel()), abs=1e-3)
    assert area.low < area.value < area.high


def test_region_overlap_is_that_of_its_definition() -> None:
    heat, masks = _maps(20, np.random.default_rng(1))
    found = HeatScores()
    for one, mask in zip(heat, masks, strict=True):
        found.add(one, mask)
    thresholds = np.linspace(heat.max(), 0, 3000)
    rates = np.array([(heat[~masks] >= t).mean() for t in thresholds])
    regions = [heat[i][label(masks[i])[0] == r] for i in range(0, 20, 2) for r in (1, 2)]
    overlap = np.array([np.mean([(r >= t).mean() for r in regions]) for t in thresholds])
    inside = rates <= PRO_LIMIT
    expected = np.trapezoid(overlap[inside], rates[inside]) / PRO_LIMIT
    value = found.region_overlap()
    assert value is not None
    assert value.value == pytest.approx(expected, abs=0.01)
    assert value.low < value.value < value.high


def test_a_small_defect_counts_as_much_as_a_large_one() -> None:
    heat, mask = np.ones((40, 40)), np.zeros((40, 40), bool)
    mask[:20, :20] = mask[30:32, 30:32] = True
    heat[:20, :20] = 9  # the small one is missed
    found = HeatScores()
    found.add(heat, mask)
    overlap = found.region_overlap()
    assert overlap is not None
    assert overlap.value == pytest.approx(0.5 + 0.5 * PRO_LIMIT / 2, abs=0.01)


def test_speckled_masks_take_little_time_and_memory() -> None:
    heat = np.random.default_rng(4).gamma(4.0, 0.25, (400, 400))
    mask = np.zeros(heat.shape, bool)
    mask[::2, ::2] = True  # 40,000 regions of a pixel each
    found = HeatScores()
    tracemalloc.start()
    begun = time.process_time()
    try:
        found.add(heat, mask)
        overlap = found.region_overlap()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert overlap is not None
    assert overlap.value == pytest.approx(PRO_LIMIT / 2, abs=0.01)
    assert time.process_time() - begun < 5
    assert peak < 100e6


def test_nothing_is_said_where_nothing_can_be() -> None:
    empty = HeatScores()
    assert (empty.pixel_auroc(), empty.region_overlap()) == (None, None)
    empty.add(np.ones((4, 4)), np.zeros((4, 4), bool))
    assert (empty.pixel_auroc(), empty.region_overlap()) == (None, None)
    assert part_auroc(np.arange(3.0), np.ones(3, bool)) is None
    assert share(np.zeros(0, bool)) is None


def test_intervals_of_parts_hold_the_truth() -> None:
    rng, inside = np.random.default_rng(2), []
    truth = 0.9214  # of normal scores that are 2 apart: the normal distribution at sqrt(2)
    for _ in range(400):
        defective = np.arange(60) < 25
        found = part_auroc(rng.normal(size=60) + 2 * defective, defective)
        assert found is not None
        assert found.high is not None
        inside.append(found.low <= truth <= found.high)
    assert np.mean(inside) >= 0.93


def test_images_of_one_part_are_no_more_than_one() -> None:
    """Each part is shown four times over: intervals are as wide as those of the parts, or wider."""
    rng = np.random.default_rng(3)
    scores, defective = rng.normal(size=30), np.arange(30) < 12
    scores[defective] += 1
    parts = np.repeat(np.arange(30), 4)
    heat, masks = _maps(20, rng)
    once, grouped, ungrouped = HeatScores(), HeatScores(), HeatScores()
    for part, (one, mask) in enumerate(zip(heat, masks, strict=True)):
        once.add(one, mask)
        for _ in range(4):
            grouped.add(one, mask, f"part {part}")
            ungrouped.add(one, mask)
    four = [np.repeat(values, 4) for values in (scores, defective, scores > 1)]
    for single, repeated, narrow in (
        (part_auroc(scores, defective), part_auroc(*four[:2], parts), part_auroc(*four[:2])),
        (share(scores > 1), share(four[2], parts), share(four[2])),
        (once.pixel_auroc(), grouped.pixel_auroc(), ungrouped.pixel_auroc()),
        (once.region_overlap(), grouped.region_overlap(), ungrouped.region_overlap()),
    ):
        assert single is not None
        assert repeated is not None
        assert repeated.value == pytest.approx(single.value)
        assert _width(repeated) >= 0.99 * _width(single)
        assert _width(narrow) < 0.8 * _width(single)


def _width(score: Score | None) -> float:
    assert score is not None
    assert score.low is not None
    assert score.high is not None
    return score.high - score.low
