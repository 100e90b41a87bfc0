"""A new domain that holds only some of the classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.transductive.conftest import CLASSES, SHALLOW, domain
from topwork.data import Dataset, read
from topwork.model import Model, load
from topwork.transductive import Adapted, AdaptSettings, adapt, choosing


def _only(classes: tuple[str, ...], seed: int) -> Dataset:
    pictures, labels = domain(seed, other=True, n=40)
    some = [i for i, label in enumerate(labels) if label in classes]
    return read([pictures[i] for i in some], [labels[i] for i in some])


def _accuracy(model: Model, data: Dataset) -> float:
    assert data.targets is not None
    return float((model.predict(data.items) == np.array(data.targets.values())).mean())


@pytest.mark.parametrize("classes", [*((c,) for c in CLASSES), CLASSES[:2], CLASSES[1:]])
def test_it_is_never_worse(bundle: Path, classes: tuple[str, ...]) -> None:
    data = _only(classes, seed=5)
    done = adapt(bundle, data, SHALLOW)
    assert done.result.presence is not None
    assert {c.label for c in done.result.presence.classes} == set(CLASSES)
    assert _accuracy(done.model, data) >= _accuracy(load(bundle), data) - 0.01


def test_the_source_is_not_forgotten(bundle: Path, home: Path, done: Adapted) -> None:
    assert done.result.adapted
    assert _accuracy(done.model, read(home)) >= _accuracy(load(bundle), read(home)) - 0.02


def test_half_of_the_source_accuracy_is_given_up_by_force_only(
    bundle: Path, away: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choosing, "MIN_KEPT", 1.1)  # whatever is found keeps too little
    done = adapt(bundle, away, SHALLOW)
    assert not done.result.adapted
    assert done.model.identity == load(bundle).identity
    assert "of its own domain right" in done.result.sentences[-1]
    assert "--force" in done.result.sentences[-1]
    assert adapt(bundle, away, AdaptSettings(deep=False, force=True)).result.adapted
