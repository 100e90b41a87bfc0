"""The estimator for few examples, beyond the contract of all estimators."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pytest

import topwork as tw
from benchmarks.drawn_alphabets import write_alphabet
from benchmarks.meta import one_of_each
from topwork.data import read
from topwork.errors import DataError

BACKBONE = "packaged:efficientnet_lite0/96"


@pytest.fixture(scope="module")
def alphabet(tmp_path_factory) -> Path:
    return write_alphabet(tmp_path_factory.mktemp("few"), 7, characters=5, times=16)


def _accuracy(predicted: np.ndarray, data: tw.Dataset) -> float:
    assert data.targets is not None
    return float((predicted == np.array(data.targets.values())).mean())


def test_together_is_better_with_one_example(alphabet: Path) -> None:
    gains = []
    for seed in range(6):
        few, rest = one_of_each(read(alphabet), seed)
        model = tw.FewShotClassifier(backbone=BACKBONE).fit(few)
        gains.append(
            _accuracy(model.predict_together(rest.items), rest)
            - _accuracy(model.predict(rest.items), rest)
        )
    assert np.mean(gains) > 0.02
    again = copy.deepcopy(model)
    assert (again.predict_together(rest.items) == model.predict_together(rest.items)).all()


def test_an_item_that_cannot_be_read_is_named(alphabet: Path, tmp_path: Path) -> None:
    few, _ = one_of_each(read(alphabet), 0)
    model = tw.FewShotClassifier(backbone=BACKBONE).fit(few)
    (tmp_path / "bad.png").write_bytes(b"no image")
    with pytest.raises(DataError, match=r"bad\.png"):
        model.predict_together([tmp_path / "bad.png", *[item.path for item in few.items]])
