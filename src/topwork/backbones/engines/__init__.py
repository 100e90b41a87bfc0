"""Engines run a frozen network fast; which one is a matter of the machine."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Literal

from topwork.backbones.backbone import Backbone
from topwork.backbones.engines.cost import GraphCost, graph_cost, images_per_second
from topwork.backbones.engines.engine import BATCH, BFLOAT16_BATCH, Engine, Precision
from topwork.backbones.engines.graph import Graph, graph_of
from topwork.backbones.engines.int8 import calibration_name, int8_graph
from topwork.backbones.engines.openvino import OpenVINOEngine
from topwork.backbones.engines.torch import TorchEngine
from topwork.runtime import bound
from topwork.runtime.device import has_gpu
from topwork.settings.choices import EngineName


class EngineFallbackWarning(UserWarning):
    """The compiled graph differs from the network, so the network itself is run."""


def choose_engine(name: EngineName, *, faithful: bool) -> Literal["openvino", "torch"]:
    """``openvino`` on processors, ``torch`` on a GPU and where the graph isn't faithful."""
    if name == "torch" or (name == "auto" and has_gpu()):
        return "torch"
    if not faithful:
        warnings.warn(
            "The compiled graph of this backbone gives other features than torch does; "
            "the torch engine is used instead.",
            EngineFallbackWarning,
            stacklevel=2,
        )
        return "torch"
    return "openvino"


def open_engine(
    backbone: Backbone,
    *,
    cut: str,
    name: EngineName = "auto",
    precision: Precision = "auto",
    graphs: Path | None = None,
    also: tuple[str, ...] = (),
) -> tuple[Engine, Graph]:
    """The engine that extracts features at a cut on this machine, and the graph behind it.

    Parameters
    ----------
    graphs
        The folder that keeps exported graphs; ``None`` keeps nothing.
    also
        More cuts, whose features are the engine's further outputs.
    """
    graph = graph_of(backbone, cut=cut, folder=graphs, also=also)
    if choose_engine(name, faithful=graph.faithful) == "torch":
        return TorchEngine(backbone, cut=cut, also=also, precision=precision), graph
    chosen = graph.precision(backbone.input) if precision == "auto" else precision
    batch = BFLOAT16_BATCH if chosen == "bfloat16" else BATCH
    compiled = graph.folder / "compiled" if graphs else None
    if compiled is not None:
        bound(compiled, max_bytes=0, kept=2)  # for many items and for one
    return OpenVINOEngine(graph.xml, precision=chosen, batch=batch, compiled=compiled), graph


__all__ = [
    "BATCH",
    "ENGINES",
    "Engine",
    "EngineFallbackWarning",
    "EngineName",
    "Graph",
    "GraphCost",
    "OpenVINOEngine",
    "Precision",
    "TorchEngine",
    "calibration_name",
    "choose_engine",
    "graph_cost",
    "graph_of",
    "images_per_second",
    "int8_graph",
    "open_engine",
]
