"""Files beside images that say where objects are in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from topwork.data.folders.levels import FoundFile
from topwork.data.folders.scan import Entry, files_below
from topwork.data.images.formats import IMAGE_EXTENSIONS
from topwork.errors import DataError

BOXES: Final = "boxes"
"""The code of the error for data about objects in images."""

MAX_SNIFFED: Final = 8
"""Files of each form that are opened."""

MAX_READ: Final = 1 << 20
"""Bytes of a file that are read from its beginning and from its end."""

MASK_NAMES: Final = re.compile(
    r"(masks?|labels?|annotations?|gt|ground.?truth|seg(mentations?(class|object)?)?)",
    re.IGNORECASE,
)

_YOLO = re.compile(rb"\d+(\s+-?\d[\d.eE+-]*){4,}\s*")
_REMEDY = (
    "To classify whole images, put those of each class into a folder named after it, or give a "
    "table with the columns path and label; to classify the objects, cut each box out and do the "
    "same with the cuttings. If the folders are the classes all the same, add --layout class."
)


@dataclass(frozen=True, slots=True)
class Boxes:
    """Files that hold boxes.

    Parameters
    ----------
    folder
        Where the first of them lies.
    form
        What people call the format.
    n
        How many there are.
    beside
        Whether they lie beside the images that they belong to.
    """

    folder: str
    form: str
    n: int
    beside: bool

    @property
    def sentence(self) -> str:
        """What was found."""
        files = "file" if self.n == 1 else "files"
        return f"{self.folder} holds boxes ({self.form}, {self.n} {files})"


def is_annotation(path: Path) -> str:
    """The format of a file that holds boxes, nothing for any other."""
    for form, extensions, holds in (*_FORMS, *_DESCRIPTIONS):
        if path.suffix.lower() in extensions and holds(_ends_of(str(path))):
            return form
    return ""


def find_boxes(
    root: Entry, ignored: Counter[str], excluded: AbstractSet[str] = frozenset()
) -> Boxes | None:
    """Look for files with boxes of images, where anything lies that might be one."""
    extensions = {e for _, kinds, _ in _FORMS for e in kinds}
    if not extensions & set(ignored):
        return None
    paths = files_below(root, Counter(), extensions | IMAGE_EXTENSIONS, excluded)
    images = {Path(p).stem: str(Path(p).parent) for p in paths if _extension(p) in IMAGE_EXTENSIONS}
    for form, kinds, holds in _FORMS:
        own = [path for path in paths if _extension(path) in kinds]
        named = [path for path in own if Path(path).stem in images]
        candidates = named if form in _OF_ONE_IMAGE else own
        first = next((p for p in islice(candidates, MAX_SNIFFED) if holds(_ends_of(p))), None)
        if first is not None:
            beside = all(images.get(Path(p).stem) == str(Path(p).parent) for p in candidates)
            n = len(candidates) if form in _OF_ONE_IMAGE else 1
            return Boxes(str(Path(first).parent), form, n, beside)
    return None


def refuse_boxes(found: Sequence[FoundFile], boxes: Boxes | None) -> list[str]:
    """Refuse images with boxes whose folders don't look like classes; else say what lies there.

    Raises
    ------
    topwork.errors.DataError
        If the boxes lie apart from the images, or there is but one folder of images.
    """
    if boxes is None:
        return []
    if not boxes.beside or len({one.label for one in found}) < 2:
        raise DataError(
            f"{boxes.sentence}; topwork doesn't find objects in images yet.",
            remedy=_REMEDY,
            code=BOXES,
        )
    return [f"{boxes.sentence}, which are not used: the folders were read as classes."]


def refuse_masks(found: Sequence[FoundFile]) -> None:
    """Refuse a folder of masks, whose files are called like the images of another one.

    Raises
    ------
    topwork.errors.DataError
        If there is one.
    """
    stems: dict[str, set[str]] = {}
    for one in found:
        stems.setdefault(one.label, set()).add(_bare(Path(one.path).stem))
    masks = [label for label in stems if MASK_NAMES.fullmatch(label)]
    for mask in masks:
        for images in set(stems) - set(masks):
            if len(stems[mask] & stems[images]) >= 0.8 * len(stems[mask]):
                raise DataError(
                    f"{mask} looks like masks of the images in {images}: its files are called like "
                    "theirs. topwork doesn't segment images.",
                    remedy=_REMEDY,
                    code=BOXES,
                )


def _bare(stem: str) -> str:
    return re.sub(r"[_\- ]?(mask|seg|segmentation|gt|label|labels)$", "", stem, flags=re.IGNORECASE)


def _extension(path: str) -> str:
    return Path(path).suffix.lower()


def _ends_of(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            head = file.read(MAX_READ)
            size = file.seek(0, 2)
            file.seek(max(len(head), size - MAX_READ))
            return head + file.read()
    except OSError:
        return b""


def _is_voc(data: bytes) -> bool:
    return b"<annotation" in data and b"<bndbox" in data


def _is_yolo(data: bytes) -> bool:
    lines = [line for line in data[:4096].splitlines()[:20] if line.strip()]
    whole = lines[:-1] if len(data) > 4096 else lines
    return bool(whole) and all(_YOLO.fullmatch(line.strip()) for line in whole)


def _is_yolo_yaml(data: bytes) -> bool:
    return bool(re.search(rb"^names\s*:", data, re.MULTILINE)) and bool(
        re.search(rb"^(nc|train|val)\s*:", data, re.MULTILINE)
    )


def _is_coco(data: bytes) -> bool:
    return b'"images"' in data and b'"annotations"' in data and b'"bbox"' in data


def _is_labelme(data: bytes) -> bool:
    return b'"shapes"' in data and b'"imagePath"' in data


def _is_csv(data: bytes) -> bool:
    first = data.partition(b"\n")[0].lower()
    return b"xmin" in first and b"ymin" in first


_FORMS: Final[tuple[tuple[str, frozenset[str], Callable[[bytes], bool]], ...]] = (
    ("Pascal VOC", frozenset((".xml",)), _is_voc),
    ("YOLO", frozenset((".txt",)), _is_yolo),
    ("COCO", frozenset((".json",)), _is_coco),
    ("a table", frozenset((".csv",)), _is_csv),
    ("labelme", frozenset((".json",)), _is_labelme),
)
_OF_ONE_IMAGE: Final = ("Pascal VOC", "YOLO", "labelme")
_DESCRIPTIONS: Final = (("YOLO", frozenset((".yaml", ".yml")), _is_yolo_yaml),)
