"""Within what the numbers of encoded columns must lie."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from topwork.features.columns import CategoryEncoding, ColumnEncoding
from topwork.model.card import RowCard
from topwork.model.storage.limits import MAX_CHARACTERS, MAX_LABELS, texts_in
from topwork.model.storage.refusal import refusal

MAX_WEIGHT = 1e12
ROUNDING = 1e-6
"""By which shares may miss 1 together."""

_ROW_SPACE: Mapping[str, float] = {"mean": 1e8, "axes": 1.001, "centres": 1e8, "least": 1e8}
"""The largest number, and the smallest with a minus sign, of the arrays of a clustering of rows."""


def check_row_card(card: RowCard) -> None:
    """The same of a clustering of rows.

    Raises
    ------
    BundleError
        Some number or text is out of range, or they contradict each other.
    """
    for text in texts_in(card.model_dump()):
        if len(text) > MAX_CHARACTERS:
            _bad("a text that is too long")
    if not 2 <= len(card.names) <= MAX_LABELS:
        _bad(f"{len(card.names)} clusters")
    check_encoding(card.encoding)


def check_encoding(encoding: ColumnEncoding, *, empty: bool = False) -> None:
    """The same of the encoding of columns.

    Parameters
    ----------
    empty
        Whether there may be none.

    Raises
    ------
    BundleError
        Some number or text is out of range, or they contradict each other.
    """
    for text in texts_in(encoding.model_dump()):
        if len(text) > MAX_CHARACTERS:
            _bad("a text that is too long")
    names = encoding.names
    if empty and not names:
        return
    if not names or len(set(names)) < len(names):
        _bad("no columns, or a column twice")
    for column in encoding.columns:
        if not isinstance(column, CategoryEncoding):
            continue
        if len(column.shares) != len(column.values) + bool(column.rare):
            _bad("categories and shares that do not belong together")
        if len(column.shares) < 2 or not abs(sum(column.shares) - 1) < ROUNDING:
            _bad("shares that are none")
    if not np.isfinite(encoding.transform({name: [None] for name in names})).all():
        _bad("columns that make no numbers of an empty row")


def check_weights(weight: NDArray[Any]) -> None:
    """Refuse weights of columns that are no numbers, or too large to compute with.

    Raises
    ------
    BundleError
        Some are.
    """
    if weight.dtype != np.float32 or not (np.abs(weight) <= MAX_WEIGHT).all():
        raise refusal("beside in head.safetensors is out of range.", code="bad_tensors")


def check_row_space(arrays: Mapping[str, NDArray[Any]]) -> None:
    """Refuse arrays of a clustering of rows from which distances could not be computed.

    Raises
    ------
    BundleError
        One is of another type, or some number is out of range.
    """
    for name, most in _ROW_SPACE.items():
        array = arrays[name]
        if array.dtype != np.float32 or not (np.abs(array) <= most).all():
            raise refusal(f"{name} in clusters.safetensors is out of range.", code="bad_tensors")
    if arrays["keys"].dtype != np.uint8:
        raise refusal("keys in clusters.safetensors are none.", code="bad_tensors")


def _bad(what: str) -> NoReturn:
    raise refusal(f"model.json says {what}.", code="bad_card")
