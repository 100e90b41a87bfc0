"""What more labels would bring, and where a set stands on the way from 1 to 100 per class."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from topwork.data import read
from topwork.diagnosis.more_labels import FAR, curve_of_labels
from topwork.inductive import FitSettings, Fitted, fit
from topwork.report import render
from topwork.reporting.fit_report import report_content
from topwork.reporting.label_budget import label_budget


def _greys(n: int, k: int, seed: int = 0) -> tuple[list[np.ndarray], list[str]]:
    """n images of each of k classes, told apart by their brightness."""
    rng = np.random.default_rng(seed)
    images, labels = [], []
    for c in range(k):
        for _ in range(n):
            noise = rng.normal(50 + 120 * c / k, 25, (16, 16, 3))
            images.append(noise.clip(0, 255).astype(np.uint8))
            labels.append(f"grey {c}")
    return images, labels


def _fit(n: int, k: int, cache: Path, **settings) -> Fitted:
    return fit(read(*_greys(n, k)), FitSettings(backbone="pixels", baselines=False, **settings))


@pytest.fixture(scope="module")
def twelve(session_cache: Path) -> Fitted:
    return _fit(12, 3, session_cache)


def test_a_plain_fit_of_few_items_has_a_curve(twelve: Fitted) -> None:
    curve = twelve.result.learning_curve
    assert curve is not None
    assert curve.sentence.startswith("With twice the labels (24 per class instead of 12)")
    assert curve.now.labels_per_class == 12


def test_too_few_labels_have_none(session_cache: Path) -> None:
    assert _fit(6, 3, session_cache).result.learning_curve is None


@pytest.mark.parametrize(
    ("thorough", "strategy", "n", "k", "measured"),
    [
        (False, "probe", 50, 10, True),
        (False, "probe", 60, 10, False),
        (False, "auto", 60, 10, True),
        (False, "auto", FAR + 1, 3, False),
        (False, "probe", FAR + 1, 3, False),
        (True, "probe", FAR + 1, 3, True),
    ],
)
def test_it_is_measured_where_it_costs_little_or_was_asked_for(
    thorough, strategy, n, k, measured, session_cache: Path
) -> None:
    artifacts = _fit(n, k, session_cache).artifacts
    settings = FitSettings(thorough=thorough, strategy=strategy)
    chosen = artifacts.transfer
    found = curve_of_labels(chosen, chosen, artifacts.folds[0], artifacts.groups, settings)
    assert (found is not None) == measured


def test_it_is_of_the_probe_where_the_network_was_trained(twelve: Fitted) -> None:
    artifacts = twelve.artifacts
    probe = artifacts.transfer
    trained = replace(probe, candidate=replace(probe.candidate, strategy="partial"))
    arguments = (artifacts.folds[0], artifacts.groups, FitSettings(strategy="auto"))
    own, other = (curve_of_labels(t, probe, *arguments) for t in (probe, trained))
    assert other.measured == own.measured
    assert other.sentence.startswith("For the head on frozen features alone: with twice")
    assert curve_of_labels(trained, trained, *arguments) is None


@pytest.mark.parametrize(
    ("n_items", "update", "told"),
    [
        (3, {}, "Label typical images next: topwork next lists them"),
        (3, {"modality": "text"}, "names of the classes that are words help most, and a prior"),
        (24, {}, "Images without labels help, too (fit --unlabelled)."),
        (90, {}, "training the last layers may help more"),
        (900, {}, "which fit --strategy auto tries"),
    ],
)
def test_a_sentence_says_what_helps_now(twelve: Fitted, n_items, update, told) -> None:
    result = twelve.result.model_copy(update={"n_items": n_items, **update})
    budget = label_budget(result)
    assert budget.labels_per_class == n_items / 3
    assert told in budget.sentence
    content = report_content(twelve.artifacts, result, "Greys")
    page = render(content)
    assert f">now {budget.labels_per_class:.0f}</text>" in page
    assert page.count('class="stage here"') == 1


def test_stages_join_without_gaps(twelve: Fitted) -> None:
    stages = label_budget(twelve.result).stages
    assert [s.low for s in stages] == [1, *(s.high for s in stages[:-1])]
    assert stages[-1].high == FAR
