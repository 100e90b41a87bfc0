"""How items become what an exported model takes, as data, code and examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from topwork.data import Content, Framing, Tokenizing
from topwork.data.preprocessing import words
from topwork.data.preprocessing.framing import PAD_VALUE, REDUCING_GAP
from topwork.data.preprocessing.words import vocabulary_in
from topwork.errors import UserError
from topwork.model.sealed_model import NetworkModel

_RECIPES: Final = "topwork.deployment.export.recipes"

_STORED: Final = ((97, 150), (300, 200))
_LARGE: Final = ((1500, 1600),)
"""Heights and widths of images that are prepared by both; the large ones are not stored."""

_TEXTS: Final = (
    "The film was not good, but the end was fine.",
    "Ordered two: AB-1234 and one (1) more – £5?",
    "Über Größe, naïve café 好的 👍",
    "word " * 700,
)


class PreparationError(UserError):
    """What goes with an exported model prepares items otherwise than topwork."""


@dataclass(frozen=True, eq=False, slots=True)
class PreparationFiles:
    """What says how items are prepared.

    Parameters
    ----------
    told
        The contents of ``preprocess.json``.
    golden
        Examples, before and after.
    files
        Further files, by their names.
    """

    told: dict[str, Any]
    golden: dict[str, NDArray[Any]]
    files: dict[str, str]


def preparation_files(model: NetworkModel) -> PreparationFiles:
    """The preparation of a model, checked against what topwork does.

    Raises
    ------
    PreparationError
        They differ.
    """
    preparation = model.parts.preparation
    if isinstance(preparation, Tokenizing):
        return _of_texts(model, preparation)
    assert isinstance(preparation, Framing)
    return _of_images(model, preparation)


def _of_images(model: NetworkModel, framing: Framing) -> PreparationFiles:
    told = {
        "layout": "n, height, width, channels",
        "type": "uint8",
        "channels": "RGB",
        "height": framing.height,
        "width": framing.width,
        "geometry": framing.geometry,
        "interpolation": framing.interpolation,
        "reducing_gap": None if framing.interpolation == "nearest" else REDUCING_GAP,
        "crop_fraction": framing.crop_fraction,
        "padding": PAD_VALUE,
        "background": model.card.appearance.background,
        "scale, mean and standard deviation": "inside the model",
    }
    check_images(model, told)
    golden = _golden_images(model, _STORED)
    return PreparationFiles(told, golden, {"preprocess.py": _source(f"{_RECIPES}.image_input")})


def check_images(model: NetworkModel, told: Mapping[str, Any]) -> None:
    """Prepare drawn images by what ``preprocess.json`` says, and by topwork.

    Raises
    ------
    PreparationError
        They differ.
    """
    recipe = import_module(f"{_RECIPES}.image_input")
    worst = max(recipe.differences(told, _golden_images(model, (*_STORED, *_LARGE))))
    if worst:
        raise _other(f"{worst} grey levels")


def _golden_images(
    model: NetworkModel, sizes: tuple[tuple[int, int], ...]
) -> dict[str, NDArray[Any]]:
    rng, golden = np.random.default_rng(0), {}
    for i, (height, width) in enumerate(sizes):
        rows, columns = np.arange(height)[:, None, None] / 5, np.arange(width)[None, :, None]
        waves = 128 + 90 * np.sin(rows) * np.cos(columns / np.array([3, 7, 11]))
        noisy = waves + rng.normal(0, 20, (height, width, 3))
        golden[f"given_{i}"] = given = np.clip(noisy, 0, 255).astype(np.uint8)
        golden[f"prepared_{i}"] = _prepared(model, given)
    return golden


def _of_texts(model: NetworkModel, tokenizing: Tokenizing) -> PreparationFiles:
    told = {
        "layout": "n, tokens",
        "type": "int32",
        "filling": -1,
        "max_length": tokenizing.max_length,
        "windows": tokenizing.windows,
    }
    files = {"tokenizer.json": tokenizing.tokenizer}
    if vocabulary_in(tokenizing.tokenizer) is None:
        files["preprocess.py"] = _source(f"{_RECIPES}.token_input")
    else:
        source = _source(f"{_RECIPES}.word_input")
        files["preprocess.py"] = source.replace(words.__name__, "words")
        files["words.py"] = _source(words.__name__)
    rows = [_prepared(model, text) for text in _TEXTS]
    prepared = np.full((len(rows), max(map(len, rows))), -1, np.int32)
    for row, tokens in zip(prepared, rows, strict=True):
        row[: len(tokens)] = tokens
    golden = {"given": np.array(_TEXTS), "prepared": prepared}
    return PreparationFiles(told, golden, files)


def check_texts(files: PreparationFiles, folder: Path) -> None:
    """Prepare texts by the files in a folder, and by topwork; nothing of images.

    Raises
    ------
    PreparationError
        They differ.
    """
    if "tokenizer.json" not in files.files:
        return
    name = "word_input" if "words.py" in files.files else "token_input"
    recipe = import_module(f"{_RECIPES}.{name}")
    worst = max(recipe.differences(files.told, files.golden, folder))
    if worst:
        raise _other(f"{worst} tokens")


def _prepared(model: NetworkModel, given: Any) -> NDArray[Any]:
    return np.asarray(model.kind.decode(Content(b"", given), model.parts.preparation))


def _source(module: str) -> str:
    file = import_module(module).__file__
    assert file is not None
    return Path(file).read_text(encoding="utf-8")


def _other(by: str) -> PreparationError:
    return PreparationError(
        f"What would go with the exported model prepares items otherwise than topwork: by {by}.",
        remedy="Nothing was written. Fit the model anew with this version of topwork, or report "
        "this.",
        code="other_preparation",
    )
