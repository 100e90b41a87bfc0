"""Names of classes and files, tame or hostile, and scores."""

from __future__ import annotations

from collections.abc import Callable

from topwork.metrics.records import Score

HOSTILE = (
    "</script>",
    "<script>alert(1)</script>",
    "</style><style>body{display:none}</style>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    '" style="position:fixed;inset:0" x="',
    "</title><h1>gone</h1>",
    "<!--",
    "-->",
    "]]>",
    "<![CDATA[",
    "</table></section></main></body></html>",
    "<meta http-equiv=refresh content='0;url=http://example.invalid/'>",
    "<link rel=stylesheet href=https://example.invalid/a.css>",
    "<base href=http://example.invalid/>",
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt;&amp;&#0;",
    "\u202egnp.exe\u202d",
    "\u2067\u200f\u05e9\u05dc\u05d5\u05dd\u200e",
    "\u0627\u0644\u0639\u0631\u0628\u064a\u0629 abc 123",
    "a\x00b\x1b[31mred\x07\x85\u2028",
    "line\nbreak\ttab\r",
    "z" + "\u0301" * 60,
    "W" * 240,
    ("<b>" * 80)[:240],
    "\ud800half\udfff",
    "| pipe | --- | `code` **bold** [a](http://example.invalid) |",
    "- key: [value, {x: 'y'}]\n---\n# &anchor *alias !tag %",
)


TAME = tuple(
    f"{adjective} {noun}"
    for noun in ("beetle", "cactus", "dolphin", "emu", "fern", "gerenuk")
    for adjective in ("common", "dwarf", "great", "mountain", "spotted")
)


def score(value: float, half: float) -> Score:
    """A score with about so wide an interval."""
    return Score(value=value, low=max(0.0, value - 1.2 * half), high=min(1.0, value + half))


def names(n: int, hostile: bool) -> list[str]:
    """n class names."""
    pool = HOSTILE if hostile else TAME
    return [pool[i] if i < len(pool) else f"{pool[i % len(pool)]} {i}" for i in range(n)]


def path_of(labels: list[str], hostile: bool) -> Callable[[int], str]:
    def path(i: int) -> str:
        folder = labels[i % len(labels)]
        return f"photos/{folder}/{HOSTILE[i % 30] if hostile else f'IMG_{1000 + i}'}.jpg"

    return path
