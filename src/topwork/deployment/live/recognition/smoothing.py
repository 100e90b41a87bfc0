"""The class of a scene, smoothed over time: single frames that are wrong don't make it flicker."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from topwork.calibration.cost import decide
from topwork.deployment.live.recognition.recogniser import ClassScores

UNKNOWN: Final = -1
"""In place of a class, where the scene looks like none of them."""

MIN_ODDS: Final = 1.2
"""By so much another class must be more probable than the one that is shown."""

UNKNOWN_SHARE: Final = 0.6
"""Share of recent frames that are unknown, from which on the scene is; below the rest it isn't."""

_SMALLEST: Final = 0.01  # so that no single frame weighs more than others
_MEMORY: Final = 1 / 3
"""Of the seconds that are given: together with the holding time a change is shown within them."""


@dataclass(frozen=True, slots=True)
class SmoothedLabel:
    """The class of a scene.

    Parameters
    ----------
    code
        An index into the labels, or ``UNKNOWN``.
    probability
        Its smoothed probability; of ``UNKNOWN`` the share of recent frames that are.
    changed
        Whether it was another one until now.
    """

    code: int
    probability: float
    changed: bool


class LabelSmoothing:
    """Averages log-probabilities over time, and changes the class only after a while.

    Earlier log-probabilities fade by exp(-Δt/τ), with the real time between frames. Another class
    is shown when it has led by a margin for half of ``seconds``. Unknown frames don't count for any
    class.

    Parameters
    ----------
    n_labels
        How many classes there are.
    seconds
        Within which a change is shown; 0 shows every frame as it is.
    threshold
        Of two classes the second is predicted from this probability on, where there is one.
    """

    def __init__(self, n_labels: int, *, seconds: float, threshold: float | None = None) -> None:
        self._seconds, self._threshold = seconds, threshold
        self._log = np.zeros(n_labels)
        self._unknown = 0.0
        self._known_any = False
        self._time: float | None = None
        self._shown: int | None = None
        self._candidate, self._since = UNKNOWN, math.inf

    def update(self, scores: ClassScores, time_s: float) -> SmoothedLabel:
        """Take what is predicted for a frame into account."""
        self._average(scores, time_s)
        probabilities = self.probabilities()
        leader = self._leader(probabilities)
        changed = self._shown is None or (leader != self._shown and self._held(leader, time_s))
        if changed:
            self._shown = leader
        if leader == self._shown:
            self._since = math.inf
        shown = self._shown
        assert shown is not None
        value = self._unknown if shown == UNKNOWN else float(probabilities[shown])
        return SmoothedLabel(shown, value, changed)

    def probabilities(self) -> NDArray[np.float64]:
        """The smoothed probabilities, ``(k,)``."""
        shifted = np.exp(self._log - self._log.max())
        result: NDArray[np.float64] = shifted / shifted.sum()
        return result

    def _average(self, scores: ClassScores, time_s: float) -> None:
        elapsed = math.inf if self._time is None else max(0.0, time_s - self._time)
        memory = self._seconds * _MEMORY
        kept = math.exp(-elapsed / memory) if memory > 0 else 0.0
        self._time = time_s
        self._unknown = kept * self._unknown + (1 - kept) * scores.unknown
        if scores.unknown:
            return
        log = np.log(np.maximum(scores.probabilities.astype(np.float64), _SMALLEST))
        kept = kept if self._known_any else 0.0
        self._log = kept * self._log + (1 - kept) * log
        self._known_any = True

    def _leader(self, probabilities: NDArray[np.float64]) -> int:
        """What would be shown without regard to what was shown before, but for the margin."""
        share = 1 - UNKNOWN_SHARE if self._shown == UNKNOWN else UNKNOWN_SHARE
        if self._unknown > share or not self._known_any:
            return UNKNOWN
        code = int(decide(probabilities[None], self._threshold)[0])
        shown = self._shown
        if shown in (None, UNKNOWN, code) or self._seconds == 0:
            return code
        margin = self._log[code] - self._log[shown]
        return code if self._threshold is not None or margin >= math.log(MIN_ODDS) else int(shown)

    def _held(self, leader: int, time_s: float) -> bool:
        """Whether it has led for long enough."""
        if leader != self._candidate or self._since == math.inf:
            self._candidate, self._since = leader, time_s
        return time_s - self._since >= self._seconds / 2
