"""The rungs that train a network for texts, on small ones of random weights."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import topwork as tw
from tests.language import model_folder, reviews
from topwork.data import Dataset, read
from topwork.errors import BackboneError, ParameterError
from topwork.inductive import FitSettings, Fitted, fit
from topwork.model import load
from topwork.runtime.run_context import RunContext
from topwork.search.known_rungs import rungs_above, without_packages
from topwork.search.rungs import texts
from topwork.search.rungs.partial import NAME as PARTIAL
from topwork.search.rungs.rung import Asked
from topwork.search.rungs.texts import LateTexts, Texts
from topwork.search.rungs.unlabelled import unlabelled_name
from topwork.search.rungs.whole import FULL, LORA, WholeTuner
from topwork.search.search_context import SearchContext
from topwork.settings.choices import Strategy
from topwork.training import LoopSettings
from topwork.trials.comparison import ModelComparison

LOOP = LoopSettings(epochs=3, batch=16, learning_rate=3e-3, average=0.9)


@pytest.fixture(scope="module")
def backbone(request, tmp_path_factory: pytest.TempPathFactory) -> str:
    architecture = getattr(request, "param", "bert")
    folder = tmp_path_factory.mktemp("models") / architecture
    return f"transformers:tiny@{model_folder(folder, architecture)}"


@pytest.fixture(scope="module")
def data() -> Dataset:
    return read(*reviews(80))


@pytest.fixture(scope="module", autouse=True)
def quick() -> pytest.MonkeyPatch:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Texts, "loop", lambda *_: LOOP)
        yield patch


@pytest.fixture(scope="module")
def settings(backbone: str) -> FitSettings:
    return FitSettings(backbone=backbone, strategy="auto", baselines=False, n_folds=2)


@pytest.fixture(scope="module")
def probed(session_cache: Path, data: Dataset, settings: FitSettings) -> Fitted:
    return fit(data, replace(settings, strategy="probe"))


@pytest.fixture(scope="module")
def search_context(probed: Fitted, settings: FitSettings) -> SearchContext:
    artifacts = probed.artifacts
    comparison = ModelComparison(artifacts.folds, artifacts.groups)
    kept = artifacts.transfer.frozen.data
    return SearchContext(kept, comparison, RunContext(settings).within(600))


@pytest.fixture
def trained_ships(monkeypatch) -> None:
    """As if what was trained had been found to be better."""
    monkeypatch.setattr(
        ModelComparison,
        "choose",
        lambda self, trials, *_a, **_k: (len(trials) - 1, self.verdict(trials[-2:])),
    )


@pytest.mark.parametrize(
    ("backbone", "strategy"),
    [("bert", "full"), ("bert", "partial"), ("bert", "pairs"), ("gpt2", "lora")],
    indirect=["backbone"],
)
def test_what_was_trained_is_saved_and_answers_the_same(
    strategy: str, data: Dataset, settings: FitSettings, trained_ships, tmp_path: Path
) -> None:
    fitted = fit(data, replace(settings, strategy=strategy), save_to=tmp_path / "m.topwork")
    chosen = fitted.artifacts.chosen
    assert fitted.result.strategy == strategy
    assert [r.tried for r in fitted.result.ladder] == [True]
    assert sorted(chosen.features_by_fold) == [0, 1]
    some = [item.value for item in chosen.frozen.data.items][:8]
    loaded = load(tmp_path / "m.topwork")
    assert loaded.card.strategy == strategy
    said = loaded.predictions(data.items).probabilities
    logits = chosen.head.linear.logits(chosen.frozen.features)
    assert (said.argmax(axis=1) == logits.argmax(axis=1)).mean() > 0.98
    eager = load(tmp_path / "m.topwork", engine="torch").predict_proba(some)
    np.testing.assert_allclose(loaded.predict_proba(some), eager, atol=0.01)
    codes = data.targets.codes
    assert (said.argmax(axis=1) == codes).mean() > 0.6


def _tuner(probed: Fitted, search_context: SearchContext, strategy: Strategy) -> WholeTuner:
    first = probed.artifacts.transfer
    return WholeTuner(first, search_context, strategy, Texts(first))


@pytest.mark.parametrize("strategy", ["full", "pairs"])
def test_a_fit_is_the_same_every_time(
    strategy: str, probed: Fitted, search_context: SearchContext
) -> None:
    rows = np.flatnonzero(search_context.folds != 0)
    fits = []
    for _ in range(2):
        tuner = WholeTuner(
            probed.artifacts.transfer, search_context, strategy, Texts(probed.artifacts.transfer)
        )
        assert tuner.unsuited() == ""
        fits.append(tuner.fit(rows, None, None))
    assert all((fits[0].tensors[n] == t).all() for n, t in fits[1].tensors.items())
    np.testing.assert_array_equal(fits[0].head.weight, fits[1].head.weight)
    vectors = tuner.vectors(fits[0])
    held_out = search_context.folds == 0
    codes = search_context.data.targets.codes
    said = fits[0].head.logits(vectors).argmax(axis=1)
    assert (said == codes)[held_out].mean() >= 0.6


def test_vectors_come_in_the_order_of_the_items(
    probed: Fitted, search_context: SearchContext
) -> None:
    tuner = _tuner(probed, search_context, "full")
    rows = np.array([5, 60, 2])
    module = tuner._network(None).eval()
    together = tuner.inputs.vectors(module, np.arange(80))[rows]
    np.testing.assert_allclose(tuner.inputs.vectors(module, rows), together, atol=0.02)
    np.testing.assert_allclose(together, probed.artifacts.transfer.frozen.features[rows], atol=0.05)


def test_states_are_stored_where_they_fit(
    probed: Fitted, search_context: SearchContext, monkeypatch
) -> None:
    first = probed.artifacts.transfer
    tuner = WholeTuner(first, search_context, "partial", LateTexts(first))
    assert tuner.unsuited() == ""
    monkeypatch.setattr(texts, "MAX_BYTES", 10)
    assert "of memory" in tuner.unsuited()
    monkeypatch.setattr(LateTexts, "_answers_alike", lambda _: False)
    assert "cannot be cut" in tuner.unsuited()


def test_how_long_it_takes_is_known_before(probed: Fitted, search_context: SearchContext) -> None:
    tuner = _tuner(probed, search_context, "lora")
    waits = [tuner.wait(plan).an_item for plan in range(tuner.n_plans)]
    assert 0 < waits[-1] < waits[0] < 1


def test_pairs_are_for_few_labels(
    probed: Fitted, search_context: SearchContext, monkeypatch
) -> None:
    tuner = _tuner(probed, search_context, "pairs")
    assert tuner.unsuited() == ""
    monkeypatch.setattr(texts, "MAX_IN_PAIRS", 39)
    assert "more than 39 labels" in tuner.unsuited()
    assert (
        WholeTuner(
            probed.artifacts.transfer, search_context, "full", Texts(probed.artifacts.transfer)
        ).unsuited()
        == ""
    )


def test_one_label_a_class_is_not_trained_on(backbone: str) -> None:
    settings = FitSettings(backbone=backbone, strategy="auto", n_folds=2, baselines=False)
    result = fit(read(*reviews(2)), settings).result
    assert not any(r.tried for r in result.ladder[1:])
    assert result.ladder[0].name == "several depths"
    assert "too few labels" in result.ladder[1].reason


def test_the_estimator_takes_a_strategy(backbone: str) -> None:
    reviewed, labels = reviews(40)
    classifier = tw.TextClassifier(backbone, strategy="auto", minutes=1e-6, n_folds=2, cache=False)
    result = classifier.fit(reviewed, labels).result_
    assert {r.reason for r in result.ladder} == {"no time is left"}
    assert [r.name for r in result.ladder][2:4] == [PARTIAL, FULL]


def test_pictures_have_no_pairs_of_texts() -> None:
    pictures = [np.full((8, 8, 3), i, np.uint8) for i in range(4)]
    with pytest.raises(ParameterError, match="'pairs' for images, only for texts"):
        fit(read(pictures, ["a", "b"] * 2), FitSettings(strategy="pairs"))


def test_lora_without_its_package_is_refused_before_anything_is_computed(
    data: Dataset, settings: FitSettings, monkeypatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(BackboneError, match="peft") as refused:
        fit(data, replace(settings, strategy="lora"))
    assert "pip install" in refused.value.remedy


def test_auto_leaves_lora_out_without_its_package(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "peft", None)
    absent = without_packages(rungs_above(Asked("packaged:all-minilm-l6-v2", "text")))
    assert list(absent) == [LORA]
    assert "the extra train" in absent[LORA]


def test_texts_without_labels_are_called_texts() -> None:
    assert unlabelled_name("text") == "unlabelled texts"
