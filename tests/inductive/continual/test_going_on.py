"""Going on from a saved model: nothing of it changes, little is forgotten, and the rest is said."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import topwork as tw
from tests.conftest import draw
from tests.inductive.continual.drawn import PLAIN, draw_folders
from topwork.cli.app import run
from topwork.data import read
from topwork.inductive import FitSettings, Fitted, fit
from topwork.model import Model, load
from topwork.runtime.progress import silent


def test_old_classes_are_kept_and_a_new_one_is_learnt(
    continual_part: Fitted, tmp_path: Path
) -> None:
    fresh = draw_folders(tmp_path / "fresh", 2, discs=12, stripes=12, noise=12)
    assert continual_part.model.labels == ["discs", "stripes", "noise"]
    recall = {c.label: c.recall.value for c in continual_part.model.evaluate(read(fresh)).per_class}
    assert min(recall.values()) >= 0.9, recall  # a head on the new class alone: 0 on the others


def test_numbers_are_those_of_held_out_answers(continual_part: Fitted, bundle: Path) -> None:
    found, artifacts = continual_part.result.continual, continual_part.artifacts
    past = load(bundle).parts.statistics
    said = artifacts.chosen.head.logits_oof.argmax(axis=1)
    codes = np.concatenate([past.rehearsal_codes, np.full(10, 2)])

    def balanced(right: np.ndarray, of: np.ndarray) -> float:
        return float(np.mean([right[of == c].mean() for c in np.unique(of)]))

    before = past.rehearsal_logits.argmax(axis=1) == past.rehearsal_codes
    assert found.basis == "recorded"
    assert (found.n_new, found.n_stored, found.n_known) == (10, 40, 0)
    assert found.old.n_items == 40
    assert found.old.before.value == pytest.approx(balanced(before, codes[:40]))
    assert found.old.after.value == pytest.approx(balanced((said == codes)[:40], codes[:40]))
    assert found.old.difference.difference == pytest.approx(
        found.old.after.value - found.old.before.value
    )
    assert found.new.after.value == pytest.approx(balanced((said == codes)[40:], codes[40:]))
    assert (found.new.before.value, found.unseen) == (0.0, None)
    assert f"{100 * found.old.before.value:.1f} % before" in found.sentence


def test_what_was_recorded_is_what_held_out_heads_said(images: Path, bundle: Path) -> None:
    fitted = fit(read(images), PLAIN)
    past, head = load(bundle).parts.statistics, fitted.artifacts.chosen.head
    rows = {
        row.tobytes(): said for row, said in zip(past.rehearsal, past.rehearsal_logits, strict=True)
    }
    features = fitted.artifacts.chosen.frozen.features
    mine = [i for i, row in enumerate(features) if row.tobytes() in rows]
    assert len(mine) >= 40
    for i in mine:
        np.testing.assert_allclose(head.logits_oof[i], rows[features[i].tobytes()], atol=1e-4)


def test_the_model_is_complete_and_can_be_gone_on_from_again(
    continual_part: Fitted, noise: Path, tmp_path: Path
) -> None:
    first = continual_part.model.save(tmp_path / "first.topwork")
    model = load(first)
    past = model.parts.statistics
    assert past.counts.tolist() == [26, 26, 10]
    assert np.bincount(past.rehearsal_codes).tolist() == [20, 20, 10]
    assert past.rehearsal_logits.shape == (50, 3)
    assert past.saw(continual_part.artifacts.chosen.frozen.extraction.keys) == 10
    assert len(past.codes) == len(past.groups) == 62
    assert model.card.sets is not None
    assert model.card.unknown_threshold is not None
    assert model.card.started_from.labels == ["discs", "stripes"]
    assert (model.card.started_from.n_items, model.card.started_from.n_added) == (52, 10)
    data = draw_folders(tmp_path / "more", 3, discs=8, stripes_x=6)
    again = fit(read(data), FitSettings(start=first), save_to=first)  # in its place
    found = again.result.continual
    assert load(first).labels == ["discs", "stripes", "noise", "stripes_x"]
    assert (found.unseen.n_items, found.stored.n_items, found.new.n_items) == (8, 50, 6)
    assert found.old.n_items == 58
    lineage = load(first).card.started_from
    assert lineage.identity == model.identity
    assert lineage.earlier.labels == ["discs", "stripes"]
    assert load(first).parts.statistics.counts.tolist() == [34, 26, 10, 6]
    assert "Before and after" in load(first).parts.pages["report.html"]


def test_the_earlier_model_is_not_changed(bundle: Path, noise: Path) -> None:
    before = {file.name: file.read_bytes() for file in bundle.iterdir()}
    fit(read(noise), FitSettings(start=bundle))
    assert {file.name: file.read_bytes() for file in bundle.iterdir()} == before


def test_images_that_it_has_seen_flatter_nothing(
    bundle: Path, images: Path, tmp_path: Path
) -> None:
    """Half of them again, with new ones: known ones lie in the fold of what is remembered."""
    data = draw_folders(tmp_path / "data", 4, discs=6, noise=8)
    for name in ("discs", "stripes"):
        (data / name).mkdir(exist_ok=True)
        for file in sorted((images / name).iterdir())[:13]:
            shutil.copyfile(file, data / name / f"again-{file.name}")
    fitted = fit(read(data), FitSettings(start=bundle))
    found, artifacts = fitted.result.continual, fitted.artifacts
    assert (found.n_new, found.n_known) == (40, 26)
    assert found.n_left_out >= 26
    assert found.old.n_items == 40 + found.unseen.n_items
    assert any("left out" in warning for warning in found.warnings)
    assert fitted.model.parts.statistics.counts.tolist() == [32, 26, 8]
    rows = artifacts.chosen.frozen.features
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    same = rows[40:] @ rows[:40].T > 0.9999
    for new, old in np.argwhere(same):
        assert artifacts.folds[0][40 + new] == artifacts.folds[0][old]
    assert same.any()


def test_without_recorded_answers_heads_are_refitted(
    bundle: Path, noise: Path, tmp_path: Path
) -> None:
    model = load(bundle)
    past = replace(model.parts.statistics, rehearsal_logits=np.empty((0, 0), np.float32))
    path = Model(replace(model.parts, statistics=past)).save(tmp_path / "m.topwork")
    found = fit(read(noise), FitSettings(start=path)).result.continual
    assert found.basis == "refitted"
    assert any("no out-of-fold predictions" in warning for warning in found.warnings)
    assert found.old.before.value >= 0.9


def test_a_trained_network_is_used_as_it_is(tuned: Path, noise: Path, tmp_path: Path) -> None:
    before = load(tuned)
    assert len(tw.SearchIndex.open(tuned).search(read(noise).items[0].path, top=3).results) == 3
    fitted = fit(read(noise), FitSettings(start=tuned), save_to=tmp_path / "m")
    after = load(tmp_path / "m")
    assert after.card.backbone_fingerprint == before.card.backbone_fingerprint
    assert after.card.strategy == "partial"
    items = read(noise).items
    np.testing.assert_allclose(
        after.predictions(items, progress=silent).features,
        before.predictions(items, progress=silent).features,
        rtol=1e-3,
        atol=1e-4,
    )
    assert fitted.result.continual.basis == "refitted"
    assert any("optimistic" in warning for warning in fitted.result.continual.warnings)


def test_scikit_learn_conventions(bundle: Path) -> None:
    rng = np.random.default_rng(5)
    pictures = [np.asarray(draw("noise", rng)) for _ in range(6)]
    classifier = tw.ImageClassifier(start=bundle).fit(pictures, ["noise"] * 6)
    assert classifier.classes_.tolist() == ["discs", "stripes", "noise"]
    assert classifier.predict(pictures[:1]).tolist() == ["noise"]


def test_the_command(bundle: Path, noise: Path, tmp_path: Path, capsys: Callable) -> None:
    out = tmp_path / "m.topwork"
    arguments = ["fit", str(noise), "--from", str(bundle), "-o", str(out)]
    assert run([*arguments, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["continual"]["new_labels"] == ["noise"]
    assert run(arguments) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "10 new images and 40 stored ones of 3 classes" in told
    assert said["continual"]["sentence"] in told
    assert "--strategy auto" not in told


@pytest.mark.parametrize("option", [["--backbone", "packaged:efficientnet_lite0"]])
def test_the_command_refuses_even_the_usual_backbone(
    bundle: Path, noise: Path, capsys: Callable, option: list[str]
) -> None:
    assert run(["fit", str(noise), "--from", str(bundle), *option]) == 2
    assert (
        "backbone cannot be 'packaged:efficientnet_lite0' when continuing from a model"
        in capsys.readouterr().err
    )
