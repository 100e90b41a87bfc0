"""The rungs that train a network, and the blend, on real pictures that the probe confuses."""

from __future__ import annotations

import os
import pickle
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data as photographs

from tests.runtime.recorder import Recorder
from topwork.backbones import resolve
from topwork.calibration.temperature import fit_temperature
from topwork.data import Dataset, read
from topwork.inductive import FitSettings, Fitted, fit
from topwork.inductive.assembly import assemble
from topwork.model import load
from topwork.runtime.executor import running_on
from topwork.runtime.folders import KEPT_SECONDS
from topwork.runtime.run_context import RunContext
from topwork.runtime.scratch import Scratch
from topwork.search import ladder
from topwork.search.known_rungs import RUNGS
from topwork.search.rungs import partial, whole
from topwork.search.rungs.blend import Blend
from topwork.search.rungs.inputs import ImageInputs
from topwork.search.rungs.partial import PartialTuner
from topwork.search.rungs.rung import Asked
from topwork.search.rungs.state import SearchState
from topwork.search.rungs.tuned import FINAL, TunedRung
from topwork.search.rungs.tuner import Interrupted, TimeEstimate, fit_and_see
from topwork.search.rungs.whole import WholeTuner
from topwork.search.rungs.wider import DEEPER, WIDER
from topwork.search.search_context import SearchContext
from topwork.training.fits import TunedFit
from topwork.trials.calibrated import calibrate
from topwork.trials.comparison import ModelComparison
from topwork.trials.trial import Trial

BACKBONE = "packaged:efficientnet_lite0/96"
SETTINGS = FitSettings(backbone=BACKBONE, strategy="auto", baselines=False, n_folds=3)


@pytest.fixture(scope="module")
def textures() -> Dataset:
    """Crops of four textures, turned and dimmed, at 12 a class."""
    rng = np.random.default_rng(0)
    pictures, labels = [], []
    for name in ("brick", "grass", "gravel", "coins"):
        whole = getattr(photographs, name)()
        for _ in range(12):
            y, x = rng.integers(0, 230, 2)
            grey = np.rot90(whole[y : y + 64, x : x + 64], rng.integers(4))
            pictures.append(np.ascontiguousarray(grey[..., None].repeat(3, axis=2)))
            labels.append(name)
    return read(pictures, labels)


@pytest.fixture(scope="module")
def probed(session_cache: Path, textures: Dataset) -> Fitted:
    return fit(textures, replace(SETTINGS, strategy="probe"))


@pytest.fixture(scope="module")
def search_context(session_cache: Path, probed: Fitted) -> SearchContext:
    artifacts = probed.artifacts
    comparison = ModelComparison(artifacts.folds, artifacts.groups)
    data = artifacts.transfer.frozen.data
    run = RunContext(SETTINGS, scratch=Scratch(session_cache / "training"))
    return SearchContext(data, comparison, run.within(600))


@pytest.fixture(scope="module")
def quick() -> pytest.MonkeyPatch:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(partial, "PLANS", ((0.18, 2, 3),))
        patch.setattr(ImageInputs, "plans", (0.15,))
        yield patch


@pytest.fixture(scope="module")
def rung(probed: Fitted, search_context: SearchContext, quick) -> TunedRung:
    first = probed.artifacts.transfer
    return TunedRung(PartialTuner(first, search_context), first, search_context)


@pytest.fixture(scope="module")
def trained(rung: TunedRung) -> Trial:
    assert rung.plan(1.0) == rung.begin() == ""
    while not rung.complete:
        rung.judge()
    return rung.trial()


def selected(fitted: Fitted, trial: Trial) -> Fitted:
    """As if this trial had been chosen."""
    artifacts = fitted.artifacts
    calibrated = calibrate(trial, artifacts.folds[0], artifacts.groups, SETTINGS)
    return replace(fitted, artifacts=replace(artifacts, chosen=trial, calibrated=calibrated))


def answers(fitted: Fitted, folder: Path) -> tuple[NDArray, NDArray]:
    """Of the trial that was chosen, as saved, on either engine."""
    artifacts = fitted.artifacts
    model = assemble(artifacts, SETTINGS, fitted.result, "textures")
    items = artifacts.chosen.frozen.data.items
    model.save(folder)
    eager = load(folder, engine="torch").predictions(items)
    return model.predictions(items).probabilities, eager.probabilities


def test_it_is_judged_on_the_same_folds_as_the_probe(trained: Trial, probed: Fitted) -> None:
    probe = probed.artifacts.transfer
    assert trained.right.shape == probe.right.shape
    assert trained.judged_on is None
    assert trained.features_by_fold is not None
    assert sorted(trained.features_by_fold) == [0, 1, 2]
    assert trained.finish is not None, "the fit on all items waits until it is wanted"


def test_the_network_as_saved_answers_as_it_was_trained(
    trained: Trial, probed: Fitted, rung: TunedRung, tmp_path: Path
) -> None:
    whole = trained.finished()
    probe = probed.artifacts.transfer
    assert whole.finish is None
    backbone = whole.frozen.opened.backbone
    assert backbone.fingerprint != probe.frozen.opened.backbone.fingerprint
    own = whole.head.linear.logits(whole.frozen.features).argmax(axis=1)
    codes = whole.frozen.data.targets.codes
    assert (own == codes).mean() >= trained.right.mean() - 0.05
    compiled, eager = answers(selected(probed, whole), tmp_path / "m.topwork")
    np.testing.assert_allclose(compiled, eager, atol=0.02)
    assert (compiled.argmax(axis=1) == codes).mean() >= 0.9


def test_a_fit_is_a_task_that_can_run_elsewhere(trained: Trial, rung: TunedRung) -> None:
    """With progress that a terminal shows, which can't be sent."""
    run = replace(rung.search_context.run, steps=lambda _: lambda done, total: None)
    shown = replace(rung.tuner, search_context=replace(rung.search_context, run=run))
    task = replace(rung._task(0), tuner=shown, folder=None, made=None)
    found = pickle.loads(pickle.dumps(task))
    fit, vectors = fit_and_see(found)
    np.testing.assert_array_equal(vectors, rung.vectors[0])
    np.testing.assert_array_equal(fit.head.weight, rung.fit(0).head.weight)


def test_as_many_folds_are_judged_at_once_as_there_are_workers(
    trained: Trial, rung: TunedRung, search_context: SearchContext
) -> None:
    again = TunedRung(rung.tuner, rung.below, search_context)
    recorder = Recorder()
    with running_on(recorder):
        again.judge()
    assert recorder.seen == ["fit_and_see"] * 2
    assert list(again.vectors) == again.folds[:2]
    np.testing.assert_array_equal(again.vectors[1], rung.vectors[1])


def test_a_finished_fit_is_not_done_again(
    trained: Trial, rung: TunedRung, probed: Fitted, search_context: SearchContext, monkeypatch
) -> None:
    first = probed.artifacts.transfer
    again = TunedRung(PartialTuner(first, search_context), first, search_context)
    assert again.plan(1.0) == again.begin() == ""

    def fit(*_args: object) -> TunedFit:
        raise AssertionError("trained again")

    monkeypatch.setattr(again.tuner, "fit", fit)
    for fold in (0, 1, 2):
        assert set(again.fit(fold).tensors) == set(rung.fit(fold).tensors)
        np.testing.assert_array_equal(again.fit(fold).head.weight, rung.fit(fold).head.weight)


def test_a_blend_is_the_mean_of_both(
    trained: Trial, rung: TunedRung, probed: Fitted, search_context: SearchContext, tmp_path: Path
) -> None:
    """Its one linear head on all vectors answers as the two heads do, each at its temperature."""
    probe = probed.artifacts.transfer
    blend = Blend(probe, trained, rung, search_context).trial()
    whole, tuned = blend.finished(), trained.finished()
    codes = probe.frozen.data.targets.codes
    expected = sum(
        0.5 * t.head.linear.logits(t.frozen.features) / fit_temperature(h.logits_oof, codes).value
        for t, h in ((probe, probe.head), (tuned, trained.head))
    )
    found = whole.head.linear.logits(whole.frozen.features)
    np.testing.assert_allclose(found, expected, atol=0.02 * np.abs(expected).max())
    assert blend.features_by_fold[0].shape == whole.frozen.features.shape
    assert whole.frozen.opened.backbone.name == f"{BACKBONE}+{BACKBONE}"
    compiled, eager = answers(selected(probed, whole), tmp_path / "m.topwork")
    np.testing.assert_allclose(compiled, eager, atol=0.02)


def test_after_one_fold_it_is_known_on_that_fold_alone(
    rung: TunedRung, trained: Trial, probed: Fitted, search_context: SearchContext
) -> None:
    """Nothing but the items that were judged counts, and that is not enough to be selected."""
    probe = probed.artifacts.transfer
    short = TunedRung(rung.tuner, probe, search_context, fits=dict(rung.fits))
    short.judge()
    few = short.trial()
    judged = search_context.folds == 0
    np.testing.assert_array_equal(few.judged_rows, judged)
    np.testing.assert_array_equal(few.right[0, judged], trained.right[0, judged])
    lead = search_context.comparison.lead(few, probe)
    gain = trained.right[0, judged].mean() - probe.right[0, judged].mean()
    assert lead.difference == pytest.approx(gain)
    assert search_context.comparison.choose([probe, few], probe)[0] == 0
    assert short.seconds_left() > short.seconds_to_finish()


def test_what_was_judged_on_some_folds_only_never_ships(
    textures: Dataset, probed: Fitted, quick, monkeypatch
) -> None:
    """The time is over after the first fold of a rung that does better there."""
    now = time.monotonic
    judge = TunedRung.judge

    def slow(self: TunedRung) -> None:
        judge(self)
        monkeypatch.setattr(time, "monotonic", lambda: now() + 3600)

    monkeypatch.setattr(TunedRung, "judge", slow)
    settings = replace(SETTINGS, strategy="partial", baselines=True)
    fitted = fit(textures, settings)
    n = int((fitted.artifacts.folds[0] == 0).sum())
    (record,) = fitted.result.ladder
    assert record.n_items == n
    assert "in 1 of 3 folds" in record.reason
    assert fitted.result.strategy == "probe"
    assert fitted.artifacts.chosen.judged_on is None


def test_training_ends_where_its_time_is_over(
    trained: Trial, probed: Fitted, search_context: SearchContext, monkeypatch
) -> None:
    """Though it was thought to be quick: the fit of the fold is given up."""
    monkeypatch.setattr(WholeTuner, "wait", lambda *_: TimeEstimate(0.0, 1e-6))
    monkeypatch.setattr(ImageInputs, "plans", (50.0,))
    short = replace(search_context, run=RunContext(SETTINGS).within(4))
    climbing = ladder._Ladder(SearchState(probed.artifacts.transfer, short))
    begun = time.monotonic()
    climbing.race([whole.WHOLE_IMAGES])
    assert time.monotonic() - begun < 30
    assert [r.reason for r in climbing.records] == ["the time ran out while it was trained"]
    assert climbing.state.trials == []


def test_the_whole_network_goes_on_from_the_last_layers(
    rung: TunedRung, trained: Trial, search_context: SearchContext
) -> None:
    tuner = WholeTuner(rung.below, search_context, "full", ImageInputs(rung.below))
    full = TunedRung(tuner, trained, search_context, base=rung)
    assert full.tuner.unsuited() == ""
    assert full.tuner.prepare(0) == ""
    fit, start = full.fit(0), rung.fit(0)
    assert set(start.tensors) < set(fit.tensors)
    whole = resolve(BACKBONE).load().module.state_dict()
    early = next(name for name in fit.tensors if "conv_stem" in name)
    assert not np.array_equal(fit.tensors[early].numpy(), whole[early].numpy())
    vectors = full.tuner.vectors(fit)
    assert vectors.shape == rung.below.frozen.features.shape
    held_out = search_context.folds == 0
    codes = search_context.data.targets.codes
    right = (fit.head.logits(vectors).argmax(axis=1) == codes)[held_out].mean()
    assert right >= trained.right[0, held_out].mean() - 0.2


def test_ctrl_c_ends_the_rung_and_saves_the_best_so_far(
    textures: Dataset, probed: Fitted, quick, monkeypatch, tmp_path: Path
) -> None:
    def pressed(*_args: object) -> TunedFit:
        raise Interrupted

    monkeypatch.setattr(PartialTuner, "fit", pressed)
    monkeypatch.setattr(TunedRung, "_folder", lambda *_: None)
    rungs = tuple(r for r in RUNGS["image"] if r.direction not in {DEEPER, WIDER})
    rungs = tuple(r for r in rungs if r.available(Asked(BACKBONE, "image")))
    monkeypatch.setitem(RUNGS, "image", rungs)
    result = fit(textures, SETTINGS, save_to=tmp_path / "m.topwork").result
    assert [r.reason for r in result.ladder] == [ladder.STOPPED] * len(rungs)
    assert result.strategy == "probe"
    assert load(tmp_path / "m.topwork").card.strategy == "probe"


def test_scratch_goes_with_the_run_or_with_time(tmp_path: Path) -> None:
    mine, others, old = (tmp_path / name for name in ("mine", "others", "old"))
    for folder in (mine, others, old):
        folder.mkdir()
    os.utime(old, (0, time.time() - KEPT_SECONDS - 60))
    scratch = Scratch(tmp_path)
    assert scratch.folder("mine") == mine
    scratch.clear()
    assert sorted(tmp_path.iterdir()) == [others]
    assert Scratch(None).folder("mine") is None


def test_finished_fits_are_read_as_they_were_written(rung: TunedRung, tmp_path: Path) -> None:
    fit = rung.fit(FINAL)
    fit.save(tmp_path / "fit.safetensors")
    read_again = TunedFit.load(tmp_path / "fit.safetensors")
    assert TunedFit.load(tmp_path / "none.safetensors") is None
    assert read_again.head.normalise == fit.head.normalise
    np.testing.assert_array_equal(read_again.head.bias, fit.head.bias)
    for name, tensor in fit.tensors.items():
        np.testing.assert_array_equal(read_again.tensors[name], tensor)
