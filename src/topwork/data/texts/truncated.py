"""How texts that exceed a network's maximum length are reported."""

from __future__ import annotations

from topwork.runtime.counted import counted


def truncated(n: int) -> str:
    """How many texts were truncated, as a sentence without its full stop.

    Examples
    --------
    >>> truncated(1)
    '1 text exceeds the maximum length and was truncated'
    """
    return counted(
        n,
        "text exceeds the maximum length and was truncated",
        "texts exceed the maximum length and were truncated",
    )
