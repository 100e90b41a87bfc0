"""Labels: what a column of text says, and which labels of two sources are the same."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Final, TypeAlias

Label: TypeAlias = str | int | float | bool

_NUMBER: Final = re.compile(r"[+-]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WHOLE: Final = re.compile(r"(-?(?:0|[1-9][0-9]*))(\.0+)?")
_MISSING: Final = frozenset(("nan", "n/a", "#n/a", "<na>", "null", "none"))
"""What programs write where nothing is."""

_CODE: Final = re.compile(r"0[0-9]+")
_TRUTH: Final = frozenset(("true", "false"))
_LARGEST: Final = 2.0**53
"""Up to here every whole number is a float of its own."""


def read_labels(cells: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """Labels out of a column of text, and sentences about what was changed.

    Blanks around a label are no part of it. Where all labels are whole numbers, or one is there in
    both ways, those with a point (``1.0``, as programs write them beside a gap) lose it, unless
    codes such as ``01`` say that spelling counts. Where all are ``true`` or ``false`` in several
    cases (``TRUE`` beside ``True``), they are written small.

    Parameters
    ----------
    cells
        n labels, none of them blank.

    Examples
    --------
    >>> read_labels(["1.0", "2.0", "1.0"])
    (['1', '2', '1'], ('Labels like 1.0 are whole numbers and were read as 1.',))
    >>> read_labels(["1", "01", "1.0"])
    (['1', '01', '1.0'], ())
    """
    labels = [cell.strip() for cell in cells]
    hints = []
    stripped = sum(label != cell for label, cell in zip(labels, cells, strict=True))
    if stripped:
        hints.append(f"Blanks around {stripped} of {len(cells)} labels were removed.")
    whole = [_WHOLE.fullmatch(label) for label in labels]
    written = next((match for match in whole if match and match[2]), None)
    plain = {match[1] for match in whole if match and not match[2]}
    coded = any(_CODE.fullmatch(label) for label in labels)  # 01 beside 1: spelling counts
    twice = not coded and any(m[1] in plain for m in whole if m and m[2])
    if written and (twice or all(whole)):
        labels = [
            _without_zero(match[1]) if match else label
            for match, label in zip(whole, labels, strict=True)
        ]
        hints.append(
            f"Labels like {written[0]} are whole numbers and were read as "
            f"{_without_zero(written[1])}."
        )
    elif _several_cases(labels):
        labels = [label.lower() for label in labels]
        hints.append("Labels that say true or false in several cases were read as one of each.")
    missing = Counter(label for label in labels if label.lower() in _MISSING)
    hints += [
        f"{n} {'label says' if n == 1 else 'labels say'} {label!r} and "
        f"{'is' if n == 1 else 'are'} taken for a class; leave the cell empty where a label "
        "is missing."
        for label, n in missing.items()
    ]
    return labels, tuple(hints)


def _without_zero(number: str) -> str:
    return "0" if number == "-0" else number


def _several_cases(labels: Sequence[str]) -> bool:
    distinct = set(labels)
    small = {label.lower() for label in distinct}
    return small <= _TRUTH and len(small) < len(distinct)


def label_key(label: Label) -> str:
    """What labels of several sources are compared by: equal for those that mean the same.

    Examples
    --------
    >>> label_key("True") == label_key(True), label_key("1.0") == label_key(1)
    (True, True)
    >>> label_key("01") == label_key(1), label_key("Cat") == label_key("cat")
    (False, False)
    """
    text = unicodedata.normalize("NFC", str(label)).strip()
    if text.lower() in _TRUTH:
        return text.lower()
    if _NUMBER.fullmatch(text):
        number = float(text)
        return str(int(number)) if number.is_integer() and abs(number) < _LARGEST else repr(number)
    return text


def match_labels(theirs: Sequence[Label], ours: Sequence[Label]) -> list[int]:
    """The position in ``ours`` of each of ``theirs``, -1 where it isn't there.

    What is written alike is the same; else what has the same `label_key`, if only one of ours has.

    Examples
    --------
    >>> match_labels(["True", "maybe"], [False, True]), match_labels(["1.0"], ["1", "01"])
    ([1, -1], [0])
    """
    written = {str(label): place for place, label in enumerate(ours)}
    keys = [label_key(label) for label in ours]
    counts = Counter(keys)
    meant = {key: place for place, key in enumerate(keys) if counts[key] == 1}
    return [written.get(str(label), meant.get(label_key(label), -1)) for label in theirs]
