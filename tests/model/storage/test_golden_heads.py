"""Saved models of several labels and of ordered classes still load, and predict as they did."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import topwork as tw
from tests.model.storage.test_golden import IMAGES, unpacked

PREDICTED = {
    "schema2-image-labels": (
        ("dark", "light", "night"),
        [[0.996006, 0.003994, 0.989892], [0.003851, 0.996149, 0.000851]],
        [[1, 0, 1], [0, 1, 0]],
        "8eaf71dc64e1f51ec55ee8ad3699519c800ad94f53fce1afc0b28a88114fbc7a",
    ),
    "schema2-image-ordinal": (
        ("dark", "grey", "light"),
        [[0.999179, 0.000821, 0.0], [0.0, 0.014457, 0.985542]],
        ["dark", "light"],
        "8adbdf9e7828ab90bfe8d44bb947f11a2dc6d9b80a9c0131082d03ee4c978f41",
    ),
}


@pytest.mark.parametrize("name", PREDICTED)
def test_it_predicts_as_it_did(name: str, tmp_path: Path) -> None:
    labels, probabilities, predicted, identity = PREDICTED[name]
    model = tw.load(unpacked(name, tmp_path))
    assert model.task == name.rpartition("-")[2]
    assert model.labels == labels
    assert model.identity == identity
    np.testing.assert_allclose(model.predict_proba(IMAGES), probabilities, atol=2e-5)
    assert model.predict(IMAGES).tolist() == predicted
    assert tw.load(model.save(tmp_path / "again.topwork")).identity == identity
