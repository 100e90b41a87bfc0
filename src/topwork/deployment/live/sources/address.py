"""What the user means by a source."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit, urlunsplit

from topwork.errors import DataError, ParameterError

AddressKind = Literal["file", "folder", "camera", "stream"]

SCHEMES: Final = ("rtsp", "rtsps", "http", "https", "tcp", "udp", "rtmp", "rtmps", "srt")
"""Protocols of streams that may be named."""

_REMEDY: Final = (
    "Give a video file, a folder, camera:0, or an address that begins with "
    f"{', '.join(f'{scheme}://' for scheme in SCHEMES[:4])}."
)
_FINITE: Final = (".mp4", ".mkv", ".mov", ".webm", ".avi")
"""Endings of addresses behind which a file lies, no live stream."""

_SYNTHETIC: Final = "lavfi:"
_CAMERA: Final = "camera"

# Without these the first frame comes after five seconds of looking.
_PROMPT: Final = {"analyzeduration": "1000000", "fpsprobesize": "0"}


_LISTEN_S: Final = "86400"
"""Seconds that a sender is waited for; FFmpeg's own default is out of its range."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where frames come from, as FFmpeg is told.

    Parameters
    ----------
    kind
        ``file`` ends by itself; ``folder``, ``camera`` and ``stream`` don't.
    name
        What outputs call it: without a password.
    url
        What is opened.
    format
        FFmpeg's name of the format, where it can't tell from the data.
    options
        FFmpeg's options for opening it.
    listens
        Whether the sender connects to us, so that waiting for it is no failure.
    """

    kind: AddressKind
    name: str
    url: str
    format: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    listens: bool = False


def address_of(source: str | int | Path, *, platform: str = sys.platform) -> Address:
    """What a source on the command line or in Python means.

    Parameters
    ----------
    source
        A video file, a folder, ``camera``, ``camera:NUMBER`` or a number, ``/dev/video0``, the
        address of a stream, or ``lavfi:GRAPH`` for images that FFmpeg draws.
    platform
        As ``sys.platform``: cameras are called differently.

    Raises
    ------
    DataError
        There is no such file.
    ParameterError
        It is nothing that can be watched.

    Examples
    --------
    >>> address_of("rtsp://user:secret@10.0.0.7/live").name
    'rtsp://10.0.0.7/live'
    >>> address_of(0, platform="linux").url
    '/dev/video0'
    """
    text = f"{_CAMERA}:{source}" if isinstance(source, int) else str(source)
    if text.startswith(_SYNTHETIC):
        return Address("file", text, text.removeprefix(_SYNTHETIC), format="lavfi")
    if text == _CAMERA or text.startswith((f"{_CAMERA}:", "/dev/video")):
        return _camera(text, platform)
    scheme, there, _ = text.partition("://")
    if there:
        return _stream(text, scheme.lower())
    return _on_disk(text)


def _on_disk(text: str) -> Address:
    path = Path(text)
    try:
        kind: AddressKind = "folder" if path.is_dir() else "file"
        there = bool(text) and path.exists()
    except (OSError, ValueError):  # too long for a name, or a zero byte
        there = False
    if not there:
        raise DataError(f"There is no {text!r} to watch.", remedy=_REMEDY, code="no_source")
    # an absolute path, so that FFmpeg sees no protocol in names like "a:b.mp4"
    return Address(kind, text, str(path.absolute()))


def _camera(text: str, platform: str) -> Address:
    which = text.removeprefix(_CAMERA).removeprefix(":") or "0"
    device = which.startswith("/dev/")
    if platform == "darwin":
        return Address("camera", text, f"{which}:none", "avfoundation", {"framerate": "30"})
    if platform == "win32":
        return Address("camera", text, f"video={which}", "dshow")
    return Address("camera", text, which if device else f"/dev/video{which}", "v4l2")


def _stream(text: str, scheme: str) -> Address:
    if scheme not in SCHEMES:
        raise ParameterError(
            f"{without_password(text)} begins with {scheme}://, which is not supported.",
            remedy=_REMEDY,
            code="no_source",
        )
    if scheme in ("http", "https") and urlsplit(text).path.lower().endswith(_FINITE):
        return Address("file", without_password(text), text)
    options, url, listens = dict(_PROMPT), text, False
    listening = re.search(r"[?&]listen(=1)?$", text)
    if listening:
        listens = True
    if scheme.startswith("rtsp"):
        options["rtsp_transport"] = "tcp"  # over UDP packets get lost
        if listening:
            options |= {"rtsp_flags": "listen", "listen_timeout": _LISTEN_S}
            url = text[: listening.start()]
    return Address("stream", without_password(text), url, None, options, listens)


def without_password(url: str) -> str:
    """An address without the user's name and password.

    Examples
    --------
    >>> without_password("rtsp://user:secret@camera.local:554/live?channel=1")
    'rtsp://camera.local:554/live?channel=1'
    """
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
