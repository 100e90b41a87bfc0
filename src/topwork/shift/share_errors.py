"""How far estimated shares of classes are off, from repeating the estimate on resampled items."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.calibration.bias_corrected import fit_bias_corrected
from topwork.shift.class_priors import expected_shares

N_RESAMPLES = 200
#: Held-out items that are resampled at most.
MAX_HELD_OUT = 3000
_SMOOTH = 0.5
_SMALLEST = 1e-12

Float64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Believed:
    """Probabilities that are calibrated as they come.

    Parameters
    ----------
    calibrated
        (m, k), under the source's shares.
    source
        Shares of the classes in the source, (k,).
    """

    calibrated: Float64
    source: Float64

    def estimate(self) -> Float64:
        """The target's shares, (k,)."""
        return expected_shares(self.calibrated / np.maximum(self.source, _SMALLEST), self.source)

    def errors(self, estimate: Float64, rng: np.random.Generator) -> tuple[Float64, Float64]:
        """Errors of estimates from resampled items, (b, k), and of the source's shares: none."""
        m = len(self.calibrated)
        ratios = self.calibrated / np.maximum(self.source, _SMALLEST)
        counts = rng.multinomial(m, np.full(m, 1 / m), size=N_RESAMPLES).astype(np.float64)
        drawn = [expected_shares(ratios, self.source, counts=row) for row in counts]
        return np.array(drawn) - estimate, np.zeros((N_RESAMPLES, len(estimate)))


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Probabilities that are calibrated on held-out items.

    Parameters
    ----------
    calibrated
        The target's probabilities after it, (m, k).
    implied
        Mean of the held-out items' probabilities after it, (k,): it stands for the source's shares
        in every ratio, so that an unshifted target is a fixed point.
    source
        Shares of the classes in the source, (k,).
    logits, codes
        Of the held-out items, (n, k) and (n,).
    """

    calibrated: Float64
    implied: Float64
    source: Float64
    logits: Float64
    codes: NDArray[np.integer]

    @classmethod
    def of(
        cls,
        p: Float64,
        source: Float64,
        held_out: Float64,
        codes: NDArray[np.integer],
        rng: np.random.Generator,
    ) -> HeldOut:
        """Calibrate probabilities (m, k) on held-out ones (n, k) of items of classes (n,)."""
        if len(codes) > MAX_HELD_OUT:
            kept = rng.choice(len(codes), MAX_HELD_OUT, replace=False)
            held_out, codes = held_out[kept], codes[kept]
        logits = np.log(np.maximum(held_out, _SMALLEST))
        fitted = fit_bias_corrected(logits, codes).value
        calibrated = fitted.probabilities(np.log(np.maximum(p, _SMALLEST)))
        implied = fitted.probabilities(logits).mean(axis=0)
        return cls(calibrated, implied, source, logits, codes)

    def estimate(self) -> Float64:
        """The target's shares, (k,)."""
        return expected_shares(self.calibrated / np.maximum(self.implied, _SMALLEST), self.implied)

    def errors(self, estimate: Float64, rng: np.random.Generator) -> tuple[Float64, Float64]:
        """Errors of the estimate, (b, k), and of the source's shares, (b, k), in resamples."""
        m, (n, k) = len(self.calibrated), self.logits.shape
        fitted = fit_bias_corrected(self.logits, self.codes)
        own = np.bincount(self.codes, minlength=k) / n
        truth = self._smoothed(estimate, own)
        chances = (truth / np.maximum(own, _SMALLEST))[self.codes] / n
        chances /= chances.sum()
        errors, sources = np.empty((N_RESAMPLES, k)), np.empty((N_RESAMPLES, k))
        for b in range(N_RESAMPLES):
            weights = rng.multinomial(n, np.full(n, 1 / n)).astype(np.float64)
            p = fitted.value.moved((weights - 1) @ fitted.influence).probabilities(self.logits)
            implied = weights @ p / n
            counts = rng.multinomial(m, chances).astype(np.float64)
            drawn = counts > 0
            ratios = p[drawn] / np.maximum(implied, _SMALLEST)
            errors[b] = expected_shares(ratios, implied, counts=counts[drawn]) - truth
            sources[b] = np.bincount(self.codes, weights, minlength=k) / n - own
        return errors, sources

    def _smoothed(self, estimate: Float64, own: Float64) -> Float64:
        """The estimate with half an item per class added, where there are items to draw.

        Classes that the target's few items happen to lack would lack in every resample otherwise.
        """
        m, pseudo = len(self.calibrated), _SMOOTH * len(own)
        shares = np.where(own > 0, (m * estimate + pseudo * self.source) / (m + pseudo), 0)
        result: Float64 = shares / shares.sum()
        return result
