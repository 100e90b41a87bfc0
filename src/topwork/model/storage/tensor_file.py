"""Safetensors files that others may have written: the header is checked before anything is read."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topwork.model.storage.json_file import parse_json
from topwork.model.storage.refusal import refusal

MAX_HEADER_BYTES = 64 * 2**20
MAX_DIMENSIONS = 16
_CHUNK = 2**22

_TYPES: Mapping[str, tuple[str, int]] = {
    "BOOL": ("?", 1), "U8": ("u1", 1), "I8": ("i1", 1), "U16": ("<u2", 2), "I16": ("<i2", 2),
    "F16": ("<f2", 2), "BF16": ("<u2", 2), "U32": ("<u4", 4), "I32": ("<i4", 4), "F32": ("<f4", 4),
    "U64": ("<u8", 8), "I64": ("<i8", 8), "F64": ("<f8", 8),
}  # fmt: skip
"""Names of types in the header: numpy's name and bytes; bfloat16 is read as bits."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor of a file: its type as the header names it, its shape, and where it lies."""

    kind: str
    shape: tuple[int, ...]
    begin: int
    end: int


def read_header(file: Path) -> dict[str, Tensor]:
    """The tensors of a file by name.

    Raises
    ------
    BundleError
        The file isn't exactly what the header says.
    """
    size = file.stat().st_size
    with file.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if not 2 <= length <= min(size - 8, MAX_HEADER_BYTES):
            raise _bad(file, "its header does not fit into it")
        header = parse_json(stream.read(length), file.name)
    if not isinstance(header, dict):
        raise _bad(file, "its header is no object")
    _check_recipe(file, header.pop("__metadata__", {}))
    tensors = {name: _tensor(file, name, entry) for name, entry in header.items()}
    place = 0
    for tensor in sorted(tensors.values(), key=lambda t: (t.begin, t.end)):
        if tensor.begin != place:
            raise _bad(file, "its tensors overlap or leave gaps")
        place = tensor.end
    if place != size - 8 - length:
        raise _bad(file, "its tensors do not fill it")
    return tensors


def read_arrays(file: Path) -> dict[str, NDArray[Any]]:
    """All tensors of a file; floating ones are finite.

    Raises
    ------
    BundleError
        The file isn't exactly what the header says, or holds what is no number.
    """
    from safetensors.numpy import load_file

    tensors = read_header(file)
    if any(tensor.kind == "BF16" for tensor in tensors.values()):
        raise _bad(file, "it holds a type of numbers that topwork does not write there")
    arrays: dict[str, NDArray[Any]] = load_file(file)
    for name, array in arrays.items():
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise refusal(f"{name} in {file.name} holds what is no number.", code="not_finite")
    return arrays


def check_numbers(file: Path) -> None:
    """Refuse a file of weights that holds NaN, or infinities among other numbers."""
    tensors = read_header(file)
    data = np.memmap(file, np.uint8, "r") if tensors else np.empty(0, np.uint8)
    start = 8 + int.from_bytes(data[:8].tobytes(), "little")
    for name, tensor in tensors.items():
        bytes_ = data[start + tensor.begin : start + tensor.end]
        if not all_numbers(bytes_, tensor.kind):
            raise refusal(f"{name} in {file.name} holds what is no number.", code="not_finite")


def all_numbers(data: NDArray[np.uint8], kind: str) -> bool:
    """Whether bytes are numbers: no NaN, and infinities only where all others are 0 (a mask)."""
    infinite = other = False
    for values in _chunks(data, kind):
        if np.isnan(values).any():
            return False
        infinite = infinite or bool(np.isinf(values).any())
        other = other or bool((np.isfinite(values) & (values != 0)).any())
    return not (infinite and other)


def _chunks(data: NDArray[np.uint8], kind: str) -> Iterator[NDArray[np.floating]]:
    """Floating numbers, some at a time; nothing for other types."""
    if kind not in {"F16", "BF16", "F32", "F64"}:
        return
    name, width = _TYPES[kind]
    for begin in range(0, len(data), _CHUNK * width):
        part = np.ascontiguousarray(data[begin : begin + _CHUNK * width]).view(name)
        if kind == "BF16":
            part = (part.astype(np.uint32) << 16).view(np.float32)
        yield part


def _tensor(file: Path, name: str, entry: Any) -> Tensor:
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise _bad(file, f"its header says nothing of {name[:100]!r}")
    kind, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(kind, str) or kind not in _TYPES:
        raise _bad(file, f"{name[:100]!r} is of no known type")
    if not _counts(shape) or len(shape) > MAX_DIMENSIONS or not _counts(offsets):
        raise _bad(file, f"the shape of {name[:100]!r} is none")
    if len(offsets) != 2 or offsets[1] - offsets[0] != math.prod(shape) * _TYPES[kind][1]:
        raise _bad(file, f"the shape of {name[:100]!r} is not that of its data")
    return Tensor(kind, tuple(shape), *offsets)


def _counts(values: Any) -> bool:
    return isinstance(values, list) and all(
        type(value) is int and 0 <= value < 2**62 for value in values
    )


def _check_recipe(file: Path, recipe: Any) -> None:
    texts = isinstance(recipe, dict) and all(isinstance(text, str) for text in recipe.values())
    if not texts:
        raise _bad(file, "its metadata are no texts")
    for text in recipe.values():
        if text[:1] in {"{", "["}:
            parse_json(text.encode(), file.name)


def _bad(file: Path, why: str) -> Exception:
    return refusal(f"{file.name} is damaged: {why}.", code="bad_tensors")
