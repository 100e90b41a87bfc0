"""A count with its noun."""

from __future__ import annotations


def counted(n: int, one: str, many: str = "") -> str:
    """A count with its noun.

    Examples
    --------
    >>> counted(1, "item"), counted(3000, "class", "classes")
    ('1 item', '3,000 classes')
    """
    return f"{n:,} {one if n == 1 else many or one + 's'}"
