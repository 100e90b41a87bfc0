"""What OpenVINO makes of a saved graph, and where its images go in and its features come out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from topwork.backbones.engines.openvino import core, openvino
from topwork.backbones.sources.savedmodel.model_files import ModelFiles
from topwork.errors import BackboneError
from topwork.runtime import TemporaryFolder

SIDE: Final = 224
"""Of images, in pixels, where a graph takes any."""

_POOLED_NAMES: Final = (
    "feature_vector",
    "features",
    "pooled",
    "pooled_features",
    "pooler_output",
    "image_embeds",
    "embedding",
    "embeddings",
    "avg_pool",
)
"""What outputs with one vector of features per image are called; the first that fits is taken."""

_OF_TEXTS: Final = re.compile(r"String|Lookup|Table|Sentencepiece|Token|Regex|Decode|Parse")
_UNKNOWN: Final = re.compile(
    r"(?:No conversion rule found for operations|Conversion is failed for): (.+)"
)
_REMEDY: Final = (
    "Save the part from one batch of colour images to a vector of features, such as a "
    "feature_vector of TensorFlow Hub, or a Keras model without its tokenizer or decoder."
)


@dataclass(frozen=True, slots=True)
class GraphInput:
    """Where a graph takes images.

    Parameters
    ----------
    height, width
        In pixels; 224 where it takes any.
    channels_first
        Whether it takes ``(b, 3, h, w)`` rather than ``(b, h, w, 3)``.
    bytes
        Whether it takes whole numbers, which are 0..255.
    """

    height: int
    width: int
    channels_first: bool
    bytes: bool


def converted(files: ModelFiles) -> Any:
    """The graph as an ``openvino.Model``, read without TensorFlow.

    Raises
    ------
    BackboneError
        OpenVINO can't convert it.
    """
    keep = TemporaryFolder()
    try:
        # its converter would also hide a division of the pixels in the first layer's weights
        return core().read_model(files.write(keep.folder))
    except Exception as error:  # frontends raise what comes
        raise _not_converted(files.label, error) from error


def input_of(model: Any, files: ModelFiles) -> GraphInput:
    """How a graph takes images.

    Raises
    ------
    BackboneError
        It takes something else, or more than that.
    """
    label, kinds = files.label, openvino().Type
    if len(model.inputs) != 1:
        names = ", ".join(sorted(_name(one) for one in model.inputs))
        raise BackboneError(
            f"{label} has {len(model.inputs)} inputs ({names}), and a backbone has one.",
            remedy=_REMEDY,
            code="several_inputs",
        )
    kind, shape = model.inputs[0].get_element_type(), model.inputs[0].get_partial_shape()
    if kind == kinds.string:
        raise _takes_texts(label)
    unknown: list[int | None] = [None] * 4
    sides = [_length(side) for side in shape] if shape.rank.is_static else unknown
    if len(sides) != 4 or kind == kinds.boolean:
        raise _not_images(label, shape)
    first = _channels_first(sides, files)
    if first is None:
        raise _not_images(label, shape)
    height, width = sides[2:] if first else sides[1:3]
    whole = kind.is_integral()
    return GraphInput(height or SIDE, width or SIDE, first, whole)


def _channels_first(sides: list[int | None], files: ModelFiles) -> bool | None:
    """``None`` where there are no three channels."""
    open_sides = sides[1] is None, sides[3] is None
    last, first = sides[3] == 3, sides[1] == 3
    if last and first:
        return files.channels_first
    if last or first:
        return first
    if not any(open_sides):
        return None
    return files.channels_first if all(open_sides) else open_sides[0]


def pooled_node(model: Any, files: ModelFiles) -> Any:
    """The output of a node with features ``(b, d)``: by name, else the last, else means of maps.

    Raises
    ------
    BackboneError
        There is none.
    """
    outputs = [output for output in model.outputs if output.get_element_type().is_real()]
    vectors = [output for output in outputs if _is_vector(output)]
    for wanted in _POOLED_NAMES:
        for output in vectors:
            if any(_bare(name) == wanted for name in output.get_names()):
                return _before_result(output)
    if vectors:
        return _before_result(vectors[-1])
    for output in reversed(outputs):
        places = _places(output, files)
        if places is not None:
            mean = openvino().opset13.reduce_mean(
                _before_result(output), np.array(places), keep_dims=False
            )
            return mean.output(0)
    shapes = ", ".join(str(output.get_partial_shape()) for output in model.outputs)
    raise BackboneError(
        f"{files.label} gives {shapes}: neither a vector per image nor maps of features.",
        remedy=_REMEDY,
        code="no_features",
    )


def _is_vector(output: Any) -> bool:
    shape = output.get_partial_shape()
    return shape.rank.is_static and len(shape) == 2 and shape[1].is_static


def _places(output: Any, files: ModelFiles) -> list[int] | None:
    """The two axes of maps that aren't channels: those as long as each other, else by format."""
    shape = output.get_partial_shape()
    if shape.rank.is_dynamic or len(shape) != 4 or any(s.is_dynamic for s in list(shape)[1:]):
        return None
    first, middle, last = (side.get_length() for side in list(shape)[1:])
    if (first == middle) != (middle == last):
        return [1, 2] if first == middle else [2, 3]
    return [2, 3] if files.channels_first else [1, 2]


def _before_result(output: Any) -> Any:
    return output.get_node().input_value(0)


def scaled_inside(model: Any) -> bool:
    """Whether the first thing that a graph does to pixels is to make 0..255 small."""
    ahead = [target.get_node() for target in model.inputs[0].get_target_inputs()]
    for _ in range(_LOOKED_AT):
        if len(ahead) != 1:
            return False
        node = ahead[0]
        kind = node.get_type_name()
        if kind in {"Divide", "Multiply"}:
            return _makes_small(node, kind)
        if kind not in _PASSED:
            return False
        ahead = [target.get_node() for target in node.output(0).get_target_inputs()]
    return False


_LOOKED_AT: Final = 8
_PASSED: Final = {"Convert", "Transpose", "Reshape", "Subtract", "Add"}
_SMALL: Final = 50.0


def _makes_small(node: Any, kind: str) -> bool:
    for source in node.input_values():
        constant = source.get_node()
        if constant.get_type_name() == "Convert":
            constant = constant.input_value(0).get_node()
        if constant.get_type_name() == "Constant":
            scale = float(np.abs(np.asarray(constant.data, np.float64)).max())
            return scale > _SMALL if kind == "Divide" else scale < 1 / _SMALL
    return False


def _length(side: Any) -> int | None:
    return int(side.get_length()) if side.is_static else None


def _name(port: Any) -> str:
    return min(port.get_names(), default="without a name")


def _bare(name: str) -> str:
    return name.rpartition("/")[2].partition(":")[0]


def _takes_texts(label: str) -> BackboneError:
    return BackboneError(
        f"{label} takes strings or looks words up in a table, which its graph alone can't.",
        remedy=_REMEDY,
        code="takes_strings",
    )


def _not_images(label: str, shape: Any) -> BackboneError:
    return BackboneError(
        f"{label} takes inputs of shape {shape}, not colour images.",
        remedy=_REMEDY,
        code="no_images",
    )


def _not_converted(label: str, error: Exception) -> BackboneError:
    found = _UNKNOWN.search(str(error))
    if found is None:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        said = (lines[-1] if lines else type(error).__name__).rstrip(".")
        return BackboneError(
            f"OpenVINO cannot read {label} ({said[:200]}).",
            remedy="Save it again as one SavedModel, frozen .pb, .tflite or .onnx file without "
            "external data.",
            code="no_model",
        )
    operations = found[1].strip()
    if _OF_TEXTS.search(operations):
        return _takes_texts(label)
    return BackboneError(
        f"OpenVINO cannot convert {operations} in {label}.",
        remedy=_REMEDY,
        code="unknown_operations",
    )
