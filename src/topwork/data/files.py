"""Reading a file of the user's as it is."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from topwork.data.limits import check_bytes
from topwork.data.object_storage import is_object, object_size, read_object
from topwork.errors import BadItem, ParameterError


def read_file(path: Path, *, most: int | None = None) -> bytes:
    """Read a file that is one, and not too large; nothing else is so much as opened.

    Parameters
    ----------
    most
        Bytes that it may have, where that is less than any file may.

    Raises
    ------
    topwork.errors.BadItem
        With one of `topwork.data.REASONS`.
    """
    if is_object(path):
        return _read_object(path, most)
    try:
        status = os.stat(path)  # noqa: PTH116 (half the price of Path.stat)
        if not stat.S_ISREG(status.st_mode):
            raise BadItem("not_a_file", f"it is a {_kind_of(status.st_mode)}")
        if status.st_size == 0:
            raise BadItem("empty")
        check_bytes(status.st_size, most)
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 (the same)
            return file.read()
    except ParameterError:
        raise
    except (FileNotFoundError, NotADirectoryError) as error:
        raise BadItem("missing", error.strerror or "") from error
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        raise BadItem("unreadable", getattr(error, "strerror", None) or str(error)) from error


def _read_object(path: Path, most: int | None) -> bytes:
    size = object_size(path)
    if size == 0:
        raise BadItem("empty")
    check_bytes(size, most)
    return read_object(path)


def checked_size(data: bytes, *, most: int | None = None) -> bytes:
    """What a file held, in memory already.

    Raises
    ------
    topwork.errors.BadItem
        ``empty`` or ``too_large``.
    """
    if not data:
        raise BadItem("empty")
    check_bytes(len(data), most)
    return data


def read_head(path: Path, size: int) -> bytes:
    """Read the first bytes of a file that is one.

    Raises
    ------
    topwork.errors.BadItem
        ``unreadable``, for whatever reason.
    """
    if is_object(path):
        return read_object(path, size)
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116 (as above)
            raise BadItem("not_a_file")
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 (the same)
            return file.read(size)
    except (OSError, ValueError) as error:
        raise BadItem("unreadable", str(error)) from error


def _kind_of(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "folder"
    if stat.S_ISFIFO(mode):
        return "pipe"
    if stat.S_ISSOCK(mode):
        return "socket"
    return "device"
