"""The logistic head from features on disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from topwork.heads import ArrayChunks, fit_logistic, fit_logistic_streamed


@pytest.fixture
def stored(tmp_path: Path):
    rng = np.random.default_rng(0)
    codes = np.arange(700) % 5
    X = rng.normal(size=(700, 40)) + rng.normal(size=(5, 40))[codes]
    np.save(tmp_path / "X.npy", X.astype(np.float16))
    return np.load(tmp_path / "X.npy", mmap_mode="r"), codes


def _loss(head, X, codes: np.ndarray) -> float:
    return float(-np.log(head.probabilities(X)[np.arange(len(codes)), codes]).mean())


@pytest.mark.parametrize("class_weight", [None, "balanced"])
@pytest.mark.parametrize("size", [64, 700, 1000])
def test_its_optimum_is_that_of_the_fit_in_memory(stored, size: int, class_weight) -> None:
    X, codes = stored
    ours = fit_logistic_streamed(ArrayChunks(X, size), codes, 5, class_weight=class_weight)
    theirs = fit_logistic(X, codes, 5, class_weight=class_weight)
    assert _loss(ours, X, codes) == pytest.approx(_loss(theirs, X, codes), abs=1e-4)
    np.testing.assert_allclose(ours.probabilities(X), theirs.probabilities(X), atol=0.01)


def test_a_class_without_items_is_never_answered(stored) -> None:
    X, codes = stored
    head = fit_logistic_streamed(X, codes, 6)
    assert head.probabilities(X)[:, 5].max() < 1e-9


class _Counting(ArrayChunks):
    most = 0

    def __iter__(self) -> Iterator[np.ndarray]:
        for piece in super().__iter__():
            _Counting.most = max(_Counting.most, len(piece))
            yield piece


def test_some_rows_of_the_design_are_those_of_the_whole(stored) -> None:
    from topwork.heads.streamed import StreamedDesign, streamed_axes

    chunks = _Counting(stored[0], 100)
    design = StreamedDesign(chunks, streamed_axes(chunks))
    rows = np.array([650, 3, 101, 99])
    W = np.random.default_rng(1).normal(size=(design.shape[1], 3)).astype(np.float32)
    np.testing.assert_allclose(design[rows] @ W, (design @ W)[rows], atol=1e-4)
    assert _Counting.most == 100
