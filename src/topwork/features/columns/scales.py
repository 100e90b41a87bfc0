"""How the numbers of a column are brought to one scale."""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

SQUASHED: Final = 3.0
"""Robust standard deviations within which numbers stay nearly as they are. With 1 groups three
deviations apart came nearer, and one cloud looked like two."""

MAX_DEVIATIONS: Final = 10.0
"""Robust standard deviations from the median beyond which numbers count as so far away."""

_FARTHEST: Final = 1e4
"""Standard deviations from the mean beyond which no number goes."""

_MAX_Z: Final = 2.0
"""Beyond the inverse hyperbolic sine of `MAX_DEVIATIONS` over three."""

MAX_NUMBER: Final = 1e100
"""So large a number may be, and so small the reciprocal of a scale."""

Rows: TypeAlias = NDArray[np.float64]


class PlainData(BaseModel):
    """What is kept of a table: no field that is not known, no number that is infinite."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Squashed(PlainData):
    """Numbers by the inverse hyperbolic sine of their distance from the median, standardised.

    Distances beyond ten robust standard deviations count as ten.

    Attributes
    ----------
    centre, scale
        The median, and three robust standard deviations: 1.4826 times the median absolute deviation
        from it, or the standard deviation where that is 0.
    mean, deviation
        Of the result.
    missing
        The share of missing numbers, where it is large enough for a mark of its own; else 0.
    """

    centre: float = Field(ge=-MAX_NUMBER, le=MAX_NUMBER)
    scale: float = Field(ge=1 / MAX_NUMBER, le=MAX_NUMBER)
    mean: float = Field(ge=-_MAX_Z, le=_MAX_Z)
    deviation: float = Field(ge=1e-6, le=_MAX_Z)
    missing: float = Field(default=0.0, ge=0, lt=1)

    def encoded(self, values: Rows) -> list[Rows]:
        """The numbers, 0 where one is missing, and the mark of missing ones where there is one."""
        z = (squashed(values, self.centre, self.scale) - self.mean) / self.deviation
        gone = ~np.isfinite(z)
        mark = [2 * (gone - self.missing)] if self.missing else []
        return [np.where(gone, 0.0, z), *mark]


def squashed(values: Rows, centre: float, scale: float) -> Rows:
    """Values (n,) by the inverse hyperbolic sine, those far away brought near.

    Examples
    --------
    >>> squashed(np.array([2.0, 5.0, 1e9]), 2.0, 3.0).round(2).tolist()
    [0.0, 0.88, 1.92]
    """
    most = MAX_DEVIATIONS / SQUASHED
    with np.errstate(over="ignore"):  # what is infinitely far away is brought near, too
        found: Rows = np.arcsinh(np.clip((values - centre) / scale, -most, most))
    return found


class Standardised(PlainData):
    """Numbers less their mean, by their standard deviation.

    Attributes
    ----------
    mean, deviation
        Of the numbers.
    least, most
        Numbers beyond count as these.
    missing
        The share of missing numbers, where it is large enough for a mark of its own; else 0.
    """

    mean: float = Field(ge=-MAX_NUMBER, le=MAX_NUMBER)
    deviation: float = Field(ge=1 / MAX_NUMBER, le=MAX_NUMBER)
    least: float = Field(ge=-MAX_NUMBER, le=MAX_NUMBER)
    most: float = Field(ge=-MAX_NUMBER, le=MAX_NUMBER)
    missing: float = Field(default=0.0, ge=0, lt=1)

    def encoded(self, values: Rows) -> list[Rows]:
        """The numbers, 0 where one is missing, and the mark of missing ones where there is one."""
        gone = ~np.isfinite(values)
        z = (np.clip(values, self.least, self.most) - self.mean) / self.deviation
        z = np.clip(z, -_FARTHEST, _FARTHEST)
        mark = [2 * (gone - self.missing)] if self.missing else []
        return [np.where(gone, 0.0, z), *mark]
