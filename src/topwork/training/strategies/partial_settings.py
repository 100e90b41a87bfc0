"""Defaults of strategy ``partial``, chosen by measurement (docs/decisions/0007 and 0011)."""

from __future__ import annotations

from dataclasses import dataclass, field

from topwork.settings.choices import ClassWeight
from topwork.training.settings import LoopSettings


@dataclass(frozen=True, slots=True)
class PartialSettings:
    """How the layers behind a cut are trained.

    Parameters
    ----------
    loop
        The run.
    views
        Drawn from, the plain one included.
    smoothing, mixup
        See `topwork.training.objectives.CrossEntropy`.
    pull
        Strength of L2-SP.
    class_weight
        None or ``"balanced"``.
    coefficient
        How far from the probe to the tuned weights the result is, where nothing is held out.
    coefficients
        Tried on held-out items.
    refit
        Whether a fit on all rows follows the choice.
    """

    loop: LoopSettings = field(default_factory=lambda: LoopSettings(batch=32))
    views: int = 5
    smoothing: float = 0.0
    mixup: float = 0.0
    pull: float = 0.0
    class_weight: ClassWeight = None
    coefficient: float = 0.5
    coefficients: tuple[float, ...] = (0.0, 0.25, 0.5, 0.75, 1.0)
    refit: bool = True
