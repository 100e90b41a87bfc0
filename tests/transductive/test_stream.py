"""A stream of batches: answered before they are learnt from, always from the model as it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.transductive.conftest import SHALLOW, domain
from topwork.data import Dataset, read, read_items
from topwork.errors import DataError, ParameterError
from topwork.model import Model, load
from topwork.transductive import AdaptSettings, DomainAdapter, Stream, adapt
from topwork.transductive import stream as module
from topwork.transductive.stream import batches


def _mixed(n: int = 40) -> Dataset:
    pictures, labels = domain(3, other=True, n=n)
    order = np.random.default_rng(0).permutation(len(labels))
    return read([pictures[i] for i in order], [labels[i] for i in order])


def _right(said: list[str], data: Dataset) -> np.ndarray:
    assert data.targets is not None
    return np.array(said) == np.array(data.targets.values())


def test_answers_come_from_what_was_learnt_before_and_get_better(bundle: Path) -> None:
    start, data = load(bundle), _mixed()
    stream = Stream(start, SHALLOW)
    steps = [stream.take(batch) for batch in batches(data, 20)]
    assert [step.adapted_to for step in steps] == [0, 0, 0, 60, 60, 100]
    assert [step.result is not None for step in steps] == [False, False, True, False, True, False]
    said = [str(start.labels[c]) for step in steps for c in step.predicted.codes]
    before = [str(label) for label in start.predict(data.items)]
    assert said[:60] == before[:60]
    assert _right(said, data)[60:].mean() > _right(before, data)[60:].mean()


def test_errors_do_not_add_up(bundle: Path) -> None:
    """What it has come to is what the same items would give at once."""
    start, data = load(bundle), _mixed(20)
    stream = Stream(start, SHALLOW)
    for batch in batches(data, 60):
        stream.take(batch)
    assert stream.model.identity == adapt(start, data, SHALLOW).model.identity


def test_what_is_long_past_is_forgotten(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WINDOW", 60)
    start, data = load(bundle), _mixed()
    stream = Stream(start, SHALLOW)
    for batch in batches(data, 60):
        last = stream.take(batch)
    assert last.result is not None
    assert last.result.n_items == 60
    latest = data.take(range(60, 120))
    assert stream.model.identity == adapt(start, latest, SHALLOW).model.identity


def test_the_estimator_takes_batches(bundle: Path) -> None:
    adapter, data = DomainAdapter(bundle, deep=False), _mixed()
    adapter.partial_fit(data.take(range(30)))
    assert adapter.result_ is None
    assert (
        adapter.step_.predicted.codes.tolist()
        == load(bundle).predictions(data.items[:30]).codes.tolist()
    )
    first: Model = adapter.model_
    adapter.partial_fit(data.take(range(30, 90)))
    assert adapter.result_ is not None
    assert adapter.result_.n_items == 90
    assert adapter.model_.identity != first.identity


def test_a_batch_is_answered_even_if_nothing_can_be_learnt(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files that went away are left out, and a failure doesn't take the answers with it."""
    from PIL import Image

    files = []
    for i, picture in enumerate(domain(4, other=True)[0]):
        files.append(tmp_path / f"{i:02}.png")
        Image.fromarray(picture).save(files[-1])
    (tmp_path / "broken.png").write_bytes(b"no picture")
    stream = Stream(load(bundle), SHALLOW)
    first = stream.take(Dataset(read_items([*files[:40], tmp_path / "broken.png"])))
    assert [r.path for r in first.predicted.rejected] == [str(tmp_path / "broken.png")]
    for file in files[:10]:
        file.unlink()
    second = stream.take(Dataset(read_items(files[40:70])))
    assert second.result is not None
    assert second.result.n_items == 60

    def fails(*_: object, **__: object) -> None:
        raise DataError("It cannot be.", remedy="Wait.")

    monkeypatch.setattr(module, "adapt", fails)
    third = stream.take(Dataset(read_items(files[40:90])))
    assert len(third.predicted) == 50
    assert third.adapted_to in {0, 60}
    assert "It cannot be" in third.problem
    assert stream.take(Dataset(read_items(files[40:50]))).problem == ""


def test_labels_do_not_go_with_it(bundle: Path) -> None:
    with pytest.raises(ParameterError, match="Labels and audits"):
        Stream(load(bundle), AdaptSettings(audit=60))
    with pytest.raises(ParameterError, match="0 items"):
        next(batches(_mixed(2), 0))
