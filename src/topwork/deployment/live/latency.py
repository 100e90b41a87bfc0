"""How long things take, counted in buckets that grow by a constant factor: memory never grows."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

from pydantic import BaseModel, ConfigDict

_SHORTEST_S: Final = 1e-5
_GROWTH: Final = 1.02
_BUCKETS: Final = 820
"""The last one begins at 110 seconds."""


class LatencyQuantiles(BaseModel):
    """How long something took, in milliseconds.

    Attributes
    ----------
    p50, p95, p99
        Quantiles over the frames, to 1 %; ``None`` without frames.
    max
        The longest.
    """

    model_config = ConfigDict(frozen=True)

    p50: float | None
    p95: float | None
    p99: float | None
    max: float | None


@dataclass(eq=False)
class LatencyHistogram:
    """Durations, of which quantiles are known to 1 %.

    Examples
    --------
    >>> taken = LatencyHistogram()
    >>> for milliseconds in range(1, 101):
    ...     taken.add(milliseconds / 1000)
    >>> round(1000 * taken.quantile(0.5)), round(1000 * taken.longest)
    (50, 100)
    """

    n: int = 0
    longest: float = 0.0
    _counts: list[int] = field(default_factory=lambda: [0] * _BUCKETS)

    def add(self, seconds: float) -> None:
        """Count one duration."""
        self.n += 1
        self.longest = max(self.longest, seconds)
        self._counts[_bucket(seconds)] += 1

    def quantile(self, share: float) -> float:
        """What so large a share of the durations didn't exceed, in seconds; NaN without any."""
        wanted, seen = share * self.n, 0
        for bucket, count in enumerate(self._counts):
            seen += count
            if count and seen >= wanted:
                middle: float = _SHORTEST_S * _GROWTH ** (bucket + 0.5)
                return min(self.longest, middle)
        return math.nan

    def quantiles(self) -> LatencyQuantiles:
        """The usual ones, in milliseconds."""
        if not self.n:
            return LatencyQuantiles(p50=None, p95=None, p99=None, max=None)
        p50, p95, p99 = (round(1e3 * self.quantile(share), 3) for share in (0.5, 0.95, 0.99))
        return LatencyQuantiles(p50=p50, p95=p95, p99=p99, max=round(1e3 * self.longest, 3))


def _bucket(seconds: float) -> int:
    if seconds <= _SHORTEST_S:
        return 0
    return min(_BUCKETS - 1, int(math.log(seconds / _SHORTEST_S) / math.log(_GROWTH)))
