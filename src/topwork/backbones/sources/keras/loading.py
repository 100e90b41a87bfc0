"""Reads models and weights that Keras saved, without running what they may hold."""

from __future__ import annotations

import json
import re
import socket
import sys
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

from topwork.backbones.sources.hub import PATIENCE, reachable
from topwork.backbones.sources.keras.applications import Application
from topwork.backbones.sources.keras.archive import check_archive
from topwork.backbones.sources.keras.library import keras, on_device
from topwork.backbones.sources.keras.safety import check_config
from topwork.errors import BackboneError

_SERVER = "https://storage.googleapis.com"
_LOCAL = (
    "Give weights that Keras saved as keras:NAME@FILE.weights.h5, a whole model as "
    "keras:NAME@FILE.keras, or use a packaged backbone (packaged:efficientnet_lite0)."
)


def pretrained(wanted: Application) -> Any:
    """A network of Keras Applications with its ImageNet weights, downloaded where necessary.

    Raises
    ------
    BackboneError
        The weights cannot be had.
    """
    library, before = keras(), socket.getdefaulttimeout()
    if not reachable(_SERVER):
        socket.setdefaulttimeout(PATIENCE)  # Keras itself would wait for ever
    try:
        with on_processor():
            return getattr(library.applications, wanted.function)(weights="imagenet")
    except Exception as error:
        raise BackboneError(
            f"The weights of keras:{wanted.name} could not be loaded ({type(error).__name__}).",
            remedy=_LOCAL,
            code="weights_unreachable",
        ) from error
    finally:
        socket.setdefaulttimeout(before)


def with_weights(wanted: Application, file: Path) -> Any:
    """A network of Keras Applications, with or without its classifier, as the file has it.

    Raises
    ------
    BackboneError
        The file holds other tensors.
    """
    reason = ""
    for arguments in _variants(file):
        with on_processor():
            model = getattr(keras().applications, wanted.function)(weights=None, **arguments)
            try:
                model.load_weights(file)
            except Exception as error:  # h5py and Keras raise what comes
                reason = next(iter(str(error).splitlines()), type(error).__name__)
            else:
                return model
    raise BackboneError(
        f"The tensors in {file.name} are not those of {wanted.function}: {reason}",
        remedy="Name the network that the file was saved from.",
    )


def whole_model(file: Path) -> Any:
    """A model from a ``.keras`` file, if it is made of Keras's own layers.

    Raises
    ------
    BackboneError
        The file is no such model, or could run code.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            check_archive(archive, file.name)
            config = json.loads(archive.read("config.json"))
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, RecursionError) as error:
        raise _unreadable(file.name, error) from error
    config.pop("compile_config", None)  # losses and optimisers are not loaded
    check_config(config, file.name)
    with _loading(file.name):
        return keras().saving.load_model(file, compile=False, safe_mode=True)


def up_to_features(model: Any) -> Any:
    """A model of several outputs up to the one called ``features``, as an exported model has it."""
    outputs = getattr(model, "output", None)
    if not isinstance(outputs, dict) or "features" not in outputs:
        return model
    with on_processor():
        return keras().Model(model.inputs, outputs["features"])


def from_config(config: dict[str, Any], label: str) -> Any:
    """An untrained model from a configuration.

    Raises
    ------
    BackboneError
        The configuration names more than Keras's own layers.
    """
    check_config(config, label)
    with _loading(label):
        return keras().saving.deserialize_keras_object(config, safe_mode=True)


@contextmanager
def on_processor() -> Iterator[None]:
    """Builds where all sources build, and keeps what Keras warns about to itself.

    Standard output is the caller's; what Keras prints there of a download goes where progress goes.
    """
    import torch

    keras()
    with (
        on_device(torch.device("cpu")),
        warnings.catch_warnings(),
        redirect_stdout(sys.stderr),
    ):
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _loading(label: str) -> Iterator[None]:
    try:
        with on_processor():
            yield
    except Exception as error:  # Keras raises what comes
        raise _unreadable(label, error) from error


def _unreadable(label: str, error: Exception) -> BackboneError:
    return BackboneError(
        f"{label} is no model that Keras 3 can load "
        f"({next(iter(str(error).splitlines()), type(error).__name__)}).",
        remedy="Save it with model.save('FILE.keras').",
        code="no_model",
    )


def _variants(file: Path) -> list[dict[str, Any]]:
    """What an application may have been built with, the likeliest first."""
    counts = dict.fromkeys([*_class_counts(file), 1000])
    tops = [{"include_top": True, "classes": n} for n in counts]
    return [*tops, {"include_top": False, "pooling": "avg"}]


def _class_counts(file: Path) -> list[int]:
    """The widths of the last layers in a file that may be classifiers: linear, or in disguise."""
    import h5py

    found: dict[int, list[tuple[int, int]]] = {2: [], 4: []}

    def look(name: str, part: Any) -> None:
        if isinstance(part, h5py.Dataset) and part.shape[:-2] in {(), (1, 1)} and part.ndim > 1:
            found[part.ndim].append((_number(name), int(part.shape[-1])))

    try:
        with h5py.File(file) as opened:
            opened.visititems(look)
    except OSError:
        return []
    return [max(widths)[1] for widths in found.values() if widths]


def _number(name: str) -> int:
    """How Keras counts the layers of a kind: ``conv2d``, ``conv2d_1``."""
    numbers = re.findall(r"_(\d+)/", name)
    return int(numbers[-1]) if numbers else 0
