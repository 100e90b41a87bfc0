"""Images of good parts, out of the layouts that inspection data come in."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from topwork.data.dataset import ClassTargets, Dataset
from topwork.data.folders.splits import Split
from topwork.data.modality import MODALITIES
from topwork.data.reading.given import existing, only_for
from topwork.data.reading.tabular import read_tabular_parts
from topwork.data.reading.unlabelled import read_unlabelled
from topwork.data.tables.table_files import is_table
from topwork.errors import DataError

GOOD: Final = frozenset({"good", "ok", "normal"})
"""What the class of good parts is called, in lower case."""


def read_good_parts(
    source: str | os.PathLike[str],
    *,
    split: Split = "train",
    columns: Mapping[str, str] | None = None,
    header: Sequence[str] | None = None,
    root: str | os.PathLike[str] | None = None,
) -> Dataset:
    """Images of good parts, all of one class, with groups where a table has a column of them.

    Parameters
    ----------
    source
        A folder of images, of which ``train/good`` or ``good`` (``ok``, ``normal``; in capitals,
        too) is taken where there is one, and which must not hold several others; or a
        table with the column path, and optionally group, split, and label where there are others,
        too.
    split
        Which part of a table is read.
    columns, header, root
        As in `read`, for tables.

    Raises
    ------
    topwork.errors.DataError
        There is no image, the table can't be read, or there are classes and none is called good.
    """
    path = existing(source)
    if not is_table(path):
        only_for("a table in a file", columns=columns, header=header, root=root)
        folder = _good_folder(path)
        data = _as_good(read_unlabelled(folder, kind=MODALITIES["image"]))
        said = f"The images in {folder} were read as those of good parts."
        if folder == path:
            return data
        known: Split = "train" if (path / "test").is_dir() else "all"
        return replace(data, hints=(*data.hints, said), split=known)
    found, labels = read_tabular_parts(path, split=split, columns=columns, header=header, root=root)
    if labels is None:
        return _as_good(found)
    kept = [i for i, label in enumerate(labels) if is_good(label)]
    if not kept:
        raise DataError(
            f"No row of {path} has the label good.",
            remedy="Call the good parts good, or leave the column label out.",
            code="no_good_parts",
        )
    chosen = _as_good(found.take(np.array(kept, np.intp)))
    left = len(labels) - len(kept)
    return replace(chosen, ignored={**chosen.ignored, "rows of other labels": left} if left else {})


def is_inspection_layout(path: Path) -> bool:
    """Whether a folder holds good parts to train on, and masks of defects to test with.

    Examples
    --------
    >>> is_inspection_layout(Path("nowhere"))
    False
    """
    train = path / "train"
    if not train.is_dir() or not (path / "ground_truth").is_dir():
        return False
    return [is_good(folder.name) for folder in _folders(train)] == [True]


def only_good(data: Dataset) -> bool:
    """Whether all items are of one class that is called good."""
    targets = data.targets
    if not isinstance(targets, ClassTargets):
        return False
    return [is_good(one) for one in targets.labels] == [True]


def good_of(data: Dataset) -> Dataset:
    """The items of the classes that are called good; all where they are of one class or of none.

    Raises
    ------
    topwork.errors.DataError
        There are several classes, and none is called good.
    """
    targets = data.targets
    if not isinstance(targets, ClassTargets):
        return data
    good = np.array([is_good(label) for label in targets.values()], bool)
    if good.any():
        return data if good.all() else data.take(np.flatnonzero(good))
    present = sorted({str(label) for label in targets.values()})
    if len(present) > 1:
        raise _none_good(data.source or "The data set", present)
    return data


def _good_folder(path: Path) -> Path:
    """The folder of good parts: one that is called so, or all where no folders tell parts apart.

    Raises
    ------
    topwork.errors.DataError
        Several folders hold images, and none is called good.
    """
    places = [place for place in (path / "train", path) if place.is_dir()]
    for place in places:
        for folder in _folders(place):
            if is_good(folder.name):
                return folder
    for place in places:
        names = [folder.name for folder in folders_with_images(place)]
        if len(names) > 1:
            raise _none_good(str(place), names)
    return path


def _folders(place: Path) -> list[Path]:
    return sorted(one for one in place.iterdir() if one.is_dir() and not one.name.startswith("."))


def folders_with_images(place: Path) -> list[Path]:
    """The folders in a place that images lie in, however deep."""
    kinds = MODALITIES["image"].extensions
    return [
        folder
        for folder in _folders(place)
        if any(file.suffix.lower() in kinds for file in folder.rglob("*"))
    ]


def is_good(label: object) -> bool:
    """Whether a class is called good.

    Examples
    --------
    >>> is_good("OK"), is_good("scratch")
    (True, False)
    """
    return str(label).strip().lower() in GOOD


def _none_good(source: str, names: Sequence[str]) -> DataError:
    shown = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
    return DataError(
        f"{source} has several classes ({shown}), and none is called good.",
        remedy="Call the class of good parts good, or give its images alone.",
        code="no_good_parts",
    )


def _as_good(data: Dataset) -> Dataset:
    return replace(data, targets=ClassTargets.from_labels(["good"] * len(data)))
