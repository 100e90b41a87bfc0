"""Labels that are no classes: numbers to be predicted, and several labels in one cell."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from topwork.data.targets.label_values import Label

_NUMBER: Final = re.compile(
    r"[$€£]?\s*([+-]?[0-9]+(?:[.,][0-9]+)*(?:[eE][+-]?[0-9]+)?)(\s?[^\W\d]{1,5}|\s*[%€$£])?"
)
_CODE: Final = re.compile(r"[+-]?0[0-9]+")
"""Digits after a zero are a code (``01``), not a number."""

_LIST: Final = re.compile(r"\[.*\]|\(.*\)|\{.*\}")
"""How programs write lists."""

_SEPARATED: Final = re.compile(r""",|^\[['"]""")
"""What tells a list from a name in brackets."""

_MIN = 10
"""Distinct numbers, fewer of which are taken for classes."""

_MANY = 30
"""Distinct fractions, so many of which are no classes however often each is there."""

_MAX_OTHERS = 0.1
"""Share of items whose label is no number, such as "unknown", among numbers that are no classes."""

_ITEMS_PER_NUMBER = 5.0
"""Fewer items per distinct number, and the numbers are no classes."""

_STRONG: Final = (";", "|")
"""What separates labels and is seldom part of a name."""

_WEAK: Final = (",", " ", "+", "/", "&")
"""What separates labels, and is part of many a name."""


_LONGEST: Final = 60
"""Characters of a label that a sentence names."""


@dataclass(frozen=True, slots=True)
class LabelTypeIssue:
    """Why labels may not be classes.

    Parameters
    ----------
    message
        What was seen.
    remedy
        What to do about it.
    code
        ``numbers`` or ``several_labels``.
    certain
        Whether they surely are no classes.
    separator
        What separates several labels; empty for numbers.
    """

    message: str
    remedy: str
    code: str
    certain: bool = True
    separator: str = ""


def check_label_type(labels: Sequence[Label], counts: np.ndarray) -> LabelTypeIssue | None:
    """Tell numbers and several labels an item from classes.

    Parameters
    ----------
    labels
        k distinct labels.
    counts
        int (k,): the items of each.

    Examples
    --------
    >>> check_label_type([0.37 * i for i in range(160)], np.ones(160, int)).code
    'numbers'
    >>> check_label_type(["a;urgent", "a", "b;urgent", "b"], np.full(4, 9)).code
    'several_labels'
    >>> check_label_type(range(100), np.full(100, 3)) is None
    True
    """
    held = counts > 0
    present = [label for label, here in zip(labels, held, strict=True) if here]
    return _check_numbers(present, counts[held]) or _check_single(present)


def _check_numbers(labels: Sequence[Label], counts: np.ndarray) -> LabelTypeIssue | None:
    values = [_number(label) for label in labels]
    numbers = [value for value in values if value is not None]
    written = np.array([value is not None for value in values], bool)
    k, n = len(numbers), int(counts.sum())
    if k < _MIN or counts[~written].sum() > _MAX_OTHERS * n:
        return None
    labels = [label for label, is_number in zip(labels, written, strict=True) if is_number]
    counts, n_items = counts[written], n
    n = int(counts.sum())
    if len({_unit(label) for label in labels}) > 1:
        return None
    few = n < _ITEMS_PER_NUMBER * k
    whole = all(value.is_integer() for value in numbers)
    if whole and (_counted_through(numbers) or _evenly(counts)):
        return None
    if not few and (whole or k < _MANY):
        return None
    return LabelTypeIssue(
        f"The labels are {k} different numbers for {n_items} items, such as {labels[0]} and "
        f"{labels[k // 2]}: numbers to predict, not classes.",
        "Predict them with --task number (ImageRegressor, TextRegressor), or name another column "
        "with --columns label=NAME; if they are names of classes, say so with --task classes, or "
        "write them as words (class 7).",
        "numbers",
    )


def _unit(label: Label) -> str:
    """What stands behind a number, such as kg."""
    match = _NUMBER.fullmatch(label) if isinstance(label, str) else None
    return (match[2] or "").strip() if match else ""


def _number(label: Label) -> float | None:
    if isinstance(label, bool):
        return None
    if isinstance(label, (int, float)):
        return float(label) if math.isfinite(label) else None
    match = _NUMBER.fullmatch(label)
    if match is None or _CODE.fullmatch(match[1]):
        return None
    whole, point, rest = match[1].replace(",", ".").rpartition(".")
    return float(whole.replace(".", "") + point + rest)


def _counted_through(numbers: Sequence[float]) -> bool:
    """Whether they are n, n + 1, n + 2, ... as classes are numbered."""
    return all(b - a == 1 for a, b in pairwise(sorted(numbers)))


def _evenly(counts: np.ndarray) -> bool:
    """Whether each has the same number of items, at least two, as somebody chose them."""
    return bool(counts.min() >= 2 and counts.min() == counts.max())


def _check_single(labels: Sequence[Label]) -> LabelTypeIssue | None:
    texts = [label for label in labels if isinstance(label, str)]
    written = [text for text in texts if _LIST.fullmatch(text)]
    if 2 * len(written) > len(texts) and any(_SEPARATED.search(text) for text in written):
        sets = [_tags(re.sub(r"[\[\](){}'\"]", "", text), ",") for text in texts]
        return _several(written, sets, ",", certain=True)
    for separator in (*_STRONG, *_WEAK):
        holding = [text for text in texts if separator in text.strip()]
        if not holding:
            continue
        sets = [_tags(text, separator) for text in texts]
        swapped = _in_any_order(sets)
        tagged = _combined(sets) and _free(sets)
        if separator in _STRONG:
            certain = doubtful = swapped or _free(sets)
        else:  # part of many a name: one pair of swapped words is no proof
            certain = swapped and tagged
            doubtful = swapped or (separator in _WEAK[:2] and tagged)
        if doubtful or (separator == "," and _crossed(sets)):
            return _several(holding, sets, separator, certain=certain)
    return None


def _tags(text: str, separator: str) -> tuple[str, ...]:
    return tuple(tag.strip() for tag in text.split(separator) if tag.strip())


def _in_any_order(sets: Sequence[tuple[str, ...]]) -> bool:
    """Whether the same tags are there in two orders."""
    return len({frozenset(tags) for tags in sets}) < len(set(sets))


def _free(sets: Sequence[tuple[str, ...]]) -> bool:
    """Whether a tag comes after different ones: in a hierarchy (animal;bird) none does."""
    before: dict[str, tuple[str, ...]] = {}
    return any(
        before.setdefault(tag, tags[:place]) != tags[:place]
        for tags in sets
        for place, tag in enumerate(tags)
    )


def _combined(sets: Sequence[tuple[str, ...]]) -> bool:
    """Whether few tags make many labels."""
    return len(sets) >= 1.5 * len({tag for tags in sets for tag in tags})


def _crossed(sets: Sequence[tuple[str, ...]]) -> bool:
    """Whether two tags of one label are each there with others, too."""
    beside: dict[str, set[str]] = {}
    for tags in sets:
        for tag in tags:
            beside.setdefault(tag, set()).update(other for other in tags if other != tag)
    return any(sum(len(beside[tag]) > 1 for tag in tags) > 1 for tags in sets)


def _several(
    holding: Sequence[str], sets: Sequence[tuple[str, ...]], separator: str, *, certain: bool
) -> LabelTypeIssue:
    names = sorted({tag for tags in sets for tag in tags})
    shown = ", ".join(map(_short, names[:3])) + (", ..." if len(names) > 3 else "")
    first = repr(_short(holding[0]))
    return LabelTypeIssue(
        f"{len(holding)} of {len(sets)} labels hold {separator!r}, such as {first}: several "
        f"labels per item ({shown})?",
        "Predict them with --task labels (ImageTagger, TextTagger); or, if "
        f"{first} is one class, say so with --task classes.",
        "several_labels",
        certain,
        separator,
    )


def list_separator(text: str) -> str:
    """What separates the entries of a list that a program wrote; empty where it is none.

    Examples
    --------
    >>> list_separator("['a', 'b']"), list_separator("a, b")
    (',', '')
    """
    return "," if _LIST.fullmatch(text) else ""


def stripped_list(text: str) -> str:
    """A list that a program wrote, without what it stands between.

    Examples
    --------
    >>> stripped_list("['a', 'b']"), stripped_list("a (b)")
    ("'a', 'b'", 'a (b)')
    """
    return text[1:-1] if _LIST.fullmatch(text) else text


def _short(label: str) -> str:
    """A label as a sentence names it, which may be a whole text."""
    return label if len(label) <= _LONGEST else f"{label[: _LONGEST - 3].rstrip()}..."
