"""A detector that gives boxes by itself, as a compiled graph that gives the same boxes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.engines.engine import probe_images
from topwork.backbones.engines.graph import Graph, convert, kept_graph, output_shapes, write_facts
from topwork.backbones.engines.openvino import OpenVINOEngine, openvino
from topwork.backbones.engines.preprocess import behind_input
from topwork.backbones.inputs import InputSpec
from topwork.backbones.sources.transformers_library import quiet, transformers

if TYPE_CHECKING:
    from torch import nn

Array = NDArray[np.float32]

TOLERANCE: Final = 1e-3
"""Largest difference of scores, and of corners as a share of the input's longer side, by which a
box of the graph may be away from the network's."""

OUTPUTS: Final = ("scores", "corners", "features")

_SEEN = 0.01
"""Boxes whose scores are all lower are not compared: none of them is ever predicted, and which of
many queries are the last to be chosen is a matter of the last digit."""

_IMAGES = 4


def export_boxes(module: nn.Module, tensors: nn.Module, spec: InputSpec, name: str) -> Graph:
    """The graph of a detector, in a folder that goes with it.

    Parameters
    ----------
    module
        Images ``(b, 3, h, w)``, normalised, to ``scores (b, N, k)``, ``corners (b, N, 4)`` in
        pixels of the input, and features ``(b, d, 1, 1)``.
    tensors
        Whose tensors lie beside the graph.
    name
        Of the detector.

    Raises
    ------
    BackboneError
        It cannot be compiled.
    """

    def write(place: Path) -> None:
        from safetensors.torch import save_file

        whole = behind_input(module, spec)
        with quiet(transformers()):
            model = convert(whole, spec)
        for output, called in zip(model.outputs, OUTPUTS, strict=True):
            output.get_tensor().set_names({called})
        openvino().save_model(model, place / "graph.xml", compress_to_fp16=False)
        own = {k: v.detach().contiguous().clone() for k, v in tensors.state_dict().items()}
        save_file(own, place / "weights.safetensors")
        same = _same(whole, spec, model)
        write_facts(place, name, (), output_shapes(model), faithful=same)

    return kept_graph(None, name, write)


def _same(module: nn.Module, spec: InputSpec, model: Any) -> bool:
    """Whether a graph finds what a module finds in some images."""
    import torch

    images = probe_images(spec.height, spec.width, _IMAGES)
    with torch.inference_mode():
        expected = [output.numpy() for output in module(torch.from_numpy(images))]
    engine = OpenVINOEngine(model, precision="float32", batch=_IMAGES)
    ((_, found),) = engine.run([(0, images)])
    side = max(spec.height, spec.width)
    return all(
        gap_of_boxes(found[0][i], found[1][i] / side, expected[0][i], expected[1][i] / side)
        <= TOLERANCE
        for i in range(_IMAGES)
    )


def gap_of_boxes(scores: Array, corners: Array, other_scores: Array, other_corners: Array) -> float:
    """How far any box of two sets is from the nearest of the other one, whatever their order.

    Parameters
    ----------
    scores, corners
        Of the first set, ``(n, k)`` and ``(n, 4)``.
    other_scores, other_corners
        Of the second, ``(m, k)`` and ``(m, 4)``.

    Examples
    --------
    >>> scores, corners = np.float32([[0.9], [0.2]]), np.float32([[0, 0, 1, 1], [0, 0, 0.5, 0.5]])
    >>> gap_of_boxes(scores, corners, scores[::-1], corners[::-1])
    0.0
    >>> round(gap_of_boxes(scores[:1], corners[:1], scores, corners), 2)
    0.7
    """
    ours, theirs = (
        np.concatenate(one, axis=1, dtype=np.float64)
        for one in ((scores, corners), (other_scores, other_corners))
    )
    return max(
        _furthest(ours[scores.max(axis=1) >= _SEEN], theirs),
        _furthest(theirs[other_scores.max(axis=1) >= _SEEN], ours),
    )


def _furthest(some: NDArray[np.float64], others: NDArray[np.float64]) -> float:
    gaps = [float(np.abs(others - one).max(axis=1).min(initial=np.inf)) for one in some]
    return max(gaps, default=0.0)
