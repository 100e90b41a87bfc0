"""PyAV: packets become upright RGB images with the stream's own times."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from topwork.data.limits import check_pixels
from topwork.deployment.live.sources.address import Address
from topwork.deployment.live.sources.backlog import MAX_LAG_S, Backlog
from topwork.errors import BadItem, DataError
from topwork.installation import require

if TYPE_CHECKING:
    from topwork.deployment.live.frame import Image, SourceCounts

VIDEO: Final = ("av",)
"""What reading a video needs: the extra ``video``."""

_UNTIMED: Final = frozenset(("mjpeg", "mpjpeg", "h264", "hevc", "m4v", "jpeg_pipe", "png_pipe"))
"""Formats without timestamps, for which FFmpeg makes some up."""


@dataclass(frozen=True, eq=False, slots=True)
class DecodedImage:
    """An image out of a packet.

    Parameters
    ----------
    image
        Upright RGB, uint8 ``(h, w, 3)``.
    time_s
        Its presentation timestamp in seconds; ``None`` where the stream has none.
    arrived
        When the packet that completed it was there, by ``time.monotonic``.
    decode_s
        Seconds that it took.
    """

    image: Image
    time_s: float | None
    arrived: float
    decode_s: float


def require_video() -> None:
    """Check that PyAV is installed.

    Raises
    ------
    topwork.errors.BackboneError
        It is not; the remedy is the command that installs it.
    """
    require("topwork watch", VIDEO)


def open_video(address: Address, *, timeout_s: float | None = None, low_delay: bool = False) -> Any:
    """The container behind an address, with a first video stream that is ready to be decoded.

    Parameters
    ----------
    timeout_s
        After how many seconds without data opening and reading fail; ``None``: never.
    low_delay
        Whether every frame is wanted at once; otherwise threads work on several.

    Raises
    ------
    av.error.FFmpegError
        It can't be opened.
    DataError
        It has no video.
    """
    import av

    av.logging.set_level(None)
    container = av.open(
        address.url,
        format=address.format,
        options=dict(address.options),
        timeout=timeout_s,
        metadata_errors="replace",
    )
    if not container.streams.video:
        container.close()
        raise DataError(
            f"{address.name} has no video in it.",
            remedy="Give a file or stream with video.",
            code="no_video",
        )
    stream = container.streams.video[0]
    stream.thread_type = "SLICE" if low_delay else "AUTO"
    return container


def decode(
    container: Any,
    counts: SourceCounts,
    *,
    due: Callable[[Any], float] | None = None,
    backlog: Backlog | None = None,
) -> Iterator[DecodedImage]:
    """Every image of the first video stream; what can't be decoded is counted and left out.

    Parameters
    ----------
    counts
        Where it is counted.
    due
        Says when a packet arrived, and may wait until then; now by default.
    backlog
        Where decoding has fallen too far behind, packets up to the next key frame are skipped, and
        counted as received and dropped; by default none is.

    Raises
    ------
    av.error.FFmpegError
        Reading failed.
    """
    from av.error import FFmpegError

    timed = not _UNTIMED & set(container.format.name.split(","))
    skipping, begun = False, time.monotonic()
    for packet in container.demux(container.streams.video[0]):
        now = time.monotonic()
        if backlog is not None and packet.dts is not None:
            stamp = float(packet.dts * packet.time_base)
            behind = backlog.lag(stamp, now, waited_s=now - begun) > MAX_LAG_S
            skipping = (skipping or behind) and not packet.is_keyframe
            if skipping:
                counts.received += 1
                counts.dropped += 1
                begun = time.monotonic()
                continue
        arrived = now if due is None else due(packet)
        begun = time.monotonic()
        try:
            frames = packet.decode()
        except FFmpegError:
            counts.undecodable += 1
            continue
        for frame in frames:
            if frame.is_corrupt or not _fits(frame):
                counts.undecodable += 1
                continue
            image = upright(frame)
            seconds = frame.time if timed and frame.pts is not None else None
            yield DecodedImage(image, seconds, arrived, time.monotonic() - begun)
            begun = time.monotonic()


def _fits(frame: Any) -> bool:
    """Whether an image has no more pixels than any image may have."""
    try:
        check_pixels(frame.width, frame.height)
    except BadItem:
        return False
    return True


def upright(frame: Any) -> Image:
    """The RGB image of a PyAV frame, turned as its display matrix says."""
    image: Image = frame.to_ndarray(format="rgb24")
    # FFmpeg counts degrees anticlockwise, like numpy
    quarters = round(frame.rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(image, quarters)) if quarters else image
