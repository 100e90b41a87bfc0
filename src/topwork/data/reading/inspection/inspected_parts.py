"""Good and defective parts to evaluate on, with masks of their defects where there are some."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from topwork.data.dataset import Dataset
from topwork.data.images.image_size import image_size
from topwork.data.item import Item, Modality
from topwork.data.reading.given import existing
from topwork.data.reading.inspection.good_parts import GOOD
from topwork.data.reading.read import read
from topwork.data.tables.table_files import is_table
from topwork.errors import BadItem, DataError

_MASKS = "ground_truth"
_ENDINGS = ("_mask.png", ".png", "_mask.bmp", ".bmp", "_mask.tif", ".tif")


@dataclass(frozen=True, eq=False, slots=True)
class InspectedParts:
    """n images of parts.

    Parameters
    ----------
    data
        The images, their targets what is wrong with them.
    defective
        ``(n,)``.
    masks
        Files that show where the defects are; None where there is no such file.
    """

    data: Dataset
    defective: NDArray[np.bool_]
    masks: tuple[Path | None, ...]


def read_inspected_parts(
    source: str | os.PathLike[str],
    *,
    columns: Mapping[str, str] | None = None,
    header: Sequence[str] | None = None,
    root: str | os.PathLike[str] | None = None,
) -> InspectedParts:
    """Images whose class says whether they are good; every other class is a kind of defect.

    Parameters
    ----------
    source
        A folder with class folders, one of them good, of which ``test`` is taken where there is
        one, masks in ``ground_truth`` beside it (``ground_truth/KIND/NAME_mask.png``); or a table,
        of which the test part is taken where it has one.
    columns, header, root
        As in `read`, for tables.

    Raises
    ------
    topwork.errors.DataError
        There is no image, or the table can't be read.
    """
    path = existing(source)
    if is_table(path):
        data = read(
            path, split="test_or_all", items="image", columns=columns, header=header, root=root
        )
        return of_classes(data, None)
    place = path / "test" if (path / "test").is_dir() else path
    return of_classes(read(place, items="image", layout="class"), place.parent / _MASKS)


def of_classes(data: Dataset, masks: Path | None = None) -> InspectedParts:
    """The same of images with classes.

    Parameters
    ----------
    masks
        The folder of masks.

    Raises
    ------
    topwork.errors.DataError
        The images have no classes.
    """
    if data.classes is None:
        raise DataError(
            "These images don't say which parts are good.",
            remedy="Put good parts into a folder called good, and others into folders beside it.",
            code="no_labels",
        )
    kinds = [str(label) for label in data.classes.values()]
    defective = np.array([kind.strip().lower() not in GOOD for kind in kinds], bool)
    files = [
        _mask(masks, kind, item) if bad and masks is not None else None
        for kind, item, bad in zip(kinds, data.items, defective, strict=True)
    ]
    return InspectedParts(data, defective, tuple(files))


def _mask(folder: Path, kind: str, item: Item) -> Path | None:
    if item.path is None:
        return None
    files = (folder / kind / f"{item.path.stem}{ending}" for ending in _ENDINGS)
    return next((file for file in files if file.is_file()), None)


def read_mask(file: Path, kind: Modality, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Where a mask is lighter than half of its lightest place, ``(height, width)``.

    Parameters
    ----------
    kind
        How images are read.
    size
        Width and height of the image that it belongs to.

    Raises
    ------
    topwork.errors.DataError
        It can't be read, or is of another size.
    """
    from topwork.data.images.formats import sniff
    from topwork.data.images.pillow import open_image

    try:
        content = kind.read(Item(str(file), file))
        own = image_size(content)
        assert isinstance(content.data, bytes), "a file was read"
        grey = np.asarray(open_image(sniff(content.data), content.data).convert("L"))
    except (BadItem, OSError) as error:
        raise DataError(
            f"The mask {file} cannot be read.", remedy="Repair or remove it.", code="bad_mask"
        ) from error
    if own != tuple(size):
        raise DataError(
            f"The mask {file} has {own[0]} × {own[1]} pixels, its image {size[0]} × {size[1]}.",
            remedy="Give a mask of the size of the image, or remove it.",
            code="bad_mask",
        )
    return np.asarray(grey > max(int(grey.max()), 1) / 2)
