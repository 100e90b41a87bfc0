"""Figures of a fit: they show the numbers of the result, and need nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import topwork as tw
from topwork.errors import DataError
from topwork.reporting.result import FitResult

RNG = np.random.default_rng(0)
DARK = list(RNG.integers(0, 150, (15, 24, 24, 3), dtype=np.uint8))
LIGHT = list(RNG.integers(100, 255, (15, 24, 24, 3), dtype=np.uint8))


@pytest.fixture(scope="module")
def result(session_cache: Path) -> FitResult:
    estimator = tw.ImageClassifier("pixels", baselines=True, name_groups=False, thorough=True)
    found: FitResult = estimator.fit(DARK + LIGHT, ["dark"] * 15 + ["light"] * 15).result_
    return FitResult.model_validate_json(found.model_dump_json())  # as it is read again


@pytest.fixture(autouse=True)
def _no_window() -> Iterator[None]:
    import matplotlib as mpl

    mpl.use("Agg")
    yield
    from matplotlib import pyplot as plt

    plt.close("all")


def test_a_confusion_matrix_has_the_counts(result: FitResult) -> None:
    axes = result.plot.confusion()
    cells = [int(text.get_text()) for text in axes.texts]
    assert result.confusions is not None
    assert cells == [n for row in result.confusions.counts for n in row]
    assert sum(cells) == 30
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["dark", "light"]


def test_reliability_has_a_point_for_each_bin(result: FitResult) -> None:
    axes = result.plot.reliability()
    points = axes.lines[1].get_xydata()
    assert [one.confidence for one in result.reliability] == pytest.approx(points[:, 0])
    assert [one.accuracy.value for one in result.reliability] == pytest.approx(points[:, 1])
    assert sum(one.n for one in result.reliability) == 30


def test_a_learning_curve_has_what_was_measured(result: FitResult) -> None:
    assert result.learning_curve is not None
    axes = result.plot.learning_curve()
    measured = [tuple(point) for line in axes.lines for point in line.get_xydata()]
    for point in result.learning_curve.measured:
        assert (point.labels_per_class, point.error) in measured


def test_everything_that_was_tried_is_named(result: FitResult) -> None:
    axes = result.plot.tried()
    assert [t.get_text() for t in axes.get_yticklabels()] == [one.name for one in result.tried]


def test_it_draws_on_axes_that_are_given(result: FitResult) -> None:
    from matplotlib import pyplot as plt

    given = plt.subplots()[1]
    assert result.plot.confusion(given) is given


def test_what_was_not_measured_is_refused(result: FitResult) -> None:
    without = result.model_copy(
        update={"learning_curve": None, "confusions": None, "reliability": ()}
    )
    for draw in (without.plot.learning_curve, without.plot.confusion, without.plot.reliability):
        with pytest.raises(DataError, match="can't be drawn"):
            draw()
