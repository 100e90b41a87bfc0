"""What is sent of inputs."""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from topwork.errors import ParameterError

MAX_ITEMS = 16
MAX_BYTES = 16_000_000
"""Of one request, below what a server takes."""


def sent_item(value: Any, *, inline: bool) -> bytes:
    """The bytes of an item: of a file as it is, of pixels as PNG, of a text in UTF-8.

    Parameters
    ----------
    inline
        Whether a string is a text itself; otherwise it is the path of a file.

    Raises
    ------
    ParameterError
        It is nothing that can be sent.

    Examples
    --------
    >>> sent_item("good", inline=True)
    b'good'
    """
    if isinstance(value, bytes):
        return value
    if isinstance(value, Path) or (isinstance(value, str) and not inline):
        return Path(value).read_bytes()
    if isinstance(value, str):
        return value.encode()
    if inline:
        raise ParameterError(
            f"A text can't be {type(value).__name__}.", remedy="Give strings or paths of files."
        )
    return _png(value)


def _png(value: Any) -> bytes:
    from PIL import Image

    if isinstance(value, np.ndarray):
        if value.dtype != np.uint8:
            raise ParameterError(
                f"An array of {value.dtype} can't be sent.", remedy="Give uint8, or paths of files."
            )
        value = Image.fromarray(value.squeeze(2) if value.shape[2:] == (1,) else value)
    if not isinstance(value, Image.Image):
        raise ParameterError(
            f"An image can't be {type(value).__name__}.",
            remedy="Give paths, bytes, arrays or PIL images.",
        )
    stream = io.BytesIO()
    value.save(stream, "PNG", compress_level=1)
    return stream.getvalue()


def requests_of(inputs: Sequence[Any], *, inline: bool) -> Iterator[list[tuple[str, bytes]]]:
    """Items with their positions as names, as many as one request may hold.

    Examples
    --------
    >>> [len(one) for one in requests_of(["a"] * 20, inline=True)]
    [16, 4]
    """
    waiting: list[tuple[str, bytes]] = []
    size = 0
    for position, value in enumerate(inputs):
        data = sent_item(value, inline=inline)
        if waiting and (len(waiting) == MAX_ITEMS or size + len(data) > MAX_BYTES):
            yield waiting
            waiting, size = [], 0
        waiting.append((str(position), data))
        size += len(data)
    if waiting:
        yield waiting


def form_of(parts: Sequence[tuple[str, bytes]]) -> tuple[bytes, str]:
    """A form with a file in each part, and its content type."""
    boundary = secrets.token_hex(16)
    body = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="item"; filename="{name}"\r\n'
        "\r\n".encode()
        + data
        + b"\r\n"
        for name, data in parts
    )
    end = f"--{boundary}--\r\n".encode()
    return body + end, f"multipart/form-data; boundary={boundary}"
