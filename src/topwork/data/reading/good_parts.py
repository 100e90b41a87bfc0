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

_FOLDERS = tuple((*split, name) for split in (("train",), ()) for name in sorted(GOOD))


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
        A folder of images, of which ``train/good`` or ``good`` is taken where there is one; or a
        table with the column path, and optionally group, split, and label where there are others,
        too.
    split
        Which part of a table is read.
    columns, header, root
        As in `read`, for tables.

    Raises
    ------
    topwork.errors.DataError
        There is no image, or the table can't be read.
    """
    path = existing(source)
    if not is_table(path):
        only_for("a table in a file", columns=columns, header=header, root=root)
        folder = _good_folder(path)
        data = _as_good(read_unlabelled(folder, kind=MODALITIES["image"]))
        said = f"The images in {folder} were read as those of good parts."
        return data if folder == path else replace(data, hints=(*data.hints, said))
    found, labels = read_tabular_parts(path, split=split, columns=columns, header=header, root=root)
    if labels is None:
        return _as_good(found)
    kept = [i for i, label in enumerate(labels) if label.strip().lower() in GOOD]
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
    if not (train / "good").is_dir() or not (path / "ground_truth").is_dir():
        return False
    return [one.name for one in train.iterdir() if one.is_dir()] == ["good"]


def only_good(data: Dataset) -> bool:
    """Whether all items are of one class that is called good."""
    targets = data.targets
    if not isinstance(targets, ClassTargets):
        return False
    return [str(one).lower() in GOOD for one in targets.labels] == [True]


def _good_folder(path: Path) -> Path:
    for names in _FOLDERS:
        folder = path.joinpath(*names)
        if folder.is_dir():
            return folder
    return path


def _as_good(data: Dataset) -> Dataset:
    return replace(data, targets=ClassTargets.from_labels(["good"] * len(data)))
