"""Settings of the process that other processes take over."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def with_variable(name: str, value: str) -> Iterator[None]:
    """A variable of the environment has this value until this ends.

    Examples
    --------
    >>> with with_variable("TOPWORK_EXAMPLE", "1"):
    ...     os.environ["TOPWORK_EXAMPLE"]
    '1'
    >>> "TOPWORK_EXAMPLE" in os.environ
    False
    """
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
