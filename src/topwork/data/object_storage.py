"""Files in object storage, by addresses such as ``s3://bucket/folder/image.jpg``.

Credentials come from the environment of the process that reads, as the provider's own tools take
them, and are nowhere in an address.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

from topwork.errors import BadItem

_ADDRESS: Final = re.compile(r"(s3|gs|abfs|abfss):/{1,2}([^/@?#]+/[^?#]*[^/?#])")
"""A `Path` keeps one slash of two."""


def is_object(path: str | Path) -> bool:
    """Whether this is the address of an object.

    Examples
    --------
    >>> is_object("s3://bucket/a.jpg"), is_object("https://host/a.jpg"), is_object("s3/a.jpg")
    (True, False, False)
    """
    return _ADDRESS.fullmatch(str(path)) is not None


def read_object(path: str | Path, size: int | None = None) -> bytes:
    """An object, or its first bytes.

    Raises
    ------
    topwork.errors.BadItem
        ``missing`` or ``unreadable``.
    """
    with _reading(path) as (files, place), files.open_input_stream(place) as stream:
        data: bytes = stream.read(size)
    return data


def object_size(path: str | Path) -> int:
    """The bytes of an object.

    Raises
    ------
    topwork.errors.BadItem
        ``missing`` or ``unreadable``.
    """
    with _reading(path) as (files, place):
        size: int | None = files.get_file_info(place).size
        if size is None:
            raise FileNotFoundError
    return size


@contextmanager
def _reading(path: str | Path) -> Iterator[tuple[Any, str]]:
    """The file system of an address and the place there; what goes wrong inside rejects an item."""
    found = _ADDRESS.fullmatch(str(path))
    assert found is not None
    scheme, place = found.groups()
    try:
        yield _file_system(scheme, place.split("/")[0]), place
    except FileNotFoundError as error:
        raise BadItem("missing", "there is no such object") from error
    except OSError as error:
        raise BadItem("unreadable", f"{type(error).__name__} of the object storage") from error


@cache
def _file_system(scheme: str, bucket: str) -> Any:
    from pyarrow import fs

    if scheme == "s3":  # from_uri would ask Amazon for the region of a bucket, wherever it is
        endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
        region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
        return fs.S3FileSystem(endpoint_override=endpoint, region=region)
    return fs.FileSystem.from_uri(f"{scheme}://{bucket}")[0]
