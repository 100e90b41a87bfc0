"""Pretrained detectors with queries learn by their own loss, and their graphs give their boxes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.backbones.detector_models import WHOLE_DETECTORS, saved_detector
from topwork.backbones.detectors.boxes_graph import TOLERANCE, export_boxes, gap_of_boxes
from topwork.backbones.detectors.query_detector import (
    FINE_TUNED,
    QueryDetector,
    find_query_detector,
)
from topwork.backbones.engines import Graph, OpenVINOEngine
from topwork.backbones.inputs import InputSpec
from topwork.data import ImageBoxes
from topwork.errors import BackboneError
from topwork.features import ArrayActivations
from topwork.training.batches import Batch
from topwork.training.detection.queries import (
    BoxesOfQueries,
    PixelBatches,
    QueryJob,
    QueryRecipe,
    SetObjective,
    fit_queries,
    trained_module,
)

N, N_CLASSES = 8, 2
HEIGHT, WIDTH = 64, 96


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    place = tmp_path_factory.mktemp("detectors")
    return {name: saved_detector(place / name, name) for name in WHOLE_DETECTORS}


def detector(folder: Path) -> QueryDetector:
    found = find_query_detector(f"transformers:own@{folder}")
    assert found is not None
    return found


def job(folder: Path, steps: int = 16) -> QueryJob:
    """Images that show a bright rectangle in one of two colours."""
    rng = np.random.default_rng(0)
    images, boxes = rng.normal(0, 0.1, (N, 1, 3, HEIGHT, WIDTH)).astype(np.float32), []
    for i, image in enumerate(images):
        x, y, code = rng.integers(4, 60), rng.integers(4, 36), i % N_CLASSES
        image[0, code, y : y + 20, x : x + 30] = 2
        boxes.append((ImageBoxes.of([(x, y, x + 30, y + 20)], [code]),))
    return QueryJob(
        detector=detector(folder),
        pixels=ArrayActivations(images),
        boxes=boxes,
        n_classes=N_CLASSES,
        recipe=QueryRecipe(steps=steps, learning_rate=3e-4),
        rows=np.arange(N - 2),
        held_out=np.arange(N - 2, N),
        keep=True,
    )


def loss_of(module: BoxesOfQueries, one: QueryJob) -> float:
    """On the images that were trained on."""
    (batch,) = PixelBatches(one).epoch(np.random.default_rng(0), N)
    with torch.no_grad():
        return float(SetObjective().loss(module.eval(), batch))


@pytest.mark.parametrize("family", sorted(FINE_TUNED))
def test_learns_and_its_graph_is_faithful(folders: dict[str, Path], family: str) -> None:
    one = job(folders[family])
    torch.manual_seed(one.recipe.seed)
    before = loss_of(BoxesOfQueries(one.detector.load(N_CLASSES), N_CLASSES), one)
    fit = fit_queries(one)
    assert fit.ending == "finished"
    assert [len(found) for found in fit.found] == [1, 1]
    module = trained_module(one.detector, N_CLASSES, fit.tensors)
    assert loss_of(module, one) < 0.9 * before
    spec = replace(one.detector.spec, height=HEIGHT, width=WIDTH)
    graph = export_boxes(module, module.head, spec, one.detector.name)
    assert graph.faithful
    n_queries, k = graph.shapes[0]
    assert (n_queries, k, graph.shapes[1]) == (5, N_CLASSES, (5, 4))
    finds_the_same(graph, module, spec)


def finds_the_same(graph: Graph, module: BoxesOfQueries, spec: InputSpec) -> None:
    """In images that the export did not see."""
    images = np.random.default_rng(1).integers(0, 256, (3, HEIGHT, WIDTH, 3), np.uint8)
    ((_, found),) = OpenVINOEngine(graph.read(), precision="float32", batch=3).run([(0, images)])
    values = torch.from_numpy(images).permute(0, 3, 1, 2) / 255
    mean, std = (torch.tensor(v).view(1, 3, 1, 1) for v in (spec.mean, spec.std))
    with torch.inference_mode():
        scores, corners, features = module((values - mean) / std)
    for i in range(3):
        theirs = scores[i].numpy(), corners[i].numpy() / WIDTH
        assert gap_of_boxes(found[0][i], found[1][i] / WIDTH, *theirs) <= TOLERANCE
    assert found[2] == pytest.approx(features.numpy(), abs=1e-3)


def test_what_gives_other_boxes_is_told_apart() -> None:
    scores, corners = np.float32([[0.9], [0.5]]), np.float32([[0, 0, 1, 1], [0, 0, 0.5, 0.5]])
    moved = corners + np.float32([[0.0], [0.01]])
    assert gap_of_boxes(scores, corners, scores, moved) == pytest.approx(0.01)
    assert gap_of_boxes(scores, corners, scores[:1], corners[:1]) == pytest.approx(0.5)
    assert gap_of_boxes(scores[:1], corners[:1], scores, corners) == pytest.approx(0.5)


def test_only_boxes_that_are_no_numbers_count_as_diverged(folders: dict[str, Path]) -> None:
    one = job(folders["detr"])
    (batch,) = PixelBatches(one).epoch(np.random.default_rng(0), N)
    module = BoxesOfQueries(one.detector.load(N_CLASSES), N_CLASSES)
    wrong = Batch(batch.inputs, batch.targets.clone())
    wrong.targets[:, :, 2] = -1.0  # boxes of negative width are nobody's divergence
    with pytest.raises(BackboneError, match=r"can't be fine-tuned \(ValueError: .*boxes"):
        SetObjective().loss(module, wrong)
    with torch.no_grad():
        module.head.bbox_predictor.layers[-1].bias.fill_(torch.nan)
    assert not SetObjective().loss(module, batch).isfinite()


def test_other_backbones_are_no_detectors(folders: dict[str, Path], tmp_path: Path) -> None:
    import transformers as library

    library.ViTModel(
        library.ViTConfig(
            hidden_size=16, num_hidden_layers=1, num_attention_heads=1, intermediate_size=16
        )
    ).save_pretrained(tmp_path / "vit")
    assert find_query_detector(f"transformers:own@{tmp_path / 'vit'}") is None
    assert find_query_detector("packaged:efficientnet_lite0") is None
    assert find_query_detector(f"transformers:a+transformers:b@{folders['detr']}") is None


def test_what_its_library_raises_is_an_error_of_ours(folders: dict[str, Path]) -> None:
    one = job(folders["detr"])
    (batch,) = PixelBatches(one).epoch(np.random.default_rng(0), N)
    module = BoxesOfQueries(one.detector.load(N_CLASSES), N_CLASSES)
    module.head.model.query_position_embeddings = torch.nn.Embedding(5, 3)
    for found in (lambda: SetObjective().loss(module, batch), lambda: module(batch.inputs)):
        with pytest.raises(BackboneError, match="can't be fine-tuned") as refused:
            found()
        assert "RuntimeError" in refused.value.message
    spec = replace(one.detector.spec, height=HEIGHT, width=WIDTH)
    with pytest.raises(BackboneError, match="compiled"):
        export_boxes(module.head.model, module.head, spec, "broken")  # neither boxes nor scores


@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_class_layer_is_new_and_nothing_else(folders: dict[str, Path], n_classes: int) -> None:
    from safetensors.torch import load_file

    stored = load_file(folders["detr"] / "model.safetensors")
    loaded = detector(folders["detr"]).load(n_classes).state_dict()
    name = "class_labels_classifier.weight"
    if n_classes == 2:  # as the weights have
        assert loaded[name].shape == stored[name].shape
    assert loaded[name].shape[0] == n_classes + 1
    assert not torch.equal(loaded[name][:2], stored[name][:2])
    others = [key for key in stored.keys() & loaded.keys() if "class" not in key]
    assert len(others) > 20
    assert all(torch.equal(stored[key], loaded[key]) for key in others)


def test_weights_of_another_shape_than_configured_are_refused(tmp_path: Path) -> None:
    folder = saved_detector(tmp_path / "rt_detr", "rt_detr")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "decoder_n_points": 2}))
    with pytest.raises(BackboneError, match=r"another shape than config\.json says for 8 tensors"):
        detector(folder).load(N_CLASSES)


def test_a_detector_without_all_of_its_weights_is_refused(tmp_path: Path) -> None:
    model, processor = WHOLE_DETECTORS["detr"]()
    model.model.save_pretrained(tmp_path / "part")
    processor.save_pretrained(tmp_path / "part")
    with pytest.raises(BackboneError, match="lack"):
        detector(tmp_path / "part").load(N_CLASSES)
