"""What of the items was read otherwise than their owner may think, for people and programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, ConfigDict

from topwork.data import UNDECIDED, Appearance, Dataset, Remark

NAMED = 5
"""Items that a remark names."""

_SEEN: Mapping[Remark, str] = {
    "first_page": "Of {n} with several pages or frames only the first is used: {names}.",
    "middle_slice": "Of {n} with several slices only the middle one is used: {names}.",
    "own_range": "{n} with more than 8 bits per channel, unlike the training images: each is "
    "scaled by its own range, so brightness cannot be compared between them: {names}.",
    "common_range": "{n} with more than 8 bits per channel: one scale for all of them and for "
    "prediction, {low:,.6g} becomes black and {high:,.6g} white.",
    "eight_bits": "{n} with 8 bits per channel, used as they are; the training images have more "
    "and are scaled, {low:,.6g} to black and {high:,.6g} to white: {names}.",
}

_GREYS = {0: "black", 128: "grey", 255: "white"}


class ReadingWarning(UserWarning):
    """Some items were read otherwise than their owner may think; given where Python predicts."""


class RemarkRecord(BaseModel):
    """How some of the items were read.

    Attributes
    ----------
    code
        ``middle_slice`` (of a NIfTI volume),
        ``first_page``, ``own_range``, ``common_range``, ``eight_bits``, ``background`` (transparent
        images are not laid over white) or ``blank`` (one grey, nothing else).
    n_items
        How many items it is about; all of them where the data set is meant.
    paths
        The first few.
    sentence
        The same for people.
    """

    model_config = ConfigDict(frozen=True)

    code: Remark | Literal["background", "blank"]
    n_items: int
    paths: tuple[str, ...]
    sentence: str


@dataclass(slots=True)
class Remarks:
    """What was remarked on while items were read: how many of them, and the first few by name."""

    counts: dict[Remark, int] = field(default_factory=dict)
    names: dict[Remark, list[str]] = field(default_factory=dict)

    def add(self, code: Remark, name: str) -> None:
        """Note it of one more item."""
        self.counts[code] = self.counts.get(code, 0) + 1
        first = self.names.setdefault(code, [])
        if len(first) < NAMED:
            first.append(name)

    def update(self, later: Remarks) -> None:
        """Add what was remarked on while later items were read."""
        for code, n in later.counts.items():
            self.counts[code] = self.counts.get(code, 0) + n
            first = self.names.setdefault(code, [])
            first += later.names[code][: NAMED - len(first)]


def remark_records(
    remarks: Remarks, appearance: Appearance | None, *, usual: tuple[Remark, ...] = ()
) -> list[RemarkRecord]:
    """A record for each remark about items.

    Parameters
    ----------
    usual
        What goes without saying here.
    """
    low, high = (appearance and appearance.levels) or (0.0, 0.0)
    found = []
    for code, sentence in _SEEN.items():
        if code in usual or code not in remarks.counts:
            continue
        n, names = remarks.counts[code], tuple(remarks.names[code])
        filled = sentence.format(n=_many(n), names=listed(names, n), low=low, high=high)
        found.append(RemarkRecord(code=code, n_items=n, paths=names, sentence=filled))
    return found


def data_remarks(remarks: Remarks, data: Dataset, blank: Sequence[str]) -> list[RemarkRecord]:
    """The remarks about a whole data set, of which some items are ``blank``."""
    look = data.kind.appearance
    found = remark_records(remarks, look)
    if look is not None and look.background != UNDECIDED.background:
        grey = _GREYS.get(look.background, f"grey level {look.background}")
        filled = (
            f"Transparent images are laid over {grey}, and so is what the model predicts: over "
            "white, some would show nothing."
        )
        found.append(RemarkRecord(code="background", n_items=len(data), paths=(), sentence=filled))
    if blank:
        n = len(blank)
        filled = f"{_many(n)} of one colour, with next to nothing to see: {listed(blank, n)}."
        found.append(
            RemarkRecord(code="blank", n_items=n, paths=tuple(blank[:NAMED]), sentence=filled)
        )
    return found


def listed(names: Sequence[str], n: int) -> str:
    """The first names of n, and how many there are besides.

    Examples
    --------
    >>> listed(["a.png", "b.png"], 7)
    'a.png, b.png and 5 more'
    """
    shown = ", ".join(names[:NAMED])
    rest = n - min(len(names), NAMED)
    return f"{shown} and {rest} more" if rest else shown


def _many(n: int) -> str:
    return "1 image" if n == 1 else f"{n} images"
