"""Operators that move, select and join elements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from topwork.deployment.export.graph_nodes import GraphNode, unsupported
from topwork.deployment.export.onnx_target.arithmetic import Emit
from topwork.deployment.export.onnx_target.onnx_graph import OnnxGraph

_LAST: Final = np.iinfo(np.int64).max


def whole(g: OnnxGraph, node: GraphNode, x: tuple[str, ...], place: int) -> str:
    """An input of sizes or axes, as a list of 64-bit numbers."""
    value = node.constants[place]
    if value is not None:
        return g.constant(np.asarray(value).astype(np.int64).reshape(-1))
    found = g.cast(x[place], np.int64)
    return g.one("Reshape", found, g.shape(-1)) if node.rank(place) == 0 else found


def transpose(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    order = node.constant(1).reshape(-1).tolist()
    return g.add("Transpose", x[0], perm=order or list(range(node.rank()))[::-1])


def reshape(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    copies = bool(node.attributes.get("special_zero", False))
    return g.add("Reshape", x[0], whole(g, node, x, 1), allowzero=0 if copies else 1)


def squeeze(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    return g.add("Squeeze", x[0], *((whole(g, node, x, 1),) if len(x) > 1 else ()))


def unsqueeze(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    return g.add("Unsqueeze", x[0], whole(g, node, x, 1))


def concat(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    return g.add("Concat", *x, axis=int(node.attributes["axis"]))


def split(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    axis, n = int(node.constant(1).reshape(())), int(node.attributes["num_splits"])
    size = (node.shapes[0] or ())[axis] if node.shapes[0] else -1
    if size > 0:
        lengths = g.shape(*[size // n] * n)
        return g.add("Split", x[0], lengths, n=n, axis=axis)
    return g.add("Split", x[0], n=n, axis=axis, num_outputs=n)


def variadic_split(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    axis = int(node.constant(1).reshape(()))
    lengths = node.constant(2).astype(np.int64).reshape(-1).copy()
    if (lengths < 0).any():
        size = (node.shapes[0] or ())[axis] if node.shapes[0] else -1
        if size < 0:
            raise unsupported("VariadicSplit", "a length is open")
        lengths[lengths < 0] = size - lengths[lengths >= 0].sum()
    return g.add("Split", x[0], g.constant(lengths), n=len(lengths), axis=axis)


def slice_(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    begin, end, step = (whole(g, node, x, place) for place in (1, 2, 3))
    axes = whole(g, node, x, 4) if len(x) > 4 else g.shape(*range(node.constant(1).size))
    return g.add("Slice", x[0], begin, end, axes, step)


def strided_slice(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    """Begin, end and step of each dimension, some of them left open by masks."""
    masks = {
        name: _mask(node.attributes.get(f"{name}_mask"))
        for name in ("begin", "end", "new_axis", "shrink_axis", "ellipsis")
    }
    if any(masks["ellipsis"]):
        raise unsupported("StridedSlice", "with an ellipsis")
    n = (node.shapes[1] or (0,))[0]
    steps = node.constants[3] if len(x) > 3 else np.ones(n, np.int64)
    begins, ends = node.constants[1], node.constants[2]
    if steps is None or begins is None or ends is None:
        raise unsupported("StridedSlice", "its bounds are computed")
    added = [i for i in range(n) if _at(masks["new_axis"], i)]
    kept = [i for i in range(n) if i not in added]
    rows, shrunk = [], []
    for axis, i in enumerate(kept):
        begin, end, step = int(begins[i]), int(ends[i]), int(steps[i])
        if _at(masks["shrink_axis"], i):
            shrunk.append(axis)
            end, step = begin + 1 if begin != -1 else _LAST, 1
        else:
            if _at(masks["begin"], i):
                begin = 0 if step > 0 else _LAST
            if _at(masks["end"], i):
                end = _LAST if step > 0 else -_LAST
        rows.append((axis, begin, end, step))
    out = x[0]
    if rows:
        axes, firsts, lasts, paces = (list(column) for column in zip(*rows, strict=True))
        out = g.one(
            "Slice", out, g.shape(*firsts), g.shape(*lasts), g.shape(*axes), g.shape(*paces)
        )
    if shrunk:
        out = g.one("Squeeze", out, g.shape(*shrunk))
    if added:
        shrinks = [_at(masks["shrink_axis"], i) and i not in added for i in range(n)]
        before = [place - sum(shrinks[:place]) for place in added]
        out = g.one("Unsqueeze", out, g.shape(*before))
    return (out,)


def _mask(value: Any) -> list[int]:
    if value is None:
        return []
    if isinstance(value, str):
        return [int(part) for part in value.split(",") if part.strip()]
    return [int(part) for part in value]


def _at(mask: list[int], place: int) -> bool:
    return place < len(mask) and bool(mask[place])


def gather(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    if int(node.attributes.get("batch_dims", 0)):
        raise unsupported("Gather", "with dimensions of a batch")
    return g.add("Gather", x[0], x[1], axis=int(node.constant(2).reshape(())))


def gather_elements(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    return g.add("GatherElements", *x, axis=int(node.attributes["axis"]))


def gather_nd(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    return g.add(
        "GatherND", x[0], g.cast(x[1], np.int64), batch_dims=int(node.attributes["batch_dims"])
    )


def shape_of(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    found = g.one("Shape", x[0])
    return (found if node.out_types[0] == np.int64 else g.cast(found, node.out_types[0]),)


def broadcast(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    if str(node.attributes.get("mode", "numpy")).lower() == "explicit":
        raise unsupported("Broadcast", "along named axes")
    return g.add("Expand", x[0], whole(g, node, x, 1))


def tile(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    return g.add("Tile", x[0], whole(g, node, x, 1))


def pad(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    modes = {"constant": "constant", "edge": "edge", "reflect": "reflect"}
    mode = str(node.attributes.get("pad_mode", "constant")).lower()
    if mode not in modes:
        raise unsupported("Pad", f"by {mode}")
    pads = g.one("Concat", whole(g, node, x, 1), whole(g, node, x, 2), axis=0)
    value = x[3:4] if mode == "constant" else ()
    return g.add("Pad", x[0], pads, *value, mode=modes[mode])


def range_(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    dtype = node.out_types[0]
    same = [x[i] if node.in_types[i] == dtype else g.cast(x[i], dtype) for i in range(3)]
    return g.add("Range", *same)


def top_k(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    largest = int(str(node.attributes["mode"]).lower() == "max")
    values, places = g.add(
        "TopK", x[0], whole(g, node, x, 1), n=2, axis=int(node.attributes["axis"]),
        largest=largest, sorted=1,
    )  # fmt: skip
    if len(node.out_types) > 1 and node.out_types[1] != np.int64:
        places = g.cast(places, node.out_types[1])
    return values, places


def cumulative_sum(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    flags = {name: int(bool(node.attributes[name])) for name in ("exclusive", "reverse")}
    return g.add("CumSum", *x, **flags)


def depth_to_space(g: OnnxGraph, node: GraphNode, x: tuple[str, ...]) -> tuple[str, ...]:
    mode = "CRD" if str(node.attributes["mode"]).lower() == "depth_first" else "DCR"
    return g.add("DepthToSpace", x[0], blocksize=int(node.attributes["block_size"]), mode=mode)


SHAPES: Final[Mapping[str, Emit]] = {
    "Transpose": transpose,
    "Reshape": reshape,
    "Squeeze": squeeze,
    "Unsqueeze": unsqueeze,
    "Concat": concat,
    "Split": split,
    "VariadicSplit": variadic_split,
    "Slice": slice_,
    "StridedSlice": strided_slice,
    "Gather": gather,
    "GatherElements": gather_elements,
    "GatherND": gather_nd,
    "ShapeOf": shape_of,
    "Broadcast": broadcast,
    "Tile": tile,
    "Pad": pad,
    "Range": range_,
    "TopK": top_k,
    "CumSum": cumulative_sum,
    "DepthToSpace": depth_to_space,
}
