"""How well heat maps show where defects are: pixel AUROC and per-region overlap (PRO)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from topwork.metrics.intervals import Units, mean_interval, share_interval
from topwork.metrics.records import Score

N_LEVELS = 4096
"""Logarithmic levels that distances are counted in: neighbours differ by 0.3 %."""

_SMALLEST, _LARGEST = 1e-2, 1e4

PRO_LIMIT = 0.3
"""Share of good pixels up to which overlaps are averaged."""

Float64 = NDArray[np.float64]


class RegionLevels(NamedTuple):
    """How many pixels of which level the regions of an image have, ``(m,)`` each."""

    region: NDArray[np.int64]
    level: NDArray[np.int64]
    pixels: NDArray[np.intp]


@dataclass(slots=True)
class HeatScores:
    """Counts the pixels of heat maps one image at a time.

    Examples
    --------
    >>> heat = np.ones((8, 8), np.float32)
    >>> mask = np.zeros((8, 8), bool)
    >>> heat[2:4, 2:4], mask[2:4, 2:4] = 5, True
    >>> found = HeatScores()
    >>> found.add(heat, mask)
    >>> found.add(np.ones((8, 8), np.float32), np.zeros((8, 8), bool))
    >>> found.pixel_auroc().value, found.region_overlap().value
    (1.0, 1.0)
    """

    _good: list[Float64] = field(default_factory=list)
    _bad: list[Float64] = field(default_factory=list)
    _regions: list[RegionLevels] = field(default_factory=list)
    _group_of_region: list[object] = field(default_factory=list)
    _groups: list[object] = field(default_factory=list)

    def add(
        self, heat: NDArray[np.floating], defect: NDArray[np.bool_], group: object = None
    ) -> None:
        """Count the pixels of one image.

        Parameters
        ----------
        heat
            Distances, ``(h, w)``.
        defect
            Where the defects are, ``(h, w)``.
        group
            The part that the image shows, for all images or for none: intervals take groups, not
            images, as independent.
        """
        group = len(self._groups) if group is None else group
        self._groups.append(group)
        levels = _levels(heat)
        self._good.append(_counts(levels[~defect]))
        self._bad.append(_counts(levels[defect]))
        if not defect.any():
            return
        from scipy.ndimage import label

        regions, n = label(defect, structure=np.ones((3, 3)))
        places = (regions[defect] - 1).astype(np.int64) * N_LEVELS + levels[defect]
        codes, counts = np.unique(places, return_counts=True)
        own, level = np.divmod(codes, N_LEVELS)
        self._regions.append(RegionLevels(own + len(self._group_of_region), level, counts))
        self._group_of_region.extend([group] * n)

    def pixel_auroc(self) -> Score | None:
        """Chance that a pixel of a defect is hotter than a good one.

        None where there is no pixel of one of them.
        """
        good, bad = np.array(self._good), np.array(self._bad)
        if not good.sum() or not bad.sum():
            return None
        all_good, all_bad = good.sum(axis=0), bad.sum(axis=0)
        below = (np.cumsum(all_good) - all_good / 2) / all_good.sum()
        above = 1 - (np.cumsum(all_bad) - all_bad / 2) / all_bad.sum()
        value = float(all_bad @ below / all_bad.sum())
        influence = bad @ (below - value) / all_bad.sum() + good @ (above - value) / all_good.sum()
        low, high = share_interval(
            value,
            influence,
            independent=float(np.square(influence).sum()),
            ceiling=float((bad.sum(axis=1) > 0).sum()),
            units=Units.of(len(good), np.array(self._groups)),
        )
        return Score(value=value, low=low, high=high)

    def region_overlap(self) -> Score | None:
        """Mean share of each defect that is above a threshold, over thresholds.

        The area under it against the share of good pixels above the threshold, up to `PRO_LIMIT`,
        over `PRO_LIMIT`. None without defects.

        References
        ----------
        Bergmann, Fauser, Sattlegger and Steger 2020, Uninformed students, section 4.1.
        """
        good = np.array(self._good)
        if not self._regions or not good.sum():
            return None
        total = good.sum(axis=0)[::-1]
        rates = np.concatenate([[0.0], np.cumsum(total) / total.sum()])
        region, level, pixels = (
            np.concatenate(parts) for parts in zip(*self._regions, strict=True)
        )
        areas = np.bincount(region, pixels * _areas(rates)[level]) / np.bincount(region, pixels)
        units = Units.of(len(areas), np.array(self._group_of_region))
        low, high = mean_interval(areas, units)
        value = float(areas.mean())
        return Score(value=value, low=float(max(low, 0)), high=float(min(high, 1)))


def _areas(rates: Float64) -> Float64:
    """Area under the overlap of a single pixel of each level up to the limit, 0 to 1.

    That of a defect is the mean over its pixels.
    """
    x = np.append(rates[rates < PRO_LIMIT], PRO_LIMIT)
    widths = np.diff(x)
    *inner, last = (np.append(widths, 0) + np.append(0, widths)) / 2
    weights = np.zeros(len(rates))
    weights[: len(inner)] = inner
    at = float(np.interp(PRO_LIMIT, rates, np.arange(len(rates))))
    before = int(at)
    weights[before] += last * (before + 1 - at)
    weights[before + 1] += last * (at - before)
    return np.asarray(np.cumsum(weights[::-1])[:-1] / PRO_LIMIT)


def _levels(heat: NDArray[np.floating]) -> NDArray[np.intp]:
    scale = np.log(np.maximum(heat, _SMALLEST) / _SMALLEST) / np.log(_LARGEST / _SMALLEST)
    return np.asarray(np.clip(scale * N_LEVELS, 0, N_LEVELS - 1), np.intp)


def _counts(levels: NDArray[np.intp]) -> Float64:
    return np.bincount(levels, minlength=N_LEVELS).astype(np.float64)
