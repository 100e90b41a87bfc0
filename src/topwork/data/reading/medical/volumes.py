"""Volumes as items: series of DICOM slices, and NIfTI files."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal

from topwork.data.dataset import ClassTargets, Dataset
from topwork.data.files import read_head
from topwork.data.images.formats import PHOTO_EXTENSIONS
from topwork.data.images.medical.dicom_header import parsed, parsed_file
from topwork.data.images.medical.nifti import slice_count
from topwork.data.images.medical.recognised import HEAD, MedicalFormat, medical_format
from topwork.data.images.medical.series import Series, evenly, series_of
from topwork.data.images.medical.slice_header import SliceHeader, slice_headers
from topwork.data.item import SAME_CELL, Item
from topwork.data.reading.medical.volume_notes import (
    GAPS,
    LOCALISERS,
    MISSING,
    NO_ORDER,
    OTHER,
    REPEATED,
    UNPLACED,
    volume_notes,
)
from topwork.data.targets.label_targets import LabelTargets
from topwork.data.targets.number_targets import NumberTargets
from topwork.errors import BadItem, DataError, ParameterError
from topwork.runtime.counted import counted
from topwork.settings.choices import Plane

MAX_SLICES: Final = 16
"""Of a volume, that are looked at."""

_READ: Final = 4096
"""Bytes at the start of a file: compressed, they hold a header."""


@dataclass(frozen=True, slots=True)
class Volume:
    """One volume.

    Parameters
    ----------
    item
        Its middle slice, and the others that are looked at as further images of the same cell.
    members
        Positions among the items given of all that belong to it, rising.
    """

    item: Item
    members: tuple[int, ...]


@dataclass(slots=True)
class _Found:
    """What was found so far."""

    volumes: list[Volume] = field(default_factory=list)
    headers: list[SliceHeader] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def with_volumes(data: Dataset, plane: Plane | Literal[""]) -> Dataset:
    """The same data with a volume as an item in place of its slices.

    An item is a DICOM series whose files lie in one folder, a DICOM file with several frames, or a
    NIfTI file. At most 16 slices of it are looked at, at equal distances. Other images stay as they
    are.

    Parameters
    ----------
    plane
        How NIfTI files are cut into slices; DICOM slices are as they were taken. Data are not
        changed where it is empty, where they are of volumes already, or not medical.

    Raises
    ------
    topwork.errors.ParameterError
        Boxes are given, or items have further images.
    topwork.errors.DataError
        Slices of one volume have different labels, or there are only localisers.

    Examples
    --------
    >>> data = Dataset([Item("a.jpg")])
    >>> with_volumes(data, "axial") is data
    True
    """
    if not plane or data.plane or not data.medical:
        return data
    targets = data.targets
    if targets is not None and not isinstance(targets, ClassTargets | NumberTargets | LabelTargets):
        raise ParameterError(
            "--volume cannot be given where images are annotated with boxes.",
            remedy="Leave it out, or give class folders or a table of labels.",
        )
    volumes, notes = volumes_of(data.items, plane)
    if targets is not None:
        _check_labels(targets, volumes)
    found = data.take([one.members[0] for one in volumes])
    return replace(
        found,
        items=[one.item for one in volumes],
        rejected=data.rejected,
        hints=(*data.hints, *notes),
        plane=plane,
    )


def volume_items(
    items: Sequence[Item], plane: Plane | Literal[""], notes: list[str] | None = None
) -> list[Item]:
    """The same for items without labels, as they are predicted; unchanged without a plane.

    Parameters
    ----------
    notes
        Takes sentences about what was left out.
    """
    if not plane:
        return list(items)
    volumes, said = volumes_of(items, plane)
    if notes is not None:
        notes += said
    return [one.item for one in volumes]


def volumes_of(items: Sequence[Item], plane: Plane) -> tuple[list[Volume], list[str]]:
    """The volumes among items in the order of their first files, and sentences about them.

    Raises
    ------
    topwork.errors.ParameterError
        Items have further images.
    topwork.errors.DataError
        There are only localisers.
    """
    if any(item.images for item in items):
        raise ParameterError(
            "--volume cannot be given where items have several images.",
            remedy="Leave it out, or give one path per cell and no --image-columns.",
        )
    found, read = _Found(), _Headers()
    for row, item in enumerate(items):
        name = _format(item)
        slices = None if name is None else _slices(item, name, read, plane)
        if isinstance(slices, SliceHeader):
            found.headers.append(slices)
            found.rows.append(row)
        else:
            found.volumes.append(Volume(_volume_item(slices or [item], item.name), (row,)))
    series = series_of(found.headers)
    folders = Counter(
        _folder(items[found.rows[one.members[0]]]) for one in series if one.slices or one.unplaced
    )
    for one in series:
        _add(one, found, items, folders)
    if items and not found.volumes:
        raise DataError(
            "There are only localisers (ImageType LOCALIZER), which show no volume.",
            remedy="Give the series that were planned on them, or leave --volume out.",
        )
    found.volumes.sort(key=lambda one: one.members)
    several = sum(bool(one.item.images) for one in found.volumes)
    return found.volumes, volume_notes(len(found.volumes), several, MAX_SLICES, found.counts)


@dataclass(slots=True)
class _Headers:
    """The headers of the file that was read last: its frames follow each other."""

    path: Path | None = None
    known: list[SliceHeader] = field(default_factory=list)

    def of(self, item: Item) -> list[SliceHeader]:
        """Of each frame of an item's file."""
        if item.path is not None and item.path == self.path:
            return self.known
        if item.path is None:
            header = parsed(item.value, pixels=False) if isinstance(item.value, bytes) else None
        else:
            header = parsed_file(item.path)
        self.known = [] if header is None else slice_headers(header)
        self.path = item.path
        return self.known


def _format(item: Item) -> MedicalFormat | None:
    """Whether its content is that of a medical file; files called like photographs are not."""
    if isinstance(item.value, bytes):
        return medical_format(item.value[:HEAD])
    if item.path is None or item.path.suffix.lower() in PHOTO_EXTENSIONS:
        return None
    try:
        return medical_format(read_head(item.path, HEAD))
    except BadItem:
        return None


def _slices(
    item: Item, name: MedicalFormat, read: _Headers, plane: Plane
) -> SliceHeader | list[Item] | None:
    """The header of one DICOM slice, or the slices of a NIfTI file; None for a broken file.

    What is broken is rejected with a reason when it is read.
    """
    try:
        if name == "NIFTI":
            head = item.value if item.path is None else read_head(item.path, _READ)
            assert isinstance(head, bytes)
            return [replace(item, frame=k) for k in _chosen(slice_count(head[:_READ], plane))]
        headers = read.of(item)
        header = headers[item.frame or 0]
    except (BadItem, IndexError):
        return None
    return replace(header, series=_series_name(item, header, len(headers)))


def _series_name(item: Item, header: SliceHeader, frames: int) -> str:
    """What slices of one volume have in common: the folder and the series, or the file."""
    if frames == 1 and (header.series or header.is_placed):
        return f"{_folder(item)}\n{header.series}"
    return f"file {item.path or item.name}"


def _add(series: Series, found: _Found, items: Sequence[Item], folders: Counter[str]) -> None:
    """A series as a volume; what doesn't belong to it is counted."""
    members = tuple(found.rows[i] for i in series.members)
    if series.slices:
        chosen = [series.slices[k] for k in evenly(series.places, MAX_SLICES)]
        found.counts[UNPLACED] += len(series.unplaced)
    else:
        chosen = [series.unplaced[k] for k in _chosen(len(series.unplaced))]
        found.counts[NO_ORDER] += len(series.unplaced) > 1
    found.counts[LOCALISERS] += len(series.localisers)
    found.counts[OTHER] += len(series.other)
    found.counts[REPEATED] += len(series.repeated)
    found.counts[GAPS] += series.missing > 0
    found.counts[MISSING] += series.missing
    if chosen:
        first = items[members[0]]
        name = first.name.partition("#frame=")[0]
        alone = folders[_folder(first)] == 1 and len(members) > 1 and name == first.name
        if alone and first.path is not None and Path(name) == first.path:
            name = os.path.dirname(name) or name  # noqa: PTH120 (names stay as they were given)
        found.volumes.append(
            Volume(_volume_item([items[found.rows[i]] for i in chosen], name), members)
        )


def _volume_item(slices: Sequence[Item], name: str) -> Item:
    """Its middle slice, with the others beside it."""
    middle = len(slices) // 2
    others = (*slices[:middle], *slices[middle + 1 :])
    images: Mapping[str, tuple[Item, ...]] | None = {SAME_CELL: others} if others else None
    return replace(slices[middle], name=name, images=images)


def _chosen(n: int) -> list[int]:
    """At most 16 of n slices, the middles of parts of equal size."""
    if n <= MAX_SLICES:
        return list(range(n))
    return [int((k + 0.5) * n / MAX_SLICES) for k in range(MAX_SLICES)]


def _folder(item: Item) -> str:
    return "" if item.path is None else str(item.path.parent)


def _check_labels(
    targets: ClassTargets | NumberTargets | LabelTargets, volumes: Sequence[Volume]
) -> None:
    values: Any
    if isinstance(targets, ClassTargets):
        values = targets.codes
    else:
        values = targets.numbers if isinstance(targets, NumberTargets) else targets.presence
    mixed = [
        one.item.name
        for one in volumes
        if (values[list(one.members)] != values[one.members[0]]).any()
    ]
    if mixed:
        raise DataError(
            f"{counted(len(mixed), 'volume has', 'volumes have')} slices with different labels, "
            f"such as {mixed[0]}.",
            remedy="Give all slices of a series one label, or learn from single slices without "
            "--volume.",
            code="mixed_volume",
        )
