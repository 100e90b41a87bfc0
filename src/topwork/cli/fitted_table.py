"""Tables that fit the width of a terminal."""

from __future__ import annotations

from collections.abc import Sequence

_BETWEEN = 3
_EDGES = 2
"""Blanks between two columns, and at both edges."""

_NARROW = 26
"""Characters of a column that is never made narrower: a number with its interval."""

_MIN_WIDE = 10
"""Characters that a wide column has at least."""

Rows = Sequence[Sequence[str]]


def fitted(
    headings: Sequence[str], rows: Rows, width: int, *, optional: Sequence[str] = ()
) -> tuple[list[str], list[list[str]], list[int]]:
    """A table without the columns that there is no room for, with paths cut in their middle.

    Parameters
    ----------
    width
        Of the terminal, in characters.
    optional
        Headings of columns that may be left out, the least important first.

    Returns
    -------
    headings, rows, widths
        ``widths`` of the columns; what is longer is to be wrapped at words.

    Examples
    --------
    >>> fitted(["file", "n"], [["photos/of/a/long/way/down/cat.jpg", "7"]], 28)
    (['file', 'n'], [['photos/of...wn/cat.jpg', '7']], [22, 1])
    """
    shown = list(range(len(headings)))
    for name in optional:
        if _total([_widest(headings, rows, i) for i in shown]) <= width:
            break
        if name in headings:
            shown.remove(headings.index(name))
    natural = [_widest(headings, rows, i) for i in shown]
    widths = _shared(natural, width)
    cells = [
        [_with_short_paths(row[i], room) for i, room in zip(shown, widths, strict=True)]
        for row in rows
    ]
    return [headings[i] for i in shown], cells, widths


def in_the_middle(text: str, width: int) -> str:
    """A text without its middle where it is longer.

    Examples
    --------
    >>> in_the_middle("photos/2024/summer/cat.jpg", 20)
    'photos/2.../cat.jpg'
    """
    if len(text) <= width:
        return text
    kept = max(2, width - 3)
    return f"{text[: kept // 2]}...{text[len(text) - (kept - kept // 2) :]}"


def _shared(natural: Sequence[int], width: int) -> list[int]:
    """The widths of columns: narrow ones keep theirs, and the others share what is left."""
    left = width - _total([0] * len(natural)) - sum(n for n in natural if n <= _NARROW)
    widths = list(natural)
    wide = sorted((i for i, n in enumerate(natural) if n > _NARROW), key=natural.__getitem__)
    for place, i in enumerate(wide):
        widths[i] = min(natural[i], max(_MIN_WIDE, left // (len(wide) - place)))
        left -= widths[i]
    return widths


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + _BETWEEN * (len(widths) - 1) + _EDGES


def _widest(headings: Sequence[str], rows: Rows, column: int) -> int:
    from rich.cells import cell_len

    return max(cell_len(text) for text in (headings[column], *(row[column] for row in rows)))


def _with_short_paths(cell: str, width: int) -> str:
    """A cell in which no path is cut at the end of a line; other words are left."""
    return " ".join(
        in_the_middle(word, width) if any(mark in word for mark in "/\\.:") else word
        for word in cell.split(" ")
    )
