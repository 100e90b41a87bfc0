"""How the classes of unlabelled data are distributed, if items of a class look as they used to."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.errors import DataError, ParameterError
from topwork.metrics.records import Record, Score
from topwork.shift.class_priors import corrected
from topwork.shift.guarded_correction import safe_shares
from topwork.shift.share_errors import Believed, HeldOut

#: Fewest unlabelled items.
MIN = 20
#: Deviations of resamples are made that much larger, for what no resample repeats: that another
#: draw of the training items would have trained another head.
_INFLATION = 1.1
_Z = 1.959964

Float64 = NDArray[np.float64]


class LabelShift(Record):
    """The shares of the classes in the source and in the target.

    Parameters
    ----------
    source
        Shares that the model was trained on, (k,).
    target
        Estimated shares of the unlabelled items, (k,).
    low, high
        95 % interval of each class's share by itself, (k,).
    distance
        Total variation between the two, the share of items that would have to change class, with
        its 95 % interval; so far from the estimate are all shares that can be believed.
    p
        Share of resamples without a shift in which the estimate is as far off.
    adjusted
        Shares to correct probabilities by: those of ``target`` drawn back towards the source as far
        as their intervals allow; the source's own where no correction is safe, (k,).
    gain
        Lower bound of what correcting adds to the accuracy; 0 where nothing is corrected.
    sentence
        The same for people.
    """

    source: tuple[float, ...]
    target: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    distance: Score
    p: float
    adjusted: tuple[float, ...]
    gain: float
    sentence: str

    @property
    def shifted(self) -> bool:
        """Whether the interval excludes that nothing has changed."""
        return self.distance.low > 0

    @property
    def corrects(self) -> bool:
        """Whether ``corrected`` changes anything."""
        return self.adjusted != self.source

    def corrected(self, probabilities: ArrayLike) -> NDArray[np.float32]:
        """Probabilities (m, k) under the source's shares, as they are under ``adjusted``."""
        if not self.corrects:
            return np.asarray(probabilities, dtype=np.float32)
        return corrected(probabilities, self.source, self.adjusted)


def label_shift(
    probabilities: ArrayLike,
    source: ArrayLike,
    *,
    held_out: ArrayLike | None = None,
    codes: NDArray[np.integer] | None = None,
    seed: int = 0,
) -> LabelShift:
    """Estimate the shares of the classes among unlabelled items, by expectation and maximisation.

    It is wrong where items of a class look different from those of training: ask
    ``kind_of_shift`` first. With held-out items the probabilities are calibrated on them, one
    bias a class. Intervals come from repeating everything on the held-out items: calibrated on a
    resample, applied to as many items as the target has, drawn from the held-out ones with the
    estimated shares, half an item per class added. That covers the sampling of both sides, what the
    calibration leaves wrong and the bias of the estimate.

    Parameters
    ----------
    probabilities
        Of the unlabelled items, (m, k), by the model trained on the source.
    source
        Shares of the classes that it was trained on, (k,).
    held_out, codes
        Held-out probabilities of source items, (n, k), and their classes, (n,). Without them the
        probabilities are believed, and intervals are of the target's sampling only.
    seed
        Of the resamples.

    Raises
    ------
    ParameterError
        Shapes do not agree.
    DataError
        There are too few items.

    References
    ----------
    Saerens, Latinne and Decaestecker 2002, Adjusting the outputs of a classifier to new a priori
    probabilities. Alexandari, Kundaje and Shrikumar 2020, Maximum likelihood with bias-corrected
    calibration is hard-to-beat at label shift adaptation.

    Examples
    --------
    >>> sure = np.array([[0.99, 0.01], [0.01, 0.99]])
    >>> found = label_shift(sure[[0] * 180 + [1] * 20], [0.5, 0.5])
    >>> found.shifted, round(found.target[0], 2), round(found.low[0], 2), round(found.high[0], 2)
    (True, 0.91, 0.85, 0.95)
    """
    p, before = np.asarray(probabilities, np.float64), np.asarray(source, np.float64)
    _check(p, before)
    rng = np.random.default_rng(seed)
    if held_out is None or codes is None:
        world: Believed | HeldOut = Believed(p, before)
    else:
        world = HeldOut.of(p, before, np.asarray(held_out, np.float64), np.asarray(codes), rng)
    estimate = world.estimate()
    deviations, sources = (_INFLATION * errors for errors in world.errors(estimate, rng))
    distance, chance = _distance(estimate, before, deviations, sources)
    low, high = _intervals(estimate, np.square(deviations).mean(axis=0), len(p))
    adjusted, gain = before, 0.0
    if distance.low > 0:
        plausible = np.maximum(estimate - deviations, 0)
        nearest = np.clip(before, low, high)
        adjusted, gain = safe_shares(p, world.calibrated, before, nearest, plausible)
    return LabelShift(
        source=_plain(before),
        target=_plain(estimate),
        low=_plain(low),
        high=_plain(high),
        distance=distance,
        p=chance,
        adjusted=_plain(adjusted),
        gain=gain,
        sentence=_sentence(distance, corrects=gain > 0),
    )


def _plain(shares: Float64) -> tuple[float, ...]:
    return tuple(map(float, shares))


def _check(p: Float64, source: Float64) -> None:
    if p.ndim != 2 or source.shape != p.shape[1:]:
        raise ParameterError(
            f"probabilities has shape {p.shape} and source {source.shape}, expected (m, k), (k,).",
            remedy="Give a probability and a share for every class.",
        )
    if len(p) < MIN:
        raise DataError(
            f"There are {len(p)} unlabelled items.",
            remedy=f"Estimating class priors takes at least {MIN}.",
        )


def _distance(
    estimate: Float64, source: Float64, deviations: Float64, sources: Float64
) -> tuple[Score, float]:
    """Total variation with its interval, and p.

    By the triangle inequality no distance is further from the estimated one than the estimate is
    from the truth.
    """
    value = float(np.abs(estimate - source).sum() / 2)
    apart = np.abs(deviations - sources).sum(axis=1) / 2
    radius = float(np.quantile(apart, 0.95))
    score = Score(value=value, low=max(0.0, value - radius), high=min(1.0, value + radius))
    return score, float((np.sum(apart >= value) + 1) / (len(apart) + 1))


def _intervals(estimate: Float64, squared: Float64, m: int) -> tuple[Float64, Float64]:
    """Wilson's intervals with a variance beyond that of counting m labelled items.

    The shares q with ``(estimate − q)² = z² (q (1 − q)/m + excess)``.
    """
    excess = np.maximum(squared - estimate * (1 - estimate) / m, 0)
    z = _Z**2 / m
    centre = 2 * estimate + z
    square = np.square(centre) - 4 * (1 + z) * (np.square(estimate) - _Z**2 * excess)
    root = np.sqrt(np.maximum(square, 0))
    low, high = ((centre + sign * root) / (2 * (1 + z)) for sign in (-1, 1))
    return np.clip(low, 0, estimate), np.clip(high, estimate, 1)


def _sentence(distance: Score, *, corrects: bool) -> str:
    high = distance.high or 0.0
    if distance.low == 0:
        return (
            "The classes may be distributed as in training: no difference can be shown, though "
            f"class priors could differ by up to {100 * high:.0f} % (total variation)."
        )
    found = (
        f"The classes are distributed differently: class priors differ by "
        f"{100 * distance.value:.0f} % ({100 * distance.low:.0f} to {100 * high:.0f} %, total "
        "variation)."
    )
    more = " Probabilities are corrected for it." if corrects else ""
    return found + (more or " Correcting for it is not certain to help.")
