"""What an adapted model remembers of items, and what `evaluate` says of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.transductive.conftest import SHALLOW
from topwork.data import Dataset, read
from topwork.model import Evaluation, load
from topwork.transductive import Adapted, AdaptSettings, adapt


@pytest.fixture(scope="module")
def some() -> np.ndarray:
    return np.random.default_rng(0).permutation(90)[:36]


@pytest.fixture(scope="module")
def done(bundle: Path, away: Dataset, some: np.ndarray) -> Adapted:
    rest = away.take(np.setdiff1d(np.arange(len(away)), some))
    return adapt(bundle, rest, SHALLOW, labelled=away.take(some))


@pytest.fixture(scope="module")
def evaluated(done: Adapted, away: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    assert done.result.adapted
    saved = done.model.save(tmp_path_factory.mktemp("taught") / "taught.topwork")
    return load(saved).evaluate(away)


def test_items_whose_labels_were_learnt_are_known(evaluated: Evaluation) -> None:
    assert (evaluated.labels_learnt, evaluated.adapted_to) == (36, 54)
    assert evaluated.seen_in_training == 0
    said = " ".join(evaluated.warnings)
    assert "adapted with the labels of 36 of these items, so the scores are optimistic" in said
    assert "adapted to 54 more of these items without their labels" in said


def test_the_score_without_them_is_told(
    done: Adapted, evaluated: Evaluation, away: Dataset, some: np.ndarray
) -> None:
    assert evaluated.others is not None
    rest = away.take(np.setdiff1d(np.arange(len(away)), some))
    alone = done.model.evaluate(rest)
    assert alone.others is None
    assert evaluated.others.n_items == 54
    assert evaluated.others.value == pytest.approx(alone.scores.balanced_accuracy.value)
    assert evaluated.others.sentence in evaluated.warnings


def test_they_are_not_compared_with_themselves(evaluated: Evaluation) -> None:
    assert evaluated.shift is not None
    assert evaluated.shift.covariate_shift is None
    assert "The model was adapted to 90 of these items" in evaluated.shift.sentence


def test_training_items_are_not_compared_with_themselves(bundle: Path, home: Path) -> None:
    found = load(bundle).evaluate(read(home))
    assert found.seen_in_training == 90
    assert found.others is None
    assert found.shift is not None
    assert "AUC" not in found.shift.sentence
    assert "The model was trained on 90 of these items" in found.shift.sentence


def test_a_second_adaptation_remembers_both(done: Adapted, away: Dataset) -> None:
    again = adapt(done.model, away, AdaptSettings(deep=False, force=True))
    past = again.model.parts.statistics
    assert len(past.labelled_keys) == 36
    assert len(past.adapted_keys) == 90
