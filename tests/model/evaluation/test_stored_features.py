"""Features of judged items are computed once, whatever is behind them, and change nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import draw_folder
from topwork.backbones.engines.openvino import openvino
from topwork.data import read
from topwork.features.store import count_rows
from topwork.inductive import FitSettings, fit
from topwork.model import Model, load
from topwork.model.storage.stored_features import MIN_STORED, network_digest

SETTINGS = FitSettings(backbone="random:lcnet_035/64", baselines=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two models that differ in their heads alone, one of another network, and items to judge."""
    folder = tmp_path_factory.mktemp("stored")
    few = read(draw_folder(folder / "few", 6))
    fit(few, SETTINGS, save_to=folder / "one")
    fit(few.take(np.arange(len(few))[2:]), SETTINGS, save_to=folder / "other head")
    other = FitSettings(backbone="random:lcnet_035/64", geometry="pad", baselines=False)
    fit(few, other, save_to=folder / "other geometry")
    draw_folder(folder / "many", MIN_STORED // 3 + 1, seed=3)
    return folder


def _rows(cache: Path) -> list[int]:
    return sorted(count_rows(store) for store in (cache / "features").glob("*"))


def test_the_second_evaluation_runs_no_network(folder: Path, fresh_cache: Path) -> None:
    data = read(folder / "many")
    first, judged = load(folder / "one").evaluate_items(data)
    assert _rows(fresh_cache) == [len(data)]
    shutil.rmtree(fresh_cache / "compiled")
    again, judged_again = load(folder / "one").evaluate_items(data)
    assert not any((fresh_cache / "compiled").glob("*"))
    assert again.scores == first.scores
    assert again.shift == first.shift
    assert np.array_equal(judged_again.predictions.probabilities, judged.predictions.probabilities)


def test_it_finds_what_predict_says(folder: Path, fresh_cache: Path) -> None:
    model, data = load(folder / "one"), read(folder / "many")
    assert isinstance(model, Model)
    _, judged = model.evaluate_items(data)
    plain = model.predictions(data.items)
    np.testing.assert_allclose(judged.predictions.logits, plain.logits, rtol=1e-4, atol=1e-5)
    assert np.array_equal(judged.predictions.unknown, plain.unknown)
    assert np.array_equal(judged.predictions.features, plain.features)


def test_models_share_them_by_what_the_network_computes(folder: Path, fresh_cache: Path) -> None:
    data = read(folder / "many")
    models = [load(folder / name) for name in ("one", "other head", "other geometry")]
    assert network_digest(models[0].parts.graph) == network_digest(models[1].parts.graph)
    load(folder / "one").evaluate(data)
    models[1].evaluate(data)
    assert _rows(fresh_cache) == [len(data)]
    models[2].evaluate(data)
    assert _rows(fresh_cache) == [len(data), len(data)]


def test_names_are_no_part_of_a_digest_and_weights_are(folder: Path) -> None:
    graph = load(folder / "one").parts.graph
    expected = network_digest(graph)
    renamed, changed = graph.clone(), graph.clone()
    for operation in renamed.get_ordered_ops():
        operation.set_friendly_name(f"other {operation.get_friendly_name()}")
    assert network_digest(renamed) == expected
    (convolution, *_) = (
        op for op in changed.get_ordered_ops() if op.get_type_name() == "Convolution"
    )
    weights = convolution.input_value(1).get_node()
    values = np.array(weights.data)
    values.flat[0] += 1e-3
    convolution.input(1).replace_source_output(openvino().opset13.constant(values).output(0))
    assert network_digest(changed) != expected


def test_few_items_and_no_cache_store_nothing(folder: Path, fresh_cache: Path) -> None:
    model = load(folder / "one")
    model.evaluate(read(folder / "few"))
    model.evaluate(read(folder / "many"), cache=False)
    assert _rows(fresh_cache) == []
