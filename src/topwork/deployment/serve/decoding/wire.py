"""What a server and its decoders say to each other: JSON after its length, then plain bytes.

Nothing is unpickled: a decoder that a file took over can give wrong pixels, and no more.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, BinaryIO, Final

import numpy as np

from topwork.data import MODALITIES, Content, Modality
from topwork.data.appearance import Appearance
from topwork.data.preprocessing.framing import Framing

_LENGTH: Final = struct.Struct("!I")
_MAX_HEADER: Final = 65_536
_MAX_SIDE: Final = 65_536


def send_request(stream: BinaryIO, kind: Modality, content: Content, framing: Framing) -> None:
    """Ask for an image.

    Parameters
    ----------
    content
        With the bytes of a file.
    """
    assert isinstance(content.data, bytes)
    said = {
        "kind": kind.name,
        "appearance": None if kind.appearance is None else asdict(kind.appearance),
        "framing": asdict(framing),
        "frame": content.frame,
        "size": len(content.data),
    }
    _send(stream, said, content.data)


def receive_request(stream: BinaryIO) -> tuple[Modality, Content, Framing]:
    """What is asked for.

    Raises
    ------
    EOFError
        Nobody asks any more.
    """
    said = _header(stream)
    look, framing = said["appearance"], said["framing"]
    kind = MODALITIES[said["kind"]]
    if look is not None:
        levels = look["levels"]
        look["levels"] = None if levels is None else tuple(levels)
        kind = kind.with_appearance(Appearance(**look))
    framing["window"] = tuple(framing["window"])
    data = bytes(_exactly(stream, said["size"]))
    return kind, Content(b"", data, said["frame"]), Framing(**framing)


def send_pixels(stream: BinaryIO, pixels: np.ndarray) -> None:
    """Answer with uint8 ``(h, w, 3)``."""
    _send(stream, {"shape": pixels.shape}, np.ascontiguousarray(pixels).data.cast("B"))


def send_words(stream: BinaryIO, **said: Any) -> None:
    """Answer with something else."""
    _send(stream, said, b"")


def receive_answer(stream: BinaryIO) -> np.ndarray | Mapping[str, Any]:
    """Pixels, or what was said instead.

    Raises
    ------
    EOFError
        The other side ended.
    """
    said = _header(stream)
    if "shape" not in said:
        return said
    shape = said["shape"]
    if len(shape) != 3 or shape[2] != 3 or not all(0 < side <= _MAX_SIDE for side in shape):
        raise EOFError
    pixels: np.ndarray = np.empty(shape, np.uint8)
    _into(stream, pixels.data.cast("B"))
    return pixels


def _send(stream: BinaryIO, said: Mapping[str, Any], data: bytes | memoryview) -> None:
    header = json.dumps(said).encode()
    stream.write(_LENGTH.pack(len(header)) + header)
    stream.write(data)
    stream.flush()


def _header(stream: BinaryIO) -> dict[str, Any]:
    (length,) = _LENGTH.unpack(_exactly(stream, _LENGTH.size))
    if length > _MAX_HEADER:
        raise EOFError
    said: dict[str, Any] = json.loads(_exactly(stream, length))
    return said


def _exactly(stream: BinaryIO, n: int) -> bytearray:
    found = bytearray(n)
    _into(stream, memoryview(found))
    return found


def _into(stream: BinaryIO, place: memoryview) -> None:
    while place:
        n = stream.readinto(place)  # type: ignore[attr-defined]
        if not n:
            raise EOFError
        place = place[n:]
