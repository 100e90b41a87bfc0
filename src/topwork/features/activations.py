"""Features at a cut, several views an item, read a batch at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from topwork.errors import ParameterError
from topwork.features.lance_table import Keys, key_array, open_table, row_numbers, take

Positions = NDArray[np.integer]


class Activations(Protocol):
    """What the frozen part gave for n items in v views.

    Values are float16, float32, or the bits of bfloat16 as uint16.
    """

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one view of one item, for example ``(c, h, w)``."""
        ...

    @property
    def n_views(self) -> int:
        """v; view 0 is the plain one."""
        ...

    def __len__(self) -> int: ...

    def take(self, items: Positions, views: Positions) -> NDArray[Any]:
        """One view of each of these items, ``(b, *shape)``."""
        ...


@dataclass(frozen=True, eq=False)
class ArrayActivations:
    """Activations in an array, which may be memory-mapped.

    Parameters
    ----------
    values
        ``(n, v, *shape)``: float16, float32, or the bits of bfloat16 as uint16.
    """

    values: NDArray[Any]

    def __post_init__(self) -> None:
        if self.values.ndim < 3 or self.values.dtype not in (np.float16, np.float32, np.uint16):
            raise ParameterError(
                f"The activations are {self.values.dtype} of shape {self.values.shape}.",
                remedy="Give float16, float32 or the bits of bfloat16 as uint16: (n, views, ...).",
            )

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.values.shape[2:])

    @property
    def n_views(self) -> int:
        return int(self.values.shape[1])

    def __len__(self) -> int:
        return len(self.values)

    def take(self, items: Positions, views: Positions) -> NDArray[Any]:
        chosen: NDArray[Any] = self.values[items, views]
        return chosen


class LanceActivations:
    """Activations in a Lance dataset, of which only row numbers are held in memory.

    Parameters
    ----------
    uri
        The dataset.
    keys
        Content keys of the n items.
    views
        Names of the v views.
    shape
        Of one view of one item.

    Raises
    ------
    KeyError
        Some view of some item isn't there.
    """

    def __init__(
        self, uri: Path, keys: Keys, *, views: Sequence[str], shape: tuple[int, ...]
    ) -> None:
        self.shape = shape
        self.n_views = len(views)
        self._uri = uri
        self._keys = key_array(keys)
        self._views = tuple(views)
        self._resolve()

    def __len__(self) -> int:
        return len(self._keys)

    def take(self, items: Positions, views: Positions) -> NDArray[Any]:
        try:
            values = take(self._table, self._rows[items, views])
        except OSError:  # another process has joined fragments and removed the old ones
            self._resolve()
            values = take(self._table, self._rows[items, views])
        return values.reshape(len(items), *self.shape)

    def _resolve(self) -> None:
        self._table = open_table(self._uri)
        if self._table is None:
            raise KeyError(f"{len(self._keys)} items are not in the store")
        columns = [row_numbers(self._table, self._keys, view) for view in self._views]
        self._rows = np.stack(columns, axis=1)
        missing = int((self._rows < 0).any(axis=1).sum())
        if missing:
            raise KeyError(f"{missing} items are not in the store in every view")
