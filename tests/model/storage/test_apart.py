"""Graphs of detectors that hold a network for crops beside the one of the image."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from topwork.backbones.engines.openvino import openvino
from topwork.errors import BundleError
from topwork.model.storage.graph_shapes import check_maps

CARD: Any = SimpleNamespace(
    maps=((3, 4, 4),),
    input=SimpleNamespace(shape=(4, 4, 3), element="u8", largest=(4, 4, 3)),
    crops=SimpleNamespace(width=3, framing=SimpleNamespace(height=4, width=4)),
)


def graph(*, map_of: int, crop_of: int) -> Any:
    """A map and features, each of the first or the second input."""
    op, ov = openvino().opset13, openvino()
    inputs = [op.parameter([-1, 4, 4, 3], np.uint8) for _ in range(2)]
    seen = [op.transpose(op.convert(one, "f32"), np.array([0, 3, 1, 2])) for one in inputs]
    features = op.reduce_mean(seen[crop_of], np.array([2, 3]), keep_dims=False)
    return ov.Model([op.result(seen[map_of]), op.result(features)], inputs, "both")


def test_each_network_has_an_input_of_its_own() -> None:
    check_maps(graph(map_of=0, crop_of=1), CARD, {})


@pytest.mark.parametrize(("map_of", "crop_of"), [(1, 1), (0, 0), (1, 0)])
def test_networks_that_see_each_others_inputs_are_refused(map_of: int, crop_of: int) -> None:
    with pytest.raises(BundleError, match="mixes"):
        check_maps(graph(map_of=map_of, crop_of=crop_of), CARD, {})
