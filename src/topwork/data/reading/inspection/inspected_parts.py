"""Good and defective parts to evaluate on, with masks of their defects where there are some."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from topwork.data.dataset import ClassTargets, Dataset
from topwork.data.images.image_size import image_size
from topwork.data.item import Item, Modality
from topwork.data.modality import MODALITIES
from topwork.data.reading.given import existing, only_for
from topwork.data.reading.inspection.good_parts import GOOD, folders_with_images, is_good
from topwork.data.reading.inspection.missing_masks import MASKS, without_masks
from topwork.data.reading.read import read
from topwork.data.reading.unlabelled import read_unlabelled
from topwork.data.tables.table_files import is_table
from topwork.errors import BadItem, DataError
from topwork.settings.choices import Layout

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
    layout: Layout = "auto",
    groups: str | None = None,
    exclude: Sequence[str] = (),
) -> InspectedParts:
    """Images whose class says whether they are good; every other class is a kind of defect.

    Parameters
    ----------
    source
        A folder with class folders, one of them good, of which ``test`` is taken where there is
        one, masks in ``ground_truth`` beside it (``ground_truth/KIND/NAME_mask.png``); a folder of
        images without class folders, which are of good parts; or a table, of which the test part
        is taken where it has one.
    columns, header, root
        As in `read`, for tables.
    layout, groups, exclude
        As in `read`, for folders.

    Raises
    ------
    topwork.errors.DataError
        There is no image, or the table can't be read.
    """
    path = existing(source)
    if is_table(path):
        data = read(
            path,
            split="test_or_all",
            items="image",
            columns=columns,
            header=header,
            root=root,
            layout=layout,
            groups=groups,
            exclude=exclude,
        )
        return of_classes(data, None)
    only_for("a table in a file", columns=columns, header=header, root=root)
    place = path / "test" if (path / "test").is_dir() else path
    folders = [one.name for one in folders_with_images(place) if one.name not in exclude]
    if not folders and layout == "auto" and groups is None:
        return of_classes(_of_one_folder(place, exclude))
    layout = "class" if layout == "auto" else layout
    data = read(place, items="image", layout=layout, groups=groups, exclude=exclude)
    return of_classes(data, place.parent / MASKS)


def _of_one_folder(place: Path, exclude: Sequence[str]) -> Dataset:
    """Images without class folders: of good parts, unless the folder is one of several classes."""
    data = read_unlabelled(place, kind=MODALITIES["image"])
    kept = [i for i, item in enumerate(data.items) if Path(item.name).name not in exclude]
    data = data if len(kept) == len(data) else data.take(kept)
    beside = [one.name for one in folders_with_images(place.parent) if one != place]
    defective = not is_good(place.name) and any(is_good(name) for name in beside)
    name = place.name if defective else "good"
    said = f"The images in {place} were read as those of parts with the defect {name!r}."
    if not defective:
        said = f"The images in {place} were read as those of good parts."
    targets = ClassTargets.from_labels([name] * len(data))
    return replace(data, targets=targets, hints=(*data.hints, said))


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
    defective = np.array([not is_good(kind) for kind in kinds], bool)
    files = [
        _mask(masks, kind, item) if bad and masks is not None else None
        for kind, item, bad in zip(kinds, data.items, defective, strict=True)
    ]
    said = [*_without_good(kinds, defective)]
    if masks is not None:
        said += without_masks(masks, kinds, defective, files)
    data = replace(data, hints=(*data.hints, *said))
    return InspectedParts(data, defective, tuple(files))


def _without_good(kinds: Sequence[str], defective: NDArray[np.bool_]) -> Iterator[str]:
    if not defective.all():
        return
    lowered = {kind.strip().lower(): kind for kind in kinds}
    close = [name for good in sorted(GOOD) for name in get_close_matches(good, lowered, n=1)]
    meant = f"; is {lowered[close[0]]!r} meant?" if close else "."
    yield (
        "No class is called good, so that all images count as those of defective parts and no "
        f"false alarms can be measured{meant}"
    )


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
