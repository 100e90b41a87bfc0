"""Whether a graph that was read is the one that a model's other files speak of."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import numpy as np

from topwork.backbones.engines.openvino import openvino
from topwork.heads import LinearHead
from topwork.model.card import BoxCard, DetectorCard, NetworkCard, QueryDetectorCard
from topwork.model.storage.graph_file import MAX_ELEMENTS, Shape
from topwork.model.storage.refusal import refusal

MAX_WORK = 2**36
"""Elements of all tensors together, for one item."""


def check_graph(
    graph: Any, card: NetworkCard, head: LinearHead, said: Mapping[str, Sequence[Shape]]
) -> None:
    """Refuse a graph that takes or gives other shapes, or ends in another head.

    Parameters
    ----------
    graph
        ``openvino.Model``, read and not compiled yet.
    said
        By the name of each layer what shapes its file says that it has.

    Raises
    ------
    BundleError
        It doesn't belong to the card and the head.
    """
    _check_ends(graph, card, said, n_outputs=2)
    _check_head(graph, head)
    d, k = head.weight.shape
    given = _outputs_for_one(graph, card)
    if given not in ([f"[1,{k}]", f"[1,{d}]"], [f"[?,{k}]", f"[?,{d}]"]):
        _bad(f"gives {' and '.join(given)}, but the head says {k} classes of {d} features")


def check_maps(graph: Any, card: DetectorCard, said: Mapping[str, Sequence[Shape]]) -> None:
    """The same of a detector, whose graph gives maps and whose head is put behind it on loading.

    Raises
    ------
    BundleError
        It doesn't belong to the card.
    """
    _check_outputs(graph, card, said, [f"[1,{c},{h},{w}]" for c, h, w in card.maps])


def check_map_shapes(
    graph: Any,
    card: NetworkCard,
    maps: Sequence[tuple[int, int, int]],
    said: Mapping[str, Sequence[Shape]],
) -> None:
    """The same of a model that compares the places of maps: channels, rows and columns of each.

    Raises
    ------
    BundleError
        It doesn't belong to the card.
    """
    _check_ends(graph, card, said, n_outputs=len(maps))
    if _outputs_for_one(graph, card) != [f"[1,{c},{h},{w}]" for c, h, w in maps]:
        _bad("gives other maps than model.json says")


def check_boxes(graph: Any, card: QueryDetectorCard, said: Mapping[str, Sequence[Shape]]) -> None:
    """The same of a detector whose graph gives boxes by itself.

    Raises
    ------
    BundleError
        It doesn't belong to the card.
    """
    n, k, d = card.n_queries, len(card.labels), card.width
    _check_outputs(graph, card, said, [f"[1,{n},{k}]", f"[1,{n},4]", f"[1,{d},1,1]"])


def _check_outputs(
    graph: Any, card: BoxCard, said: Mapping[str, Sequence[Shape]], expected: list[str]
) -> None:
    """Whether it gives outputs of these shapes for one image, and features of one crop."""
    others: list[tuple[int, ...]] = []
    if card.crops is not None:
        expected.append(f"[1,{card.crops.width}]")
        others = [(card.crops.framing.height, card.crops.framing.width, 3)]
    _check_ends(graph, card, said, n_outputs=len(expected), others=others)
    if _outputs_for_one(graph, card, others) != expected:
        _bad("gives other maps, boxes or features than model.json says")
    if card.crops is not None:
        _check_apart(graph)


def _check_apart(graph: Any) -> None:
    """Maps come from the image alone, and features of a crop from the crop alone."""
    ov, whole = openvino(), graph.clone()
    image, crop = whole.get_parameters()
    for own, outputs in ((image, whole.outputs[:-1]), (crop, whole.outputs[-1:])):
        results = [ov.opset13.result(one.get_node().input_value(0)) for one in outputs]
        try:
            ov.Model(results, [own], "part")
        except RuntimeError:
            _bad("mixes images and crops")


def _check_ends(
    graph: Any,
    card: NetworkCard,
    said: Mapping[str, Sequence[Shape]],
    *,
    n_outputs: int,
    others: Sequence[tuple[int, ...]] = (),
) -> None:
    expected = [(card.input.shape, card.input.element), *((one, "u8") for one in others)]
    if len(graph.inputs) != len(expected) or len(graph.outputs) != n_outputs:
        _bad("has other inputs or outputs than a model's")
    for own, (sizes, kind) in zip(graph.inputs, expected, strict=True):
        shape = f"[{','.join('?' if size < 0 else str(size) for size in (-1, *sizes))}]"
        found = own.get_partial_shape()
        if str(found) != shape or own.get_element_type().get_type_name() != kind:
            _bad(f"takes {found} of {own.get_element_type()}, but model.json says {shape}")
    _check_said(graph, said)


def _check_said(graph: Any, said: Mapping[str, Sequence[Shape]]) -> None:
    """What follows from the operations is what was written down beside them."""
    for node in graph.get_ops():
        shapes = [_shape(output.get_partial_shape()) for output in node.outputs()]
        if node.get_type_name() != "Result" and shapes != said.get(
            node.get_friendly_name(), shapes
        ):
            _bad("does not compute what it says that it does")


def _shape(found: Any) -> Shape:
    if found.rank.is_dynamic:
        return ()
    return tuple(-1 if dim.is_dynamic else dim.get_length() for dim in found)


def _check_head(graph: Any, head: LinearHead) -> None:
    """The last matrix and bias are those of the head, number for number."""
    add = graph.outputs[0].get_node().input_value(0).get_node()
    product = add.input_value(0).get_node() if add.get_type_name() == "Add" else add
    if product.get_type_name() != "MatMul":
        _bad("does not end in a head")
    weight, bias = product.input_value(1).get_node(), add.input_value(1).get_node()
    for constant, own in ((weight, head.weight), (bias, head.bias[None])):
        if constant.get_type_name() != "Constant":
            _bad("does not end in a head")
        if not np.array_equal(constant.get_data(), own):
            _bad("ends in another head than head.safetensors")


def _outputs_for_one(
    graph: Any, card: NetworkCard, others: Sequence[tuple[int, ...]] = ()
) -> list[str]:
    """The shapes of the outputs for one item, where no tensor on the way is too large."""
    one = graph.clone()
    one.reshape({i: [1, *sizes] for i, sizes in enumerate((card.input.largest, *others))})
    total = 0
    for node in one.get_ordered_ops():
        for output in node.outputs():
            dims = output.get_partial_shape()
            if dims.rank.is_dynamic:
                continue
            elements = math.prod(1 if d.is_dynamic else d.get_length() for d in dims)
            total += elements
            constant = node.get_type_name() == "Constant"
            if (elements > MAX_ELEMENTS and not constant) or total > MAX_WORK:
                _bad("holds a tensor that is too large")
    return [str(output.get_partial_shape()) for output in one.outputs]


def _bad(why: str) -> NoReturn:
    raise refusal(f"graph.xml {why}.", code="bad_graph")
