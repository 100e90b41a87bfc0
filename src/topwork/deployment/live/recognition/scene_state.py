"""What is known of a scene after a frame."""

from __future__ import annotations

from dataclasses import dataclass

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
    """

    smoothed: SmoothedLabel | None = None
    events: tuple[Event, ...] = ()
