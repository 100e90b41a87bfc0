"""The files of a saved graph: read once, identified by their bytes, kept in a bundle as tensors."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.inputs import Input
from topwork.backbones.weights_recipe import read_recipe
from topwork.errors import BackboneError

SOURCE: Final = "savedmodel"

_GRAPH: Final = "saved_model.pb"
_FORMATS: Final = (".pb", ".onnx", ".tflite")


@dataclass(frozen=True, slots=True, eq=False)
class ModelFiles:
    """All files of one saved graph, by their names below its folder.

    Parameters
    ----------
    files
        What each holds.
    label
        What the graph is called in sentences.
    """

    files: Mapping[str, bytes]
    label: str

    @property
    def digest(self) -> str:
        """Hexadecimal, of all names and bytes."""
        found = hashlib.blake2b(digest_size=16)
        for name, content in self.files.items():
            found.update(f"{name}\0{len(content)}\0".encode())
            found.update(content)
        return found.hexdigest()

    @property
    def names(self) -> list[str]:
        """In the order of `tensors`."""
        return list(self.files)

    @property
    def channels_first(self) -> bool:
        """Whether the format has the channels of images first, where the graph leaves it open."""
        return self.names[0].endswith(".onnx")

    def tensors(self) -> dict[str, NDArray[np.uint8]]:
        """Each file's bytes."""
        contents = self.files.values()
        return {tensor_name(i): np.frombuffer(c, np.uint8) for i, c in enumerate(contents)}

    def write(self, folder: Path) -> Path:
        """Write them below a folder; what a converter reads."""
        for name, content in self.files.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        return folder if _GRAPH in self.files else folder / self.names[0]


def tensor_name(place: int) -> str:
    """What the bytes of the file at a place are called in a bundle."""
    return f"file_{place}"


def read_files(place: Path) -> ModelFiles:
    """The files of a folder with a SavedModel, or of one graph.

    Raises
    ------
    BackboneError
        It is neither.
    """
    if place.is_dir():
        return _folder(place)
    if place.suffix not in _FORMATS:
        raise BackboneError(
            f"{place.name} is no graph that the source {SOURCE} reads.",
            remedy=f"Give the folder of a SavedModel, or a file that ends in {_said(_FORMATS)}; a "
            ".keras file is read as keras:NAME@FILE.keras.",
            code="no_model",
        )
    return ModelFiles({f"model{place.suffix}": place.read_bytes()}, place.name)


def _folder(place: Path) -> ModelFiles:
    if not (place / _GRAPH).is_file():
        raise BackboneError(
            f"{place.name} is no SavedModel: it has no {_GRAPH}.",
            remedy=f"Give the folder that {_GRAPH} lies in, as model.export or "
            "tf.saved_model.save wrote it.",
            code="no_model",
        )
    variables = sorted(path for path in (place / "variables").rglob("*") if path.is_file())
    return ModelFiles(
        {p.relative_to(place).as_posix(): p.read_bytes() for p in (place / _GRAPH, *variables)},
        place.name,
    )


def sealed_files(weights: Path) -> tuple[ModelFiles, str, Input]:
    """The files in the tensors of a bundle, the range of the graph's pixels, and its input.

    Raises
    ------
    BackboneError
        The bundle's recipe isn't of this source.
    """
    from safetensors.numpy import load_file

    facts, given = read_recipe(SOURCE, weights)
    tensors = load_file(weights)
    names = facts.get("files")
    if not isinstance(names, list) or not names or not all(_is_below(name) for name in names):
        raise _damaged(weights)
    try:
        contents = {name: tensors[tensor_name(i)].tobytes() for i, name in enumerate(names)}
    except KeyError as error:
        raise _damaged(weights) from error
    return ModelFiles(contents, weights.name), str(facts.get("range")), given


def _is_below(name: Any) -> bool:
    """Whether a name leads nowhere else than below the folder that it is written to."""
    if not isinstance(name, str) or "\\" in name or "\0" in name or ":" in name:
        return False
    path = PurePosixPath(name)
    return bool(path.name) and not path.is_absolute() and ".." not in path.parts


def _damaged(weights: Path) -> BackboneError:
    return BackboneError(
        f"{weights.name} doesn't hold the files of its network.",
        remedy=f"Give {SOURCE}:NAME@FILE the weights.safetensors of a saved model.",
        code="no_recipe",
    )


def _said(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"
