"""Names of classes as people read them."""

from __future__ import annotations

import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable


def readable(name: str) -> str:
    """A name in the composed form of Unicode (NFC), bytes that are no UTF-8 read as Windows does.

    Two systems may write one name in two forms, which look alike and are different strings.

    Examples
    --------
    >>> readable("He\\u0302tre") == "H\\u00eatre"
    True
    >>> readable("ch\\udce8cks")
    'chècks'
    """
    return unicodedata.normalize("NFC", decoded(name))


def decoded(name: str) -> str:
    """A name whose bytes are no UTF-8, as an archive of another system has them, as text."""
    if not any("\udc80" <= letter <= "\udcff" for letter in name):
        return name
    try:
        return os.fsencode(name).decode("cp1252")
    except UnicodeDecodeError:
        return os.fsencode(name).decode("latin-1")


_NUMBER = re.compile(r"[+-]?[0-9.]+")


def alike(labels: Iterable[object]) -> list[str]:
    """Say which labels differ in case, blanks, hyphens or underscores alone.

    Examples
    --------
    >>> alike(["Cat", "cat", "dog"])
    ["'Cat' and 'cat' differ in case, blanks or hyphens alone. If they are one class, give it one \
name."]
    """
    written: dict[str, list[str]] = defaultdict(list)
    for label in labels:
        if isinstance(label, str) and not _NUMBER.fullmatch(label.strip()):
            written["".join(c for c in label.casefold() if c not in " \t-_")].append(label)
    return [
        f"{' and '.join(repr(name) for name in sorted(names))} differ in case, blanks or hyphens "
        f"alone. If they are one class, give it one name."
        for names in written.values()
        if len(names) > 1
    ]
