"""DICOM and NIfTI files of a data set: patients as groups, frames as items, what must be said."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

import numpy as np

from topwork.data.dataset import Dataset
from topwork.data.files import read_head
from topwork.data.groups import join_groups
from topwork.data.images.formats import PHOTO_EXTENSIONS
from topwork.data.images.medical.header_record import HeaderRecord, header_record
from topwork.data.images.medical.installed import PACKAGES
from topwork.data.images.medical.patient import project_salt
from topwork.data.images.medical.recognised import HEAD, medical_format
from topwork.data.item import Item
from topwork.data.reading.medical.hints import header_hints
from topwork.data.reading.medical.volumes import volume_items
from topwork.data.targets.boxes import BoxTargets
from topwork.errors import BadItem
from topwork.installation import require
from topwork.settings.choices import Plane

NO_IMAGE: Final = "DICOM objects without an image"
"""Reports, plans and structures, as they are counted."""


def with_patients(data: Dataset) -> Dataset:
    """The same data with what the headers of medical files say; others are not touched.

    A patient is a group that is not split, joined with the groups that the data have. Each frame
    of a DICOM file is an item. Objects without an image are left out and counted.

    Pages do not show the images: a face, a name burned in or a rare finding tells whom they are of.

    Raises
    ------
    topwork.errors.BackboneError
        There are medical files, and what reads them is not installed.
    """
    records = _records(data.items)
    if not records:
        return data
    kept = [i for i in range(len(data)) if i not in records or records[i].is_image]
    found = data.take(kept)
    records = {new: records[old] for new, old in enumerate(kept) if old in records}
    ignored = Counter(data.ignored)
    if len(kept) < len(data):
        ignored[NO_IMAGE] += len(data) - len(kept)
    frames = [records[i].frames if i in records else 1 for i in range(len(found))]
    hints = header_hints(found.items, records)
    patients = np.array([_group(i, records.get(i), found.items[i]) for i in range(len(found))])
    found = replace(
        found,
        groups=patients if found.groups is None else join_groups(found.groups, patients),
        rejected=data.rejected,
        ignored=dict(ignored),
        hints=(*data.hints, *hints),
        medical=True,
        shows_images=False,
    )
    if isinstance(data.targets, BoxTargets) or max(frames, default=1) == 1:
        return found
    expanded = found.take(np.repeat(np.arange(len(found)), frames))
    return replace(expanded, items=_frames(found.items, frames), rejected=data.rejected)


def expanded_items(
    items: Sequence[Item],
    ignored: Counter[str],
    *,
    plane: Plane | Literal[""] = "",
    notes: list[str] | None = None,
) -> list[Item]:
    """The same for items without targets or groups, as they are predicted.

    Parameters
    ----------
    ignored
        Counts objects without an image.
    plane
        Where items are volumes, how NIfTI files are cut into slices; see `with_volumes`.
    notes
        Takes sentences about volumes.
    """
    records = _records(items)
    if not records:
        return list(items)
    kept = [i for i in range(len(items)) if i not in records or records[i].is_image]
    if len(kept) < len(items):
        ignored[NO_IMAGE] += len(items) - len(kept)
    frames = [records[i].frames if i in records else 1 for i in kept]
    return volume_items(_frames([items[i] for i in kept], frames), plane, notes)


def _frames(items: Sequence[Item], frames: Sequence[int]) -> list[Item]:
    """An item for each frame, called by the file and the number of the frame, from 1."""
    return [
        item if n == 1 else replace(item, name=f"{item.name}#frame={k + 1}", frame=k)
        for item, n in zip(items, frames, strict=True)
        for k in range(n)
    ]


def _group(position: int, record: HeaderRecord | None, item: Item) -> str:
    """A patient's name among groups; what says nothing of a patient is alone."""
    if record is not None and record.patient:
        return record.patient
    return f"item {position} {item.path or item.name}"


def _records(items: Sequence[Item]) -> dict[int, HeaderRecord]:
    """What the headers of the medical files among items say, by position."""
    places = [i for i, item in enumerate(items) if _is_medical(item)]
    if not places:
        return {}
    require("Reading DICOM or NIfTI images (pip install topwork[medical])", PACKAGES)
    salt = project_salt()
    return {i: header_record(items[i], salt) for i in places}


def _is_medical(item: Item) -> bool:
    """Whether its content is that of a medical file; files called like photographs are not."""
    if isinstance(item.value, bytes):
        return medical_format(item.value[:HEAD]) is not None
    if item.path is None or item.frame is not None:
        return False
    if os.path.splitext(item.path)[1].lower() in PHOTO_EXTENSIONS:  # noqa: PTH122 (per item)
        return False
    try:
        return medical_format(read_head(Path(item.path), HEAD)) is not None
    except BadItem:
        return False
