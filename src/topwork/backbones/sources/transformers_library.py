"""The library transformers, quietly, and its errors as ours."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from topwork.backbones.sources.hub import without_telemetry
from topwork.errors import BackboneError
from topwork.installation import require

EXAMPLE = (
    "Choose an image model, for example transformers:facebook/dinov2-small, or a text model, for "
    "example transformers:google-bert/bert-base-uncased."
)
LOCAL = (
    "Give a folder that holds config.json, preprocessor_config.json and *.safetensors as "
    "transformers:NAME@FOLDER, or use a packaged backbone (packaged:efficientnet_lite0)."
)


@cache
def transformers() -> Any:
    """The library.

    Raises
    ------
    BackboneError
        It isn't installed.
    """
    require("A network of transformers", ("torch", "transformers"))
    without_telemetry()
    import transformers as library

    return library


@contextmanager
def quiet(library: Any) -> Iterator[None]:
    """The library's messages, warnings and bars are not ours."""
    logging = library.utils.logging
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()


@contextmanager
def readable(place: str) -> Iterator[None]:
    try:
        yield
    except BackboneError:
        raise
    except Exception as error:
        raise BackboneError(
            f"transformers:{place} could not be loaded ({type(error).__name__}: "
            f"{first_line(error)}).",
            remedy=LOCAL,
            code="weights_unreachable",
        ) from error


def first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "")
