"""What an answer looks like: one class, several labels, or boxes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal, Protocol, TypeAlias

from topwork.data.tables.cells import inert_label
from topwork.errors import ParameterError

Value: TypeAlias = str | list[str] | list[list[Any]] | None
"""One class; several labels; boxes as ``[label, x_min, y_min, x_max, y_max]`` in pixels of the
upright image; or ``None``: the item was looked at and left without a label."""

FormName = Literal["classes", "ordinal", "labels", "boxes", "pairs"]

MAX_LABEL: Final = 200
"""Characters of a name."""

MAX_BOXES: Final = 1000


class AnswerForm(Protocol):
    """What answers look like on the page, in the journal and in the table."""

    name: ClassVar[FormName]
    columns: ClassVar[tuple[str, ...]]
    single: ClassVar[bool]
    """Whether one row of a table holds all of it."""

    def checked(self, value: object) -> Value:
        """The value as it is kept; `topwork.errors.ParameterError` where it is none."""

    def rows(self, value: Value) -> list[tuple[str, ...]]:
        """The cells of its rows in a table, below ``columns``."""

    def value(self, rows: Sequence[Mapping[str, str]]) -> Value:
        """The value that rows of a table hold; ``None`` where they hold none."""

    def classes(self, value: Value) -> list[str]:
        """The names in a value."""


@dataclass(frozen=True, slots=True)
class OneClass:
    """The name of one class.

    Examples
    --------
    >>> OneClass().rows(OneClass().checked(" cat "))
    [('cat',)]
    """

    name: ClassVar[FormName] = "classes"
    single: ClassVar[bool] = True
    columns: ClassVar[tuple[str, ...]] = ("label",)

    def checked(self, value: object) -> Value:
        """A name without blanks around it."""
        return None if value is None else checked_name(value)

    def rows(self, value: Value) -> list[tuple[str, ...]]:
        """A row with the class."""
        return [(inert_label(str(value)),)] if value is not None else []

    def value(self, rows: Sequence[Mapping[str, str]]) -> Value:
        """The class that is written there."""
        return rows[0].get("label", "").strip() or None

    def classes(self, value: Value) -> list[str]:
        """The class."""
        return [] if value is None else [str(value)]


@dataclass(frozen=True, slots=True)
class OneRank(OneClass):
    """The name of one of the classes, which have an order."""

    name: ClassVar[FormName] = "ordinal"


@dataclass(frozen=True, slots=True)
class SeveralLabels:
    """Any number of labels, written into one cell with semicolons between them.

    An item that has none of them has an empty cell, as everywhere in such tables.

    Examples
    --------
    >>> SeveralLabels().rows(SeveralLabels().checked(["sea", "boat", "sea"]))
    [('sea;boat',)]
    """

    name: ClassVar[FormName] = "labels"
    single: ClassVar[bool] = True
    columns: ClassVar[tuple[str, ...]] = ("label",)

    def checked(self, value: object) -> Value:
        """Names, each once, in the order that they were given in."""
        if value is None:
            return None
        if not isinstance(value, list):
            raise _no_answer("a list of labels")
        names = list(dict.fromkeys(checked_name(name) for name in value))
        for name in names:
            if ";" in name:
                raise ParameterError(
                    f"The label {name!r} holds a semicolon, which stands between labels.",
                    remedy="Choose another name.",
                    code="bad_label",
                )
        return names

    def rows(self, value: Value) -> list[tuple[str, ...]]:
        """A row with all of them."""
        if value is None:
            return []
        names = ";".join(map(str, value))
        return [(inert_label(names),)]

    def value(self, rows: Sequence[Mapping[str, str]]) -> Value:
        """The labels that are written there."""
        cell = rows[0].get("label", "").strip()
        if not cell:  # a row that was written here, or one to fill in
            return [] if rows[0].get("split") else None
        return [name.strip() for name in cell.split(";") if name.strip()]

    def classes(self, value: Value) -> list[str]:
        """The labels."""
        return [str(name) for name in value or ()]


@dataclass(frozen=True, slots=True)
class Boxes:
    """Objects with their rectangles; an image without any is a row without corners.

    Examples
    --------
    >>> form = Boxes()
    >>> form.rows(form.checked([["cat", 1, 2.5, 30, 40]])), form.rows([])
    ([('1', '2.5', '30', '40', 'cat')], [('', '', '', '', '')])
    """

    name: ClassVar[FormName] = "boxes"
    single: ClassVar[bool] = False
    columns: ClassVar[tuple[str, ...]] = ("x_min", "y_min", "x_max", "y_max", "label")

    def checked(self, value: object) -> Value:
        """Boxes with corners in order, to a tenth of a pixel."""
        if value is None:
            return None
        if not isinstance(value, list) or len(value) > MAX_BOXES:
            raise _no_answer(f"a list of at most {MAX_BOXES:,} boxes")
        return [_box(one) for one in value]

    def rows(self, value: Value) -> list[tuple[str, ...]]:
        """A row per box."""
        if value is None:
            return []
        if not value:
            return [("", "", "", "", "")]
        return [(*(f"{number:g}" for number in box[1:]), inert_label(str(box[0]))) for box in value]

    def value(self, rows: Sequence[Mapping[str, str]]) -> Value:
        """The boxes that are written there."""
        found: list[list[Any]] = []
        for row in rows:
            cells = [row.get(name, "").strip() for name in self.columns]
            if all(cells):
                found.append(_box([cells[-1], *map(float, cells[:-1])]))
        return found

    def classes(self, value: Value) -> list[str]:
        """The name of each box."""
        return [str(box[0]) for box in value or ()]


@dataclass(frozen=True, slots=True)
class SameGroup(OneClass):
    """Whether the two items of a pair belong together: ``yes`` or ``no``."""

    name: ClassVar[FormName] = "pairs"
    columns: ClassVar[tuple[str, ...]] = ("same",)

    def checked(self, value: object) -> Value:
        """One of the two words."""
        if value is not None and value not in YES_OR_NO:
            raise _no_answer("yes or no")
        return None if value is None else str(value)

    def value(self, rows: Sequence[Mapping[str, str]]) -> Value:
        """The word that is written there."""
        return rows[0].get("same", "").strip().lower() or None


YES_OR_NO: Final = ("yes", "no")

FORMS: Final[Mapping[FormName, AnswerForm]] = {
    form.name: form for form in (OneClass(), OneRank(), SeveralLabels(), Boxes(), SameGroup())
}


def checked_name(name: object) -> str:
    """The name of a class without blanks around it.

    Raises
    ------
    ParameterError
        It is none: empty, too long, or with characters that can't be seen.
    """
    if not isinstance(name, str):
        raise _no_answer("the name of a class")
    stripped = name.strip()
    if not stripped or len(stripped) > MAX_LABEL or not stripped.isprintable():
        raise ParameterError(
            f"{name[:40]!r} is no name for a class.",
            remedy=f"Use 1 to {MAX_LABEL} characters on one line.",
            code="bad_label",
        )
    return stripped


def _box(one: object) -> list[Any]:
    if not isinstance(one, list) or len(one) != 5:
        raise _no_answer("a label and four corners")
    label, *corners = one
    if not all(isinstance(c, int | float) and 0 <= c < 1e6 for c in corners):
        raise _no_answer("four corners in pixels")
    x0, y0, x1, y1 = (round(float(corner), 1) for corner in corners)
    if x0 == x1 or y0 == y1:
        raise _no_answer("a box with an area")
    return [checked_name(label), min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)]


def _no_answer(wanted: str) -> ParameterError:
    return ParameterError(
        f"That is no answer: {wanted} is wanted.",
        remedy="Reload the page.",
        code="bad_answer",
    )
