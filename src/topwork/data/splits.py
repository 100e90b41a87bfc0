"""Training and test parts that come with the data."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, Literal, get_args

from topwork.errors import DataError, ParameterError

Split = Literal["train", "test", "all", "test_or_all"]
SPLITS: Final[tuple[Split, ...]] = get_args(Split)

SPLIT_NAMES: Final = {
    "train": "train",
    "val": "train",
    "valid": "train",
    "validation": "train",
    "test": "test",
}
"""What folders and table entries may say, in lower case, and the part that each joins."""


def check_split(split: str) -> None:
    """Refuse a split that is not one of `SPLITS`."""
    if split not in SPLITS:
        raise ParameterError(
            f"split is {split!r}, which is not known.", remedy=f"Use one of {', '.join(SPLITS)}."
        )


def wanted_parts(split: Split, present: Collection[str], *, source: str) -> frozenset[str]:
    """Decide which parts of a source to read.

    Parameters
    ----------
    split
        What the caller asked for.
    present
        ``train``, ``test``, both, or neither where the source knows no parts and is read whole.
    source
        For the error message.

    Raises
    ------
    topwork.errors.DataError
        If the part asked for is not there.

    Examples
    --------
    >>> sorted(wanted_parts("test_or_all", {"train"}, source="photos"))
    ['train']
    """
    if split == "all" or (split == "test_or_all" and "test" not in present):
        return frozenset(present)
    part = "test" if split == "test_or_all" else split
    if part in present:
        return frozenset({part})
    if present:
        raise DataError(
            f"{source} has no {part} part; it has only {' and '.join(sorted(present))}.",
            remedy=f"Add a {part} part, or give the data without any.",
        )
    if part == "test":
        raise DataError(
            f"{source} has no test part; it has no parts at all.",
            remedy="Put the data for the test into a part of their own, called test.",
        )
    return frozenset()


def part_read(parts: Collection[str]) -> str:
    """Name what was read: one part by its name, several or none as ``all``."""
    return next(iter(parts)) if len(parts) == 1 else "all"
