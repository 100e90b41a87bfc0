"""Which script a text is written in."""

from __future__ import annotations

import unicodedata
from collections import Counter
from functools import lru_cache
from typing import Final

MOSTLY: Final = 0.9
"""The part of a text's letters that is of one script, or the text is mixed."""

_LOOKED_AT: Final = 2_000
_OTHER_NAMES: Final = {"Cjk": "Han", "Halfwidth": "Katakana", "Fullwidth": "Latin"}
_JAPANESE: Final = frozenset(("Han", "Hiragana", "Katakana", "Katakana-hiragana"))


def script_of(text: str) -> str:
    """``Latin``, ``Cyrillic``, ``Han`` ..., ``mixed``, ``emoji only`` or ``no letters``.

    Examples
    --------
    >>> [script_of(text) for text in ("good 👍", "хорошо", "good хорошо", "👍👍", "42 %")]
    ['Latin', 'Cyrillic', 'mixed', 'emoji only', 'no letters']
    >>> script_of("日本のテキスト")
    'Japanese'
    """
    counts = Counter(filter(None, map(_script, text[:_LOOKED_AT])))
    if not counts:
        signs = [c for c in text[:_LOOKED_AT] if not c.isspace()]
        emoji = any(_emoji(c) for c in signs) and not any(c.isalnum() for c in signs)
        return "emoji only" if emoji else "no letters"
    if counts.keys() <= _JAPANESE and len(counts) > 1:
        return "Japanese"
    script, n = counts.most_common(1)[0]
    return script if n >= MOSTLY * counts.total() else "mixed"


@lru_cache(maxsize=4096)
def _script(character: str) -> str | None:
    """The first word of a letter's name; ``None`` for what is no letter."""
    if not character.isalpha():
        return None
    name = unicodedata.name(character, "unnamed").split()[0].capitalize()
    return _OTHER_NAMES.get(name, name)


def _emoji(character: str) -> bool:
    return unicodedata.category(character) == "So"
