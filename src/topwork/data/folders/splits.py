"""Training and test parts that come with the data."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final, Literal, get_args

from topwork.errors import DataError, ParameterError

Split = Literal["train", "test", "all", "test_or_all"]
SPLITS: Final[tuple[Split, ...]] = get_args(Split)

SPLIT_NAMES: Final = {
    **dict.fromkeys(("train", "training", "val", "valid", "validation", "dev"), "train"),
    **dict.fromkeys(("test", "testing", "eval", "evaluation"), "test"),
}
"""What folders and table entries may say, in lower case, and the part that each joins."""

_FILLING: Final = frozenset(
    ("set", "sets", "data", "dataset", "image", "images", "img", "imgs", "split", "part", "folder")
)
"""Words that say nothing beside the name of a split, such as in ``training_set``."""


def part_of(name: str) -> str:
    """The part that a folder's name says, ``train`` or ``test``; nothing where it says none.

    Examples
    --------
    >>> [part_of(name) for name in ("Training", "test_set", "train data", "trains")]
    ['train', 'test', 'train', '']
    """
    words = [word for word in _words(name) if word not in _FILLING]
    return SPLIT_NAMES.get(words[0], "") if len(words) == 1 else ""


def loose_part_of(name: str) -> str:
    """The same where further words and numbers stand around it, as in ``seg_train`` or ``test1``.

    Examples
    --------
    >>> [loose_part_of(name) for name in ("seg_train", "val2017", "test strips train")]
    ['train', 'train', '']
    """
    said = [SPLIT_NAMES[word] for word in _words(name.rstrip("0123456789")) if word in SPLIT_NAMES]
    return said[0] if len(said) == 1 else ""


def _words(name: str) -> list[str]:
    return [
        word.removesuffix("set") if word.removesuffix("set") in SPLIT_NAMES else word
        for word in re.split(r"[\s_.\-]+", name.strip().lower())
        if word
    ]


def check_split(split: str) -> None:
    """Refuse a split that is not one of `SPLITS`."""
    if split not in SPLITS:
        raise ParameterError(
            f"split is {split!r}, which is not known.", remedy=f"Use one of {', '.join(SPLITS)}."
        )


def requested_parts(split: Split, present: Collection[str], *, source: str) -> frozenset[str]:
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
    >>> sorted(requested_parts("test_or_all", {"train"}, source="photos"))
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
