"""Between which values a graph wants its pixels, as its name tells it."""

from __future__ import annotations

from typing import Final

RANGES: Final = {
    "0..1": ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
    "0..255": ((0.0, 0.0, 0.0), (1 / 255, 1 / 255, 1 / 255)),
    "-1..1": ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
}
"""Mean and deviation, for values in 0..1, that make these of them."""

BYTES: Final = "0..255"
UNIT: Final = "0..1"


def split_range(name: str) -> tuple[str, str | None]:
    """What stands before the ``/``, and the range behind it, if there is one.

    Examples
    --------
    >>> split_range("mobilenet/-1..1"), split_range("mobilenet")
    (('mobilenet', '-1..1'), ('mobilenet', None))
    """
    bare, slash, told = name.rpartition("/")
    return (bare, told) if slash and ".." in told else (name, None)
