"""Changes to a saved clustering of rows with the columns of `tests.unsupervised.customers`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from tests.model.mutations import HUGE, NESTED, Mutation, card, entry, header, put, tensors, whole

FILE: Final = "clusters.safetensors"
AGE, SINCE, CHANNEL = 0, 3, 4


def column(at: int, **changes: Any) -> Mutation:
    """Fields of the encoding of a column."""

    def change(columns: list[dict[str, Any]]) -> list[dict[str, Any]]:
        columns[at].update(changes)
        return columns

    return card(encoding__columns=change)


def scale(at: int = AGE, **changes: Any) -> Mutation:
    """Fields of the scale of a column of numbers."""

    def change(columns: list[dict[str, Any]]) -> list[dict[str, Any]]:
        columns[at]["scale"].update(changes)
        return columns

    return card(encoding__columns=change)


ROWS: Mapping[str, Mutation] = {
    "scale of 1e308": scale(scale=1e308),
    "scale of next to nothing": scale(scale=5e-324),
    "negative scale": scale(scale=-1.0),
    "scale of days of 1e308": scale(SINCE, scale=1e308),
    "centre of 1e308": scale(centre=1e308),
    "mean of 1e300": scale(mean=1e300),
    "deviation of next to nothing": scale(deviation=1e-300),
    "more missing than all": scale(missing=7.0),
    "share of 1e300": column(CHANNEL, shares=[1e300, 0.1, 0.1]),
    "negative share": column(CHANNEL, shares=[-0.5, 1.0, 0.5]),
    "more shares than all": column(CHANNEL, shares=[1.0, 1.0, 1.0]),
    "shares of nothing": column(CHANNEL, shares=[0.0, 0.0, 0.0]),
    "a share more": column(CHANNEL, shares=[0.25, 0.25, 0.25, 0.25]),
    "one category": column(CHANNEL, values=["web"], shares=[1.0]),
    "categories of 1e308": column(CHANNEL, scale=1e308),
    "categories without end": column(CHANNEL, values=[f"{i}" for i in range(10_000)]),
    "rare categories without end": column(CHANNEL, rare=[f"{i}" for i in range(10_000)]),
    "a category without end": column(CHANNEL, values=["web", "store", "x" * 10**6]),
    "a category of half a letter": column(CHANNEL, values=["web", "store", "\ud800"]),
    "a column without a name": column(AGE, name=""),
    "a column twice": column(AGE, name="visits"),
    "a name without end": column(AGE, name="x" * 2000),
    "another kind of column": column(AGE, kind="formula"),
    "another comma": column(AGE, comma=";"),
    "another way to write a date": column(SINCE, written="star date"),
    "no columns": card(encoding__columns=[]),
    "a column less": card(encoding__columns=lambda columns: columns[1:]),
    "columns without end": card(encoding__columns=lambda columns: columns * 500),
    "left out without end": card(encoding__left_out=[{"name": "x", "reason": ""}] * 20_000),
    "one cluster": card(names=["alone"]),
    "clusters without end": card(names=[f"cluster {i}" for i in range(300_000)]),
    "a cluster's name without end": card(names=lambda names: ["x" * 20_000, *names[1:]]),
    **{
        f"{name} {what}": tensors(FILE, put(name, value))
        for name in ("mean", "axes", "centres", "least")
        for what, value in (
            ("of NaN", float("nan")),
            ("of infinity", float("inf")),
            ("of 1e38", 1e38),
            ("less", lambda array: array[:-1].copy()),
            ("in other numbers", lambda array: array.astype(np.float64)),
        )
    },
    "axes turned": tensors(FILE, put("axes", lambda axes: axes.T.copy())),
    "axes that are long": tensors(FILE, put("axes", lambda axes: axes * 1e4)),
    "clusters that there are not": tensors(FILE, put("codes", lambda codes: codes + 1000)),
    "clusters that are no numbers": tensors(
        FILE, put("codes", lambda codes: codes.astype(np.float32))
    ),
    "keys of other rows": tensors(FILE, put("keys", lambda keys: keys[1:].copy())),
    "keys of numbers": tensors(FILE, put("keys", lambda keys: keys.astype(np.float32))),
    "no keys": tensors(FILE, lambda arrays: arrays.pop("keys")),
    "arrays of more": tensors(FILE, lambda arrays: arrays.update(more=np.ones(1))),
    "arrays cut off": lambda folder: whole(FILE, (folder / FILE).read_bytes()[:-5])(folder),
    "arrays empty": whole(FILE, b""),
    "header nested": header(FILE, lambda h: NESTED),
    "header of 2^62 bytes": header(FILE, lambda h: None, 2**62),
    "header of a shape that overflows": header(FILE, entry(shape=[2**32, 2**32, 2**32])),
    "header of offsets outside": header(FILE, entry(data_offsets=[0, HUGE])),
    "header of an unknown type": header(FILE, entry(dtype="F999")),
    "arrays gone": lambda folder: (folder / FILE).unlink(),
}
"""By name; each is refused."""
