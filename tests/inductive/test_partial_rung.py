"""The rung that trains the last layers, on real pictures that the probe confuses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from skimage import data as photographs

from topwork.data import read
from topwork.inductive import FitSettings, Fitted, fit, ladder
from topwork.inductive.assembly import assemble
from topwork.inductive.calibrated import calibrate
from topwork.inductive.ladder import Rung
from topwork.inductive.partial_rung import NAME
from topwork.inductive.trial import Candidate
from topwork.model import load

BACKBONE = "packaged:efficientnet_lite0"


@pytest.fixture(scope="module")
def fitted(session_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Fitted:
    """Crops of four textures, turned and dimmed, at 9 a class."""
    rng = np.random.default_rng(0)
    pictures, labels = [], []
    for name in ("brick", "grass", "gravel", "coins"):
        whole = getattr(photographs, name)()
        for _ in range(9):
            y, x = rng.integers(0, 230, 2)
            grey = np.rot90(whole[y : y + 64, x : x + 64], rng.integers(4))
            pictures.append(np.ascontiguousarray(grey[..., None].repeat(3, axis=2)))
            labels.append(name)
    with pytest.MonkeyPatch.context() as patch:
        rung = Rung(Candidate(NAME, BACKBONE, strategy="partial"), "training")
        patch.setattr(ladder, "rungs_above", lambda _: [rung])
        settings = FitSettings(
            backbone=BACKBONE, strategy="auto", minutes=10, baselines=False, n_folds=3
        )
        return fit(read(pictures, labels), settings)


def test_it_is_judged_on_the_same_folds_as_the_probe(fitted: Fitted) -> None:
    assert [r.tried for r in fitted.result.ladder] == [True]
    probe, trained = fitted.evidence.trials
    assert trained.candidate.strategy == "partial"
    assert trained.right.shape == probe.right.shape
    assert trained.features_by_fold is not None
    assert sorted(trained.features_by_fold) == [0, 1, 2]
    assert trained.frozen.opened.backbone.fingerprint != probe.frozen.opened.backbone.fingerprint


def test_the_network_as_saved_answers_as_it_was_trained(fitted: Fitted, tmp_path: Path) -> None:
    """Head and tail are those of one training: items of its own are told right and known."""
    trained = fitted.evidence.trials[1]
    own = trained.head.linear.logits(trained.frozen.features).argmax(axis=1)
    codes = trained.frozen.data.targets.codes
    assert (own == codes).mean() >= trained.right.mean() - 0.05


def test_the_trained_network_can_be_shipped(fitted: Fitted, tmp_path: Path) -> None:
    """As if it had been chosen: saved, loaded on either engine, its own items are no strangers."""
    evidence, settings = fitted.evidence, FitSettings(backbone=BACKBONE, strategy="auto")
    trained = evidence.trials[1]
    calibrated = calibrate(trained, evidence.folds[0], evidence.groups, settings)
    shipped = replace(evidence, chosen=trained, calibrated=calibrated)
    model = assemble(shipped, settings, fitted.result, "textures")
    assert model.card.strategy == "partial"
    items = trained.frozen.data.items
    said = model.predictions(items)
    assert said.unknown.mean() <= 0.2
    assert (said.codes == trained.frozen.data.targets.codes).mean() >= 0.9
    model.save(tmp_path / "m.topwork")
    eager = load(tmp_path / "m.topwork", engine="torch").predictions(items)
    np.testing.assert_allclose(said.probabilities, eager.probabilities, atol=0.02)
