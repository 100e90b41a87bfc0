"""The tensors of a checkpoint that torch wrote before its zip format, without torch.

The file is a row of pickles (magic number, protocol, facts about the system, the state dict, the
keys of its storages) and then the storages' bytes, each behind its length. The state dict is read
by an unpickler that knows four names and refuses every other: nothing in the file can run.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from topwork.errors import BackboneError

_MAGIC: Final = 0x1950A86A20F9469CFC6C
_PROTOCOL: Final = 1001
_TYPES: Final[Mapping[str, np.dtype[Any]]] = {
    "FloatStorage": np.dtype("<f4"),
    "LongStorage": np.dtype("<i8"),
}


@dataclass(frozen=True, slots=True)
class _Storage:
    key: str
    dtype: np.dtype[Any]
    size: int


@dataclass(frozen=True, slots=True)
class _Tensor:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def read_checkpoint(file: Path) -> dict[str, NDArray[Any]]:
    """The state dict of a legacy checkpoint, contiguous arrays by name, in its order.

    Raises
    ------
    BackboneError
        The file is none, or names something that no plain state dict holds.
    """
    try:
        with file.open("rb") as stream:
            return _read(stream)
    except (pickle.UnpicklingError, EOFError, ValueError, TypeError, KeyError) as error:
        raise BackboneError(
            f"{file.name} does not hold plain tensors ({type(error).__name__}).",
            remedy="Reinstall the package that brings it.",
        ) from error


def _read(stream: BinaryIO) -> dict[str, NDArray[Any]]:
    if (_Plain(stream).load(), _Plain(stream).load()) != (_MAGIC, _PROTOCOL):
        raise ValueError("not a legacy checkpoint")
    _Plain(stream).load()  # byte order and sizes of the writer; both are asserted by the lengths
    tensors: dict[str, _Tensor] = dict(_Plain(stream).load())
    found = {tensor.storage.key: tensor.storage for tensor in tensors.values()}
    stored = {key: _stored(stream, found[key]) for key in _Plain(stream).load()}
    return {name: _array(tensor, stored[tensor.storage.key]) for name, tensor in tensors.items()}


def _stored(stream: BinaryIO, storage: _Storage) -> NDArray[Any]:
    length = int.from_bytes(stream.read(8), "little")
    if length != storage.size:
        raise ValueError(f"storage {storage.key} has {length} values, not {storage.size}")
    return np.frombuffer(stream.read(length * storage.dtype.itemsize), storage.dtype, length)


def _array(tensor: _Tensor, values: NDArray[Any]) -> NDArray[Any]:
    steps = [step * (n - 1) for step, n in zip(tensor.strides, tensor.shape, strict=True)]
    if min((tensor.offset, *tensor.strides, *tensor.shape), default=0) < 0:
        raise ValueError("negative sizes")
    if tensor.offset + sum(steps) >= len(values):
        raise ValueError("a tensor reaches beyond its storage")
    strides = [step * values.itemsize for step in tensor.strides]
    view = np.lib.stride_tricks.as_strided(values[tensor.offset :], tensor.shape, strides)
    return np.ascontiguousarray(view).reshape(tensor.shape)


class _Plain(pickle.Unpickler):
    """An unpickler of numbers, texts, dicts and tensors, and of nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuilt
        if module == "torch" and name in _TYPES:
            return _TYPES[name]
        raise pickle.UnpicklingError(f"{module}.{name} is not part of a plain state dict")

    def persistent_load(self, pid: Any) -> _Storage:
        kind, dtype, key, _device, size, _view = pid
        if kind != "storage" or not isinstance(dtype, np.dtype):
            raise pickle.UnpicklingError(f"{kind} is not part of a plain state dict")
        return _Storage(str(key), dtype, int(size))


def _rebuilt(storage: _Storage, offset: int, shape: Any, strides: Any, *_: Any) -> _Tensor:
    return _Tensor(storage, int(offset), tuple(map(int, shape)), tuple(map(int, strides)))
