"""A detection head learns boxes from maps, and the compiled graph gives what it gives."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from topwork.backbones.engines.openvino import core, openvino
from topwork.data import ImageBoxes
from topwork.features import ArrayActivations
from topwork.heads.detection.layout import DetectionLayout
from topwork.heads.detection.overlap import pairwise_iou
from topwork.heads.detection.shape import HeadShape
from topwork.model.detection.graph import with_detection_head
from topwork.training.batches import Batch
from topwork.training.detection.fit import DetectionJob, DetectionRecipe, fit_detection
from topwork.training.detection.head import DetectionHead
from topwork.training.detection.objective import (
    BACKGROUND,
    IGNORED,
    DetectionObjective,
    cell_targets,
    generalised_iou,
)

SIDE = 64
LAYOUTS = {
    "as many levels as maps": DetectionLayout(SIDE, SIDE, (8, 16)),
    "a level more": DetectionLayout(SIDE, SIDE, (8, 16, 32)),
}


def scenes(n: int, seed: int = 0) -> tuple[list[np.ndarray], list[ImageBoxes]]:
    """Maps of strides 8 and 16 that show bright rectangles of two kinds, and their boxes."""
    rng = np.random.default_rng(seed)
    fine, coarse, boxes = [], [], []
    for _ in range(n):
        image = rng.normal(0, 0.1, (2, SIDE, SIDE))
        corners, classes = [], []
        for code in rng.permutation(2)[: rng.integers(1, 3)]:
            w, h = rng.integers(16, 32, 2)
            x, y = rng.integers(0, SIDE - w), rng.integers(0, SIDE - h)
            image[code, y : y + h, x : x + w] = 1
            corners.append((x, y, x + w, y + h))
            classes.append(code)
        values = np.concatenate([image, np.zeros((6, SIDE, SIDE))])
        fine.append(values.reshape(8, 8, 8, 8, 8).mean(axis=(2, 4)))
        coarse.append(values.reshape(8, 4, 16, 4, 16).mean(axis=(2, 4)))
        boxes.append(ImageBoxes.of(corners, classes))
    return [np.float32(fine), np.float32(coarse)], boxes


def job(n: int, layout: DetectionLayout, **recipe: float) -> DetectionJob:
    maps, boxes = scenes(n)
    return DetectionJob(
        cuts=tuple(ArrayActivations(values[:, None]) for values in maps),
        boxes=[(one,) for one in boxes],
        layout=layout,
        n_classes=2,
        recipe=DetectionRecipe(**{"steps": 200, "batch": 8, "learning_rate": 4e-3, **recipe}),
        rows=np.arange(n - 12),
        held_out=np.arange(n - 12, n),
    )


def test_finds_most_of_what_was_held_out() -> None:
    one = job(60, LAYOUTS["a level more"])
    fit = fit_detection(one)
    assert fit.ending == "finished"
    found = total = 0
    for i, row in enumerate(one.held_out):
        seen = fit.found[i][0].at_least(0.3)
        (boxes,) = one.boxes[row]
        overlap = pairwise_iou(boxes.corners, seen.corners) > 0.5
        overlap &= boxes.classes[:, None] == seen.classes[None]
        found, total = found + int(overlap.any(axis=1).sum()), total + len(boxes)
    assert found >= 0.7 * total


def test_the_same_seed_gives_the_same_weights_and_another_gives_others() -> None:
    first, again, other = (
        fit_detection(job(20, LAYOUTS["a level more"], steps=4, seed=seed)).weights
        for seed in (0, 0, 1)
    )
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not np.array_equal(first["lateral.0.weight"], other["lateral.0.weight"])


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_the_graph_gives_what_the_module_gives(layout: DetectionLayout) -> None:
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    shape = HeadShape(((8, 8, 8), (12, 4, 4)), layout, 3, width=16)
    means = [rng.normal(size=c).astype(np.float32) for c in (8, 12)]
    head = DetectionHead(shape, means, [np.abs(mean) + 0.5 for mean in means]).eval()
    for parameter in head.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    maps = [rng.normal(size=(2, *size)).astype(np.float32) for size in shape.maps]
    with torch.inference_mode():
        flat = torch.cat([torch.from_numpy(one).flatten(1) for one in maps], dim=1)
        logits, corners = head(flat)
    ov = openvino()
    inputs = [ov.opset13.parameter([-1, *size], np.float32) for size in shape.maps]
    passed = [ov.opset13.add(one, np.float32(0)) for one in inputs]
    model = ov.Model([ov.opset13.result(one) for one in passed], inputs)
    weights = {name: value.numpy() for name, value in head.state_dict().items()}
    whole = core().compile_model(
        with_detection_head(model, weights, layout), "CPU", {"INFERENCE_PRECISION_HINT": "f32"}
    )
    scores, boxes, *again = whole(maps).values()
    assert all(np.array_equal(a, b) for a, b in zip(again, maps, strict=True))
    assert np.abs(scores - torch.sigmoid(logits).numpy()).max() < 1e-5
    assert np.abs(boxes - corners.numpy()).max() < 1e-2


def test_crowds_are_neither_objects_nor_background() -> None:
    layout = LAYOUTS["as many levels as maps"]
    corners = np.float32([[0, 0, 32, 32], [32, 32, 64, 64]])
    cells = cell_targets(corners, np.array([1, 0]), np.array([True, False]), layout)
    points = layout.points()
    crowded = (points < 32).all(axis=1)
    assert (cells[crowded, 4] == IGNORED).all()
    assert not (cells[:, 4] == 1).any()
    assert (cells[:, 4] == 0).any()
    assert (cells[~crowded & (cells[:, 4] != 0), 4] == BACKGROUND).all()


def test_what_is_ignored_has_no_gradient() -> None:
    class Given(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.logits = torch.nn.Parameter(torch.zeros(1, 3, 1))

        def forward(self, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return self.logits, inputs

    targets = torch.tensor([[[0, 0, 8, 8, 0.0], [0, 0, 0, 0, IGNORED], [0, 0, 0, 0, BACKGROUND]]])
    module = Given()
    batch = Batch(torch.tensor([[[0, 0, 8, 8.0]] * 3]), targets)
    DetectionObjective().loss(module, batch).backward()
    gradient = module.logits.grad.flatten()
    assert gradient[0] < 0 < gradient[2]
    assert gradient[1] == 0


def test_generalised_overlap_of_known_boxes() -> None:
    first = torch.tensor([[0, 0, 2, 2.0], [0, 0, 1, 1], [0, 0, 4, 4]])
    second = torch.tensor([[1, 0, 3, 2.0], [3, 0, 4, 1], [0, 0, 4, 4]])
    expected = torch.tensor([1 / 3, 0 - 2 / 4, 1.0])
    assert torch.allclose(generalised_iou(first, second), expected, atol=1e-5)
