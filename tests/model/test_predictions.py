"""What a model predicts, as Python uses it: like a table, in batches, and short in a notebook."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import topwork as tw
from tests.conftest import draw
from topwork.data import read_items


@pytest.fixture(scope="module")
def fitted(drawn: Path, session_cache: Path) -> tw.ImageClassifier:
    return tw.ImageClassifier("packaged:efficientnet_lite0/64", baselines=False).fit(drawn)


def test_predictions_take_what_predict_takes(fitted, drawn: Path) -> None:
    file = str(next(drawn.rglob("*.png")))
    for inputs in (file, [file], Path(file).read_bytes(), drawn, read_items(drawn)):
        said = fitted.model_.predictions(inputs)
        assert [one.label for one in said] == fitted.predict(inputs).tolist()
    (one,) = fitted.predictions(file)
    assert (one.path, one.label) == (file, Path(file).parent.name)
    assert 0 < one.probability <= 1
    assert one.unknown in (True, False)
    assert set(one.set) <= set(fitted.classes_)


def test_predictions_are_a_table(fitted, drawn: Path) -> None:
    columns = fitted.predictions(drawn).columns()
    assert list(columns) == ["path", "label", "probability", "unknown", "set"]
    assert {len(column) for column in columns.values()} == {36}


def test_evaluate_takes_what_fit_takes(fitted, drawn: Path) -> None:
    files = sorted(drawn.rglob("*.png"))
    labels = [file.parent.name for file in files]
    by_folder = fitted.evaluate(str(drawn))
    by_list = fitted.model_.evaluate(files, labels)
    assert by_folder.scores == by_list.scores
    assert by_folder.scores.accuracy.value == pytest.approx(fitted.score(files, labels))


def test_batches_are_the_same_as_all_at_once(fitted, drawn: Path) -> None:
    batches = list(fitted.model_.predict_batches(drawn, size=10))
    assert [len(batch) for batch in batches] == [10, 10, 10, 6]
    together = fitted.predict_proba(drawn)
    apart = np.concatenate([batch.probabilities for batch in batches])
    np.testing.assert_allclose(apart, together, atol=1e-5)


def test_a_generator_is_predicted_in_memory_that_does_not_grow(drawn: Path) -> None:
    model = tw.ImageClassifier(backbone="pixels", cache=False).fit(drawn).model_
    taken = 0

    def pictures(n: int) -> Iterator[object]:
        nonlocal taken
        rng = np.random.default_rng(0)
        for _ in range(n):
            taken += 1
            yield np.asarray(draw("noise", rng))

    first = next(iter(model.predict_batches(pictures(1000), size=16)))
    assert (len(first), taken) == (16, 16)
    peaks = []
    for n in (64, 640):
        tracemalloc.start()
        for _ in model.predict_batches(pictures(n), size=32):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]


def test_what_is_shown_is_short_and_nothing_in_it_acts(fitted, drawn: Path) -> None:
    said = fitted.predictions(drawn)
    for shown in (fitted.model_, fitted.result_, said, fitted.evaluate(drawn), fitted):
        assert len(repr(shown)) < 500
        assert type(shown).__name__ in repr(shown)
    html = fitted._repr_mimebundle_()["text/html"]
    assert "balanced accuracy" in html
    files = [str(file) for file in sorted(drawn.rglob("*.png"))]
    labels = [f"<script>\x1b[2J {Path(file).parent.name}" for file in files]
    hostile = tw.ImageClassifier(backbone="pixels", cache=False, baselines=False)
    hostile.fit(files, labels)
    for shown in (hostile.model_, hostile.result_, hostile.predictions(files)):
        assert "<script" not in shown._repr_html_()
        assert "\x1b" not in repr(shown) + shown._repr_html_()
