"""Columns beside images in Python: a frame of their own, or one table with the images."""

from __future__ import annotations

import numpy as np
import pytest

import topwork as tw
from topwork.errors import DataError, ParameterError
from topwork.features.remarks import ReadingWarning

N = 90


@pytest.fixture(scope="module")
def world() -> tuple[list[np.ndarray], dict[str, list], np.ndarray]:
    """Discs, columns beside them, and numbers that follow from both."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:32, :32]
    radii = rng.uniform(3, 14, N)
    images = [
        (rng.integers(0, 60, (32, 32)) + 150 * ((y - 16) ** 2 + (x - 16) ** 2 < r * r)).astype(
            np.uint8
        )
        for r in radii
    ]
    columns = {
        "rooms": rng.integers(1, 8, N).tolist(),
        "city": ["ABC"[i] for i in rng.integers(0, 3, N)],
    }
    numbers = 10 * radii + 15 * np.array(columns["rooms"]) + rng.normal(0, 4, N)
    return images, columns, numbers


def settings() -> dict[str, object]:
    return {"backbone": "pixels", "cache": False, "name_groups": False}


def part(columns: dict[str, list], rows: slice) -> dict[str, list]:
    return {name: values[rows] for name, values in columns.items()}


def test_numbers_follow_from_both(world: tuple) -> None:
    images, columns, numbers = world
    first, second = slice(0, 70), slice(70, N)
    regressor = tw.ImageRegressor(**settings())
    regressor.fit(images[first], numbers[first], columns=part(columns, first))
    assert regressor.result_.columns.used == "both"
    beside = part(columns, second)
    predicted = regressor.predict(images[second], columns=beside)
    assert np.abs(predicted - numbers[second]).mean() < 15
    score = regressor.score(images[second], numbers[second], columns=beside)
    assert score > 0.85
    with pytest.warns(ReadingWarning, match="no column 'rooms'"):
        alone = regressor.predict(images[second])
    assert np.abs(alone - predicted).mean() > 5


def test_classes_follow_from_both(world: tuple) -> None:
    images, columns, numbers = world
    labels = np.where(numbers > np.median(numbers), "dear", "cheap")
    classifier = tw.ImageClassifier(**settings()).fit(images, labels, columns=columns)
    assert classifier.result_.columns.used == "both"
    assert classifier.score(images, labels, columns=columns) > 0.9
    assert classifier.predict_proba(images, columns=columns).shape == (N, 2)


def test_ordered_classes_and_labels_follow_from_both(world: tuple) -> None:
    images, columns, numbers = world
    ranks = np.digitize(numbers, np.quantile(numbers, [0.33, 0.67]))
    ordinal = tw.OrdinalImageClassifier(**settings()).fit(images, ranks, columns=columns)
    assert ordinal.result_.columns.used == "both"
    assert (ordinal.predict(images, columns=columns) == ranks).mean() > 0.8
    many = [
        ["dear"] * bool(n > 150) + ["large"] * bool(r > 4)
        for n, r in zip(numbers, columns["rooms"], strict=True)
    ]
    tagger = tw.ImageTagger(**settings()).fit(images, many, columns=columns)
    assert tagger.result_.columns.used in ("both", "columns")
    found = tagger.predict(images, columns=columns)
    assert (found[:, 1] == [r > 4 for r in columns["rooms"]]).mean() > 0.95


def test_one_table_of_images_and_columns(world: tuple) -> None:
    images, columns, numbers = world
    table = {"path": images, "label": numbers.tolist(), **columns}
    regressor = tw.ImageRegressor(**settings()).fit(table)
    assert regressor.result_.columns.used == "both"
    assert regressor.score(table) > 0.9
    without = tw.ImageRegressor(**settings()).fit(table, columns=())
    assert without.result_.columns is None
    named = tw.ImageRegressor(**settings()).fit(table, columns=["rooms"])
    assert named.model_.card.beside.names == ["rooms"]


def test_what_is_no_row_per_item_is_refused(world: tuple) -> None:
    images, columns, numbers = world
    regressor = tw.ImageRegressor(**settings())
    with pytest.raises(DataError, match="rows of columns"):
        regressor.fit(images, numbers, columns=part(columns, slice(0, 5)))
    with pytest.raises(ParameterError, match="no table of columns"):
        regressor.fit(images, numbers, columns=7)
