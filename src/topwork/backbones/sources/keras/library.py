"""Keras on its torch backend, imported without a trace in the environment or the home folder."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs

from topwork.errors import BackboneError

if TYPE_CHECKING:
    import torch

_HOME = "KERAS_HOME"


def keras() -> Any:
    """The library.

    Raises
    ------
    BackboneError
        It isn't installed, or it was imported with another backend.
    """
    if sys.modules.get("keras") is None:
        _import()
    import keras as library

    if library.config.backend() != "torch":
        raise BackboneError(
            f"Keras runs on {library.config.backend()} in this process; backbones of Keras need "
            "its torch backend.",
            remedy="Set KERAS_BACKEND=torch before keras is imported, or use another process.",
            code="keras_backend",
        )
    return library


def on_device(device: torch.device) -> AbstractContextManager[Any]:
    """Where Keras puts what it computes; it would take a GPU wherever there is one."""
    import keras as library

    scope: AbstractContextManager[Any] = library.device(str(device))
    return scope


def _import() -> None:
    with _environment(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import keras  # noqa: F401


@contextmanager
def _environment() -> Iterator[None]:
    """What Keras reads while it is imported; it sets variables of its own, too."""
    before = dict(os.environ)
    os.environ["KERAS_BACKEND"] = "torch"
    os.environ[_HOME] = str(_home())
    try:
        yield
    finally:
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)


def _home() -> Path:
    """The user's folder where it exists; otherwise ours, because Keras writes one at its import."""
    theirs = Path(os.environ.get(_HOME) or Path.home() / ".keras")
    if (theirs / "keras.json").exists():
        return theirs
    ours = os.environ.get("TOPWORK_CACHE_DIR") or platformdirs.user_cache_path("topwork")
    return Path(ours) / "keras"
