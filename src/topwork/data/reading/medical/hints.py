"""What must be said of the medical files of a data set; no value of a header is in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from topwork.data.dataset import NO_DEVICE
from topwork.data.images.medical.header_record import HeaderRecord
from topwork.data.item import Item
from topwork.runtime.counted import counted

_DRAWN_ON: Final = frozenset(("US", "SC", "XA", "OT"))
"""Modalities whose images often have text burned in."""


@dataclass(frozen=True, slots=True)
class _Warned:
    """A number of files, and what is said where there are any."""

    n: int
    sentence: str


def header_hints(items: Sequence[Item], records: Mapping[int, HeaderRecord]) -> list[str]:
    """Sentences about medical files among items, whose headers are given by position."""
    known = list(records.values())
    patients = {record.patient for record in known if record.patient}
    named = sum(records[i].is_named_in(items[i].name) for i in records)
    drawn = sum(
        record.burned_in is None and bool(_DRAWN_ON & {record.modality, record.object_kind})
        for record in known
    )
    warned = (
        _Warned(
            len(patients),
            f"{counted(len(patients), 'patient')} by the headers of "
            f"{counted(len(known), 'medical image')}: images of one are never split.",
        ),
        _Warned(
            sum(record.by == "study" for record in known),
            "{n} without a patient ID: kept together by study or series.",
        ),
        _Warned(
            sum(not record.patient for record in known),
            "{n} that say nothing of a patient: each is taken for one of its own. Give a column "
            "group if several are of one patient.",
        ),
        _Warned(
            sum(record.several_windows for record in known),
            "{n} with several windows: the first is used.",
        ),
        _Warned(
            sum(record.burned_in is True for record in known),
            "{n} with text burned into the pixels, by their header: it may name patients, and a "
            "model may learn from it.",
        ),
        _Warned(
            drawn,
            "{n} of a modality that often has text burned into the pixels, and the header doesn't "
            "say: look at them before you show or share anything.",
        ),
        _Warned(
            named,
            "{n} whose path contains the patient's name or ID: paths are shown in reports and "
            "tables. Rename the files before you share these.",
        ),
    )
    said = [one.sentence.format(n=counted(one.n, "medical image")) for one in warned if one.n]
    return [*said, NO_DEVICE]
