"""Heads that read their rows in passes are those that hold all of them in memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import topwork.heads.streaming.passes as passing
from tests.runtime.recorder import Recorder
from topwork.features.lance_table import commit
from topwork.features.stored_rows import StoredRows
from topwork.heads import RidgeProblem, fit_logistic, softmax
from topwork.heads.streaming import stream_logistic, stream_ridge
from topwork.heads.streaming.passes import ArrayRows
from topwork.runtime.executor import running_on

N, D, K = 700, 24, 4
FOLDS = np.arange(N) % 3


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    rng = np.random.default_rng(3)
    return (rng.normal(size=(N, D)) * np.linspace(0.1, 3, D) + 0.5).astype(np.float16)


@pytest.fixture(scope="module")
def codes(rows: np.ndarray) -> np.ndarray:
    rng = np.random.default_rng(4)
    logits = rows.astype(np.float64) @ rng.normal(size=(D, K)) + rng.gumbel(size=(N, K))
    return logits.argmax(axis=1)


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several tasks of several blocks each."""
    monkeypatch.setattr(passing, "N_PER_TASK", 300)
    monkeypatch.setattr(passing, "N_PER_BLOCK", 128)


@pytest.fixture(scope="module")
def stored(rows: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> StoredRows:
    uri = tmp_path_factory.mktemp("stored") / "float16.lance"
    keys = [i.to_bytes(16, "big") for i in range(N)]
    for a in range(0, N, 250):
        part = rows[a : a + 250]
        commit(uri, keys[a : a + 250], ["plain"] * len(part), part)
    return StoredRows.whole(uri)


def test_stored_rows_are_read_by_ranges(rows: np.ndarray, stored: StoredRows) -> None:
    assert stored.shape == (N, D)
    np.testing.assert_array_equal(stored.read(200, 520), rows[200:520])
    numbers = np.arange(0, N, 7)
    some = StoredRows(stored.uri, (len(numbers), D), numbers)
    np.testing.assert_array_equal(some.read(3, 90), rows[numbers[3:90]])
    with pytest.raises(KeyError, match="no store"):
        StoredRows.whole(Path("gone.lance"))


def _objective(head, rows, codes, C: float) -> float:
    p = softmax(head.logits(rows))[np.arange(len(rows)), codes]
    return float(-np.log(p).mean() + np.square(head.weight).sum() / (2 * C * len(rows)))


def test_the_logistic_head_is_the_one_of_memory(rows, codes, stored: StoredRows) -> None:
    found = stream_logistic(stored, codes, K, folds=FOLDS, C=30.0)
    held = fit_logistic(rows, codes, K, C=30.0)
    best = _objective(held, rows, codes, 30.0)
    assert _objective(found.linear, rows, codes, 30.0) == pytest.approx(best, abs=1e-4)
    for fold, head in enumerate(found.of_folds):
        out = fold == FOLDS
        without = fit_logistic(rows[~out], codes[~out], K, C=30.0)
        assert _objective(head, rows[~out], codes[~out], 30.0) == pytest.approx(
            _objective(without, rows[~out], codes[~out], 30.0), abs=1e-4
        )
        p = softmax(head.logits(rows[out]))
        np.testing.assert_allclose(
            found.losses[out], -np.log(p[np.arange(out.sum()), codes[out]]), atol=1e-4
        )
        np.testing.assert_array_equal(found.predicted[out], p.argmax(axis=1))


def test_it_is_the_same_from_other_workers(codes, stored: StoredRows) -> None:
    here = stream_logistic(stored, codes, K, folds=FOLDS)
    recorder = Recorder()
    with running_on(recorder):
        there = stream_logistic(stored, codes, K, folds=FOLDS)
    assert recorder.seen.count("_of_range") >= 3 * (here.passes - 2)
    np.testing.assert_array_equal(here.linear.weight, there.linear.weight)
    np.testing.assert_array_equal(here.losses, there.losses)


def test_a_class_that_a_fold_lacks(rows) -> None:
    codes = np.where(FOLDS == 0, 2, np.arange(N) // 3 % 2)
    found = stream_logistic(ArrayRows(rows), codes, 3, folds=FOLDS)
    assert (found.predicted[FOLDS == 0] != 2).all()
    assert np.isfinite(found.losses).all()
    assert found.losses[FOLDS == 0].min() > 10


def test_ridge_from_moments_is_the_one_of_memory(rows, stored: StoredRows) -> None:
    rng = np.random.default_rng(5)
    X = rows.astype(np.float64)
    Y = X @ rng.normal(size=(D, 2)) + rng.normal(size=(N, 2)) * 3
    found = stream_ridge(stored, Y, FOLDS)
    held = RidgeProblem.prepare(X, Y)
    np.testing.assert_allclose(found.alphas, held.default_alphas(), rtol=1e-4)
    weight, bias = held.coefficients(found.alpha)
    np.testing.assert_allclose(found.weight, weight, atol=1e-3)
    np.testing.assert_allclose(found.bias, bias, atol=1e-3)
    errors = np.zeros(len(found.alphas))
    for fold in range(3):
        out = fold == FOLDS
        problem = RidgeProblem.prepare(X[~out], Y[~out])
        for i, alpha in enumerate(found.alphas):
            w, b = problem.coefficients(alpha)
            errors[i] += np.square(Y[out] - X[out] @ w - b).sum()
    np.testing.assert_allclose(found.errors, errors / N, rtol=1e-3)
    assert found.alpha == found.alphas[errors.argmin()]
