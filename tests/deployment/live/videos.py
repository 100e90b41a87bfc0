"""Real videos, written by the tests themselves, and a recogniser of their colours."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from topwork.deployment.live.recognition.recogniser import ClassScores

Pixels = NDArray[np.uint8]
COLOURS = {"red": (200, 30, 30), "green": (30, 190, 40), "blue": (30, 40, 210)}


def plain(colour: str, *, height: int = 48, width: int = 64) -> Pixels:
    """An image of one colour."""
    image = np.empty((height, width, 3), np.uint8)
    image[:] = COLOURS[colour]
    return image


def moving(n: int, *, height: int = 48, width: int = 64) -> list[Pixels]:
    """Images in which a white square moves over coloured stripes: no two are alike."""
    y, x = np.mgrid[:height, :width]
    found = []
    for i in range(n):
        image = np.stack([3 * x % 256, 4 * y % 256, (x + y) % 256], axis=-1).astype(np.uint8)
        left, top = (5 * i) % (width - 16), (3 * i) % (height - 16)
        image[top : top + 16, left : left + 16] = 255
        found.append(image)
    return found


def write_video(
    file: Path | str,
    images: Iterable[Pixels],
    *,
    times: Sequence[float] | None = None,
    rate: int = 25,
    codec: str = "libx264",
    format: str | None = None,  # noqa: A002  as PyAV calls it
    options: dict[str, str] | None = None,
) -> Path:
    """A video of the images, shown at these times in seconds."""
    import av

    with av.open(str(file), "w", format=format, options=options or {}) as container:
        stream = container.add_stream(codec, rate=rate)
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        if codec == "libx264":
            stream.options = {"preset": "ultrafast", "tune": "zerolatency", "g": str(rate)}
        for i, image in enumerate(images):
            if i == 0:
                stream.height, stream.width = image.shape[:2]
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts = round(1000 * (times[i] if times is not None else i / rate))
            frame.time_base = Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return Path(file)


def turn_clockwise(file: Path) -> Path:
    """Mark an MP4 file to be shown turned by 90° clockwise, as phones do.

    The matrix of the track header (ISO/IEC 14496-12, 8.3.2) takes x to y and y to -x.
    """
    data = bytearray(file.read_bytes())
    start = data.index(b"tkhd") + 4
    assert data[start] == 0, "a header with times of 32 bits"
    one = 1 << 16
    matrix = struct.pack(">9i", 0, one, 0, -one, 0, 0, 0, 0, 1 << 30)
    data[start + 40 : start + 76] = matrix
    file.write_bytes(data)
    return file


class ColourRecogniser:
    """Tells the colours apart; what is black is unknown."""

    labels = tuple(COLOURS)
    threshold = None

    def recognise(self, image: Pixels) -> ClassScores:
        mean = image.reshape(-1, 3).mean(axis=0)
        gaps = np.array([np.abs(mean - colour).sum() for colour in COLOURS.values()])
        weights = np.exp(-(gaps - gaps.min()) / 20)
        probabilities = (weights / weights.sum()).astype(np.float32)
        return ClassScores(probabilities, bool(mean.max() < 25), int(probabilities.argmax()))
