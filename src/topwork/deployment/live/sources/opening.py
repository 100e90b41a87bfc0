"""The one place that knows every kind of source."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from topwork.deployment.live.sources.address import Address
from topwork.deployment.live.sources.decoding import require_video
from topwork.deployment.live.sources.growing_folder import POLL_S, GrowingFolder
from topwork.deployment.live.sources.live_stream import STALL_S, LiveStream
from topwork.deployment.live.sources.source import Source
from topwork.deployment.live.sources.video_file import VideoFile


def open_source(
    address: Address,
    *,
    as_live: bool = False,
    stall_s: float = STALL_S,
    known: Collection[str] = (),
) -> Source:
    """The source behind an address.

    Parameters
    ----------
    as_live
        Whether a file is played by its clock.
    stall_s
        Seconds without a frame after which a live source is connected again.
    known
        Content keys of images of a folder that need no predicting.

    Raises
    ------
    topwork.errors.BackboneError
        It is a video, and the extra ``video`` is not installed.
    """
    if address.kind == "folder":
        return GrowingFolder(Path(address.url), known=known, poll_s=POLL_S)
    require_video()
    if address.kind == "file":
        return VideoFile(address, as_live=as_live)
    return LiveStream(address, stall_s=stall_s)
