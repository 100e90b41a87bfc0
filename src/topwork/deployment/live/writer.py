"""What takes frames and events as they come."""

from __future__ import annotations

from typing import Protocol

from topwork.deployment.live.events import Event
from topwork.deployment.live.recognised_frame import RecognisedFrame


class Writer(Protocol):
    """Writes or shows frames and events, each as soon as it is there, and keeps none."""

    def event(self, event: Event) -> None:
        """Something happened."""
        ...

    def frame(self, recognised: RecognisedFrame) -> None:
        """A frame was recognised."""
        ...

    def close(self) -> None:
        """Nothing more will come."""
        ...
