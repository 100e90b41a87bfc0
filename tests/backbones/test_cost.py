"""What a graph costs, counted from the graph."""

from __future__ import annotations

import pytest

from topwork.backbones import PACKAGED, POOLED, resolve
from topwork.backbones.engines import OpenVINOEngine, graph_cost, graph_of, images_per_second


@pytest.mark.parametrize(
    ("name", "published"), [("efficientnet_lite0", 0.407e9), ("efficientnet_lite0/96", 0.407e9)]
)
def test_work_is_about_what_is_published(name: str, published: float, session_cache) -> None:
    """EfficientNet-Lite0: 407 million at 224 pixels, classifier (1.3 million) included."""
    backbone = resolve(name)
    graph = graph_of(backbone, cut=POOLED, folder=session_cache / "graphs")
    cost = graph_cost(graph)
    expected = published * (backbone.input.height / 224) ** 2
    assert cost.multiply_adds == pytest.approx(expected, rel=0.08)
    # batch normalisation is folded into the convolutions
    assert cost.parameters == pytest.approx(PACKAGED[0].parameters, rel=0.01)
    assert cost.weights_bytes == graph.weights.stat().st_size


def test_speed_is_measured(session_cache) -> None:
    backbone = resolve("pixels")
    graph = graph_of(backbone, cut=POOLED, folder=session_cache / "graphs")
    assert images_per_second(OpenVINOEngine(graph.xml), backbone.input) > 10
    assert graph_cost(graph).multiply_adds == 0
