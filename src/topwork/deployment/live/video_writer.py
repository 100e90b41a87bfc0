"""A video of what was recognised, which a browser plays: H.264 in MP4, its index in front."""

from __future__ import annotations

import os
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np

from topwork.deployment.live.drawing import drawn
from topwork.deployment.live.events import Event
from topwork.deployment.live.recognised_frame import RecognisedFrame
from topwork.deployment.live.sources.decoding import require_video
from topwork.errors import ParameterError

_TICKS: Final = 90_000
"""Timestamps per second."""

_RATE: Final = 25
"""Frames per second that the encoder plans with; what counts are the timestamps."""

_SIGNED: Final = "topwork watch"
"""The comment in files that may be written again."""


class VideoWriter:
    """Writes each frame when it is there, with its own time.

    The file appears when it is complete. Frames of another size than the first are fitted into it.

    Parameters
    ----------
    file
        An MP4 file.

    Raises
    ------
    ParameterError
        Something else is there, or the name is that of another format.
    """

    def __init__(self, file: Path) -> None:
        require_video()
        if file.suffix.lower() != ".mp4":
            raise ParameterError(
                f"{file} would be an MP4 video under another name.",
                remedy=f"Name it {file.with_suffix('.mp4')}.",
            )
        if file.exists() and not _is_ours(file):
            raise ParameterError(
                f"{file} exists and was not written by topwork, so it is left as it is.",
                remedy="Choose another name, or remove the file first.",
                code="would_overwrite",
            )
        self._file = file
        self._draft = file.with_name(f".{file.stem}-{os.getpid()}.mp4")
        self._container: Any = None
        self._stream: Any = None
        self._first_s = 0.0
        self._last = -1

    def event(self, event: Event) -> None:
        """Events are no frames."""

    def frame(self, recognised: RecognisedFrame) -> None:
        """Write one."""
        import av

        image = drawn(recognised)
        if self._container is None:
            self._first_s = recognised.time_s
            self._open(image.width, image.height)
        if image.size != (self._stream.width, self._stream.height):
            image = _fitted(image, self._stream.width, self._stream.height)
        frame = av.VideoFrame.from_ndarray(np.asarray(image), format="rgb24")
        self._last = max(self._last + 1, round((recognised.time_s - self._first_s) * _TICKS))
        frame.pts, frame.time_base = self._last, Fraction(1, _TICKS)
        self._container.mux(self._stream.encode(frame))

    def close(self) -> None:
        """Complete the file."""
        if self._container is None:
            return
        self._container.mux(self._stream.encode())
        self._container.close()
        self._container = None
        self._draft.replace(self._file)

    def _open(self, width: int, height: int) -> None:
        import av

        self._container = av.open(
            str(self._draft), "w", format="mp4", options={"movflags": "+faststart"}
        )
        self._container.metadata["comment"] = _SIGNED
        stream = self._container.add_stream("libx264", rate=_RATE)
        # chroma has half the resolution, so that sides must be even
        stream.width, stream.height = max(2, width // 2 * 2), max(2, height // 2 * 2)
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, _TICKS)
        stream.codec_context.thread_count = 1  # the other cores are for the network
        stream.options = {"preset": "veryfast", "crf": "23"}
        self._stream = stream


def _fitted(image: Any, width: int, height: int) -> Any:
    """An image of any size: odd sides lose a line, others are padded."""
    from PIL.ImageOps import pad

    if image.width // 2 * 2 == width and image.height // 2 * 2 == height:
        return image.crop((0, 0, width, height))
    return pad(image, (width, height))


def _is_ours(file: Path) -> bool:
    import av

    with suppress(av.error.FFmpegError), av.open(str(file)) as container:
        return bool(container.metadata.get("comment") == _SIGNED)
    return False
