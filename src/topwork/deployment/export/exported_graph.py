"""The graph of a model as it is exported: everything from its input to what it predicts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.engines.openvino import openvino
from topwork.deployment.export.output_nodes import (
    class_probabilities,
    label_probabilities,
    numbers,
    rank_probabilities,
)
from topwork.errors import BackboneError, ParameterError
from topwork.heads import softmax
from topwork.model.clusters.model import ClusterModel
from topwork.model.detection.model import DetectorModel
from topwork.model.heads.linear_model import LinearModel
from topwork.model.inspection.model import InspectorModel
from topwork.model.labels.model import LabelsModel
from topwork.model.loading import AnyModel
from topwork.model.model import Model
from topwork.model.number.model import NumberModel
from topwork.model.ordinal.model import OrdinalModel
from topwork.model.sealed_model import NetworkModel
from topwork.tasks.labels.thresholds import probability
from topwork.tasks.ordinal.decision import decide
from topwork.tasks.ordinal.nested import probabilities_of

Float32: TypeAlias = NDArray[np.float32]
Outputs: TypeAlias = Mapping[str, NDArray[Any]]
"""Of n inputs by their names, ``(n, ...)``."""

OBJECT_SCORE: Final = 0.5
"""A box whose score reaches it counts as found, where the labels of two runtimes are compared."""


@dataclass(frozen=True, eq=False, slots=True)
class ExportedGraph:
    """A graph to be written, and what it must give.

    Parameters
    ----------
    graph
        ``openvino.Model`` with one input and named outputs.
    source
        The graph that the model itself runs.
    expected
        Makes of the outputs of ``source`` those of ``graph``, by another way than its nodes.
    decided
        What is predicted, ``(n, ...)``, by outputs; equal where nothing differs for the user.
    meaning
        What one has to know to use the outputs, as plain data.
    """

    graph: Any
    source: Any
    expected: Callable[[Sequence[Float32]], dict[str, NDArray[Any]]]
    decided: Callable[[Outputs], NDArray[Any]]
    meaning: dict[str, Any]

    @property
    def input_name(self) -> str:
        """What the input is called."""
        return str(self.graph.inputs[0].get_any_name())


@dataclass(frozen=True, eq=False, slots=True)
class _Outputs:
    """Nodes by the names of the outputs; the rest as in `ExportedGraph`."""

    nodes: dict[str, Any]
    expected: Callable[[Sequence[Float32]], dict[str, NDArray[Any]]]
    decided: Callable[[Outputs], NDArray[Any]]
    facts: dict[str, Any] = field(default_factory=dict)


def exported_graph(model: AnyModel) -> ExportedGraph:
    """What is exported of a model.

    Raises
    ------
    ParameterError
        It predicts from the columns of a table, alone or beside its items.
    BackboneError
        Its graph doesn't give what its network gives.
    """
    network = _exportable(model)
    ov, own = openvino(), network.graph().clone()
    nodes = [output.get_node().input_value(0) for output in own.outputs]
    outputs = OUTPUTS[type(network)](network, nodes)
    results = [ov.opset13.result(node) for node in outputs.nodes.values()]
    graph = ov.Model(results, own.get_parameters(), "topwork")
    for output, name in zip(graph.outputs, outputs.nodes, strict=True):
        output.get_tensor().set_names({name})
    takes = "tokens" if network.card.input.tokenized else "images"
    graph.inputs[0].get_tensor().set_names({takes})
    meaning = {
        "task": network.task,
        **outputs.facts,
        "outputs": {name: _MEANING[name.rstrip("_0123456789")] for name in outputs.nodes},
    }
    return ExportedGraph(graph, network.graph(), outputs.expected, outputs.decided, meaning)


def _exportable(model: AnyModel) -> NetworkModel:
    if not isinstance(model, NetworkModel):
        raise ParameterError(
            "This model predicts from the columns of a table, so that there is no graph to export.",
            remedy="Give a model of images or texts; topwork predict takes this one.",
            code="no_graph",
        )
    if isinstance(model, LinearModel) and model.parts.beside is not None:
        raise ParameterError(
            "This model learnt from columns beside its items, too, which a graph doesn't see.",
            remedy="Fit a model without that: topwork fit --use-columns none, one image per cell, "
            "and no --image-columns.",
            code="has_columns",
        )
    if isinstance(model, LinearModel) and not model.faithful:
        raise BackboneError(
            "The compiled graph of this model doesn't give what its network gives, so that PyTorch "
            "runs it.",
            remedy="Fit with another backbone to export the model.",
            code="no_graph",
        )
    return model


def _named(names: Sequence[str], raw: Sequence[Float32]) -> dict[str, NDArray[Any]]:
    return dict(zip(names, raw, strict=True))


_HEAD: Final = ("logits", "features")

_MEANING: Final[Mapping[str, str]] = {
    "probabilities": "of each label, in their order, calibrated",
    "logits": "what the head gives",
    "features": "what the network gives of the item",
    "number": "the number that is predicted",
    "score": "how anomalous the part is",
    "distances": "the same by place, row by row",
    "scores": "of each box and label, 0 to 1",
    "corners": "x1, y1, x2, y2 of each box, in pixels of the prepared image",
    "map": "what the network gives of the image by place",
}


def _classes(model: Model, nodes: Sequence[Any]) -> _Outputs:
    card = model.card

    def expected(raw: Sequence[Float32]) -> dict[str, NDArray[Any]]:
        p = softmax(raw[0] / np.float32(card.temperature))
        return {"probabilities": p, **_named(_HEAD, raw)}

    def decided(outputs: Outputs) -> NDArray[Any]:
        p = outputs["probabilities"]
        if card.threshold is not None:
            return np.asarray(p[:, 1] >= card.threshold)
        return np.asarray(p.argmax(axis=1))

    p = class_probabilities(nodes[0], card.temperature)
    facts = {"labels": card.labels, "threshold": card.threshold}
    return _Outputs({"probabilities": p, **_named(_HEAD, nodes)}, expected, decided, facts)


def _labels(model: LabelsModel, nodes: Sequence[Any]) -> _Outputs:
    def expected(raw: Sequence[Float32]) -> dict[str, NDArray[Any]]:
        return {"probabilities": probability(raw[0]), **_named(_HEAD, raw)}

    def decided(outputs: Outputs) -> NDArray[Any]:
        return np.asarray(outputs["probabilities"] >= np.array(model.card.thresholds))

    p = label_probabilities(nodes[0])
    facts = {"labels": model.labels, "thresholds": model.card.thresholds}
    return _Outputs({"probabilities": p, **_named(_HEAD, nodes)}, expected, decided, facts)


def _ordinal(model: OrdinalModel, nodes: Sequence[Any]) -> _Outputs:
    card = model.card

    def expected(raw: Sequence[Float32]) -> dict[str, NDArray[Any]]:
        return {"probabilities": probabilities_of(raw[0], card.link), **_named(_HEAD, raw)}

    def decided(outputs: Outputs) -> NDArray[Any]:
        return decide(np.asarray(outputs["probabilities"], np.float64), card.rule)

    cumulative = card.link == "cumulative"
    p = rank_probabilities(nodes[0]) if cumulative else class_probabilities(nodes[0], 1.0)
    facts = {"labels": card.labels, "rule": card.rule}
    return _Outputs({"probabilities": p, **_named(_HEAD, nodes)}, expected, decided, facts)


def _number(model: NumberModel, nodes: Sequence[Any]) -> _Outputs:
    transform = model.card.transform

    def expected(raw: Sequence[Float32]) -> dict[str, NDArray[Any]]:
        return {"number": transform.backward(raw[0][:, :1]), **_named(_HEAD, raw)}

    named = {"number": numbers(nodes[0], transform), **_named(_HEAD, nodes)}
    return _Outputs(named, expected, _nothing)


def _nothing(outputs: Outputs) -> NDArray[Any]:
    return np.empty((len(outputs["features"]), 0))


def _clusters(model: ClusterModel, nodes: Sequence[Any]) -> _Outputs:
    def decided(outputs: Outputs) -> NDArray[Any]:
        return np.asarray(outputs["logits"].argmax(axis=1))

    facts = {"labels": model.names}
    return _Outputs(_named(_HEAD, nodes), lambda raw: _named(_HEAD, raw), decided, facts)


def _inspection(model: InspectorModel, nodes: Sequence[Any]) -> _Outputs:
    def expected(raw: Sequence[Float32]) -> dict[str, NDArray[Any]]:
        return {"score": raw[0].max(axis=1, keepdims=True), "distances": raw[0]}

    def decided(outputs: Outputs) -> NDArray[Any]:
        return np.asarray(outputs["score"] > model.card.threshold)

    score = openvino().opset13.reduce_max(nodes[0], np.array([1]), True)
    facts = {"threshold": model.card.threshold, "places": model.card.places}
    return _Outputs({"score": score, "distances": nodes[0]}, expected, decided, facts)


def _boxes(model: DetectorModel, nodes: Sequence[Any]) -> _Outputs:
    names = ["scores", "corners", *(f"map_{i}" for i in range(len(nodes) - 2))]

    def decided(outputs: Outputs) -> NDArray[Any]:
        return np.asarray(outputs["scores"] >= OBJECT_SCORE)

    facts = {"labels": model.labels}
    return _Outputs(_named(names, nodes), lambda raw: _named(names, raw), decided, facts)


OUTPUTS: Final[Mapping[type[NetworkModel], Callable[[Any, Sequence[Any]], _Outputs]]] = {
    Model: _classes,
    LabelsModel: _labels,
    OrdinalModel: _ordinal,
    NumberModel: _number,
    ClusterModel: _clusters,
    InspectorModel: _inspection,
    DetectorModel: _boxes,
}
"""How the outputs of each kind of model are made."""
