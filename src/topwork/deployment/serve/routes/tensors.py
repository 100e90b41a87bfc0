"""Tensors of the Open Inference Protocol (version 2, REST), and what they hold."""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from topwork.data import Item
from topwork.deployment.serve.admission.uploads import image_item, text_item, too_many_items
from topwork.deployment.serve.limits import Limits
from topwork.deployment.serve.refused import Refused
from topwork.settings.choices import TaskName

Datatype: TypeAlias = Literal["UINT8", "INT64", "FP32", "FP64", "BOOL", "BYTES"]
ENCODED: Final = "picture"
PIXELS: Final = "images"
TEXT: Final = "text"


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """What is said of a tensor of a model; -1 is any size."""

    name: str
    datatype: Datatype
    shape: tuple[int, ...]


class InferInput(BaseModel):
    """A tensor that is sent; its data flat or nested."""

    model_config = ConfigDict(frozen=True)

    name: str
    shape: list[int] = Field(max_length=8)
    datatype: str
    data: list[Any]


class InferRequest(BaseModel):
    """What is asked."""

    model_config = ConfigDict(frozen=True)

    id: str | None = None
    inputs: list[InferInput] = Field(min_length=1, max_length=1)


class InferOutput(BaseModel):
    """A tensor that is answered, its data flat."""

    name: str
    shape: list[int]
    datatype: Datatype
    data: list[Any]


class InferResponse(BaseModel):
    """What is answered."""

    model_name: str
    model_version: str
    id: str | None = None
    outputs: list[InferOutput]


class InferError(BaseModel):
    """Why a request was refused, in a sentence."""

    error: str


OUTPUTS: Final[Mapping[TaskName, tuple[TensorSpec, ...]]] = {
    "classes": (
        TensorSpec("probabilities", "FP32", (-1, -1)),
        TensorSpec("label", "BYTES", (-1,)),
        TensorSpec("unknown", "BOOL", (-1,)),
    ),
    "ordinal": (
        TensorSpec("probabilities", "FP32", (-1, -1)),
        TensorSpec("label", "BYTES", (-1,)),
    ),
    "labels": (TensorSpec("labels", "BYTES", (-1,)),),
    "number": (TensorSpec("value", "FP64", (-1,)),),
    "one-class": (
        TensorSpec("score", "FP64", (-1,)),
        TensorSpec("p", "FP64", (-1,)),
        TensorSpec("anomalous", "BOOL", (-1,)),
    ),
    "clusters": (
        TensorSpec("cluster", "INT64", (-1,)),
        TensorSpec("name", "BYTES", (-1,)),
        TensorSpec("nearness", "FP64", (-1,)),
        TensorSpec("outlier", "BOOL", (-1,)),
    ),
    "boxes": (
        TensorSpec("boxes", "FP32", (-1, -1, 4)),
        TensorSpec("scores", "FP32", (-1, -1)),
        TensorSpec("label", "BYTES", (-1, -1)),
        TensorSpec("count", "INT64", (-1,)),
    ),
}
"""What models of each task answer. Boxes are padded with zeros behind their ``count``; ``labels``
are JSON lists."""


def inputs_of(*, inline: bool) -> tuple[TensorSpec, ...]:
    """What a model of texts or of images takes: one of these."""
    if inline:
        return (TensorSpec(TEXT, "BYTES", (-1,)),)
    return (TensorSpec(ENCODED, "BYTES", (-1,)), TensorSpec(PIXELS, "UINT8", (-1, -1, -1, 3)))


def read_request(body: bytes, *, inline: bool, limits: Limits) -> tuple[list[Item], str | None]:
    """The items of a request, and its id.

    Raises
    ------
    Refused
        It is no request of the protocol, or holds too much.
    """
    try:
        request = InferRequest.model_validate(json.loads(body))
    except (ValueError, RecursionError, ValidationError) as error:
        raise _bad("The body is no inference request in JSON with one input.") from error
    (given,) = request.inputs
    named: dict[tuple[str, str], TensorSpec] = {
        (one.name, one.datatype): one for one in inputs_of(inline=inline)
    }
    spec = named.get((given.name, given.datatype))
    if spec is None or len(given.shape) != len(spec.shape):
        wanted = " or ".join(f"{one.name} ({one.datatype})" for one in named.values())
        raise _bad(f"The model takes {wanted}, of the shapes that it lists.")
    if given.shape[0] > limits.items:
        raise too_many_items(limits.items)
    if min(given.shape) < 1:
        raise _bad("A size of the shape is below 1.")
    if spec.datatype == "UINT8":
        return _arrays(given), request.id
    if len(given.data) != given.shape[0]:
        raise _bad("The data are not as many as the shape says.")
    make = text_item if inline else image_item
    found = [_bytes(one, inline=inline) for one in given.data]
    return [make(f"item {n}", data, limits) for n, data in enumerate(found)], request.id


def _arrays(given: InferInput) -> list[Item]:
    try:
        values = np.array(given.data)
    except ValueError as error:
        raise _bad("The data are no tensor.") from error
    if (
        values.size != math.prod(given.shape)
        or values.dtype.kind not in "iu"
        or given.shape[-1] != 3
        or values.min() < 0
        or values.max() > 255
    ):
        raise _bad("The data are not whole numbers from 0 to 255 of the shape n, h, w, 3.")
    images = values.astype(np.uint8).reshape(given.shape)
    return [Item(f"item {n}", value=image) for n, image in enumerate(images)]


def _bytes(one: object, *, inline: bool) -> bytes:
    if isinstance(one, Mapping):
        one, inline = one.get("b64"), False
    if not isinstance(one, str):
        raise _bad("An item is no string.")
    if inline:
        return one.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(one, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _bad("An image is not in base64.") from error


def outputs_of(result: Any, labels: Sequence[str]) -> list[InferOutput]:
    """The tensors of a result.

    Parameters
    ----------
    labels
        The order of ``probabilities``.

    Raises
    ------
    Refused
        An item can't be read: a tensor has no place for that.
    """
    if result.rejected:
        first = result.rejected[0]
        raise _bad(f"{first.path} can't be read ({first.reason}).", "nothing_readable")
    rows = result.predictions
    if result.task == "boxes":
        return _boxes(rows)
    return [
        _tensor(spec, [_value(spec.name, one, labels) for one in rows])
        for spec in OUTPUTS[result.task]
    ]


def _value(name: str, one: Any, labels: Sequence[str]) -> Any:
    if name == "labels":
        return json.dumps([label.label for label in one.labels])
    if name == "probabilities" and hasattr(one, "top"):
        known = {top.label: top.probability for top in one.top}
        return [known[label] for label in labels]
    return getattr(one, name)


def _boxes(rows: Sequence[Any]) -> list[InferOutput]:
    most = max(len(one.boxes) for one in rows)

    def padded(blank: Any, field: Any) -> list[list[Any]]:
        return [[*map(field, one.boxes), *[blank] * (most - len(one.boxes))] for one in rows]

    values: tuple[list[Any], ...] = (
        padded([0.0] * 4, lambda b: [b.x1, b.y1, b.x2, b.y2]),
        padded(0.0, lambda b: b.probability),
        padded("", lambda b: b.label),
        [len(one.boxes) for one in rows],
    )
    return [_tensor(spec, value) for spec, value in zip(OUTPUTS["boxes"], values, strict=True)]


def _tensor(spec: TensorSpec, values: list[Any]) -> InferOutput:
    array = np.array(values, dtype=object if spec.datatype == "BYTES" else None)
    shape = array.shape if array.size else (len(values), 0, *spec.shape[2:])
    return InferOutput(
        name=spec.name, shape=list(shape), datatype=spec.datatype, data=array.ravel().tolist()
    )


def _bad(message: str, code: str = "bad_request") -> Refused:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if code != "bad_request" else HTTPStatus.BAD_REQUEST
    return Refused(status, code, message, "GET /v2/models/NAME says what it takes.")
