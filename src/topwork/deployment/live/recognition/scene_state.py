"""What is known of a scene after a frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.deployment.live.events import Event
from topwork.deployment.live.recognition.smoothing import SmoothedLabel


@dataclass(frozen=True, eq=False, slots=True)
class SceneState:
    """What is known of a scene after a frame.

    Parameters
    ----------
    smoothed
        The class that is shown, smoothed over time; ``None`` for images of a folder, which have
        nothing to do with each other.
    events
        What happened.
    tracks
        The track of each detected object ``(m,)``, -1 for none; ``None`` where none are followed.
    least
        From which score on an object that belongs to no track is shown.
    """

    smoothed: SmoothedLabel | None = None
    events: tuple[Event, ...] = ()
    tracks: NDArray[np.int64] | None = None
    least: float = 0.0
