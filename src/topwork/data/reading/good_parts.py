"""Images of good parts, out of the layouts that inspection data come in."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from topwork.data.dataset import ClassTargets, Dataset
from topwork.data.modality import MODALITIES
from topwork.data.reading.given import existing
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
    columns: Mapping[str, str] | None = None,
    header: Sequence[str] | None = None,
    root: str | os.PathLike[str] | None = None,
) -> Dataset:
    """Images of good parts without targets, with groups where a table has a column of them.

    Parameters
    ----------
    source
        A folder of images, of which ``train/good`` or ``good`` is taken where there is one; or a
        table with the column path, and optionally group, and label where there are others, too.
    columns, header, root
        As in `read`, for tables.

    Raises
    ------
    topwork.errors.DataError
        There is no image, or the table can't be read.
    """
    path = existing(source)
    if not is_table(path):
        return read_unlabelled(_good_folder(path), kind=MODALITIES["image"])
    found, labels = read_tabular_parts(path, columns=columns, header=header, root=root)
    if labels is None:
        return found
    kept = [i for i, label in enumerate(labels) if label.strip().lower() in GOOD]
    if not kept:
        raise DataError(
            f"No row of {path} has the label good.",
            remedy="Call the good parts good, or leave the column label out.",
            code="no_good_parts",
        )
    chosen = found.take(np.array(kept, np.intp))
    left = len(labels) - len(kept)
    return replace(chosen, ignored={**chosen.ignored, "rows of other labels": left} if left else {})


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
