"""Files beside images that say where objects are in them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from topwork.data.folders.excluded import NONE, ExcludedNames
from topwork.data.folders.levels import FoundFile
from topwork.data.folders.scan import Entry, files_below
from topwork.data.images.formats import IMAGE_EXTENSIONS
from topwork.data.tables.box_columns import names_in_line, only_of_boxes
from topwork.errors import DataError

BOXES: Final = "boxes"
"""The code of the error for images that are annotated with boxes where classes are read."""

MASKS: Final = "masks"
"""The code of the error for images with masks."""

COCO, VOC, YOLO, TABLE = "COCO", "Pascal VOC", "YOLO", "a table"
LABELME, CVAT, HUB = "labelme", "CVAT", "Hugging Face"
"""The formats that boxes are read from, by what people call them."""

MAX_SNIFFED: Final = 16
"""Files of each form that are opened."""

MAX_READ: Final = 1 << 20
"""Bytes of a file that are read from its beginning and from its end."""

MASK_NAMES: Final = re.compile(
    r"(masks?|labels?|annotations?|gt|ground.?truth|seg(mentations?(class|object)?)?)",
    re.IGNORECASE,
)

_YOLO = re.compile(rb"\d+(\s+-?\d[\d.eE+-]*){4,}\s*")
_BOX = ("bbox", "bboxes", "boxes")
_MAX_LINES = 200
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
    root: Entry, ignored: Counter[str] | None, excluded: ExcludedNames = NONE
) -> Boxes | None:
    """Look for files with boxes of images, where anything lies that might be one.

    Parameters
    ----------
    ignored
        What is known to lie there besides images, by extension; None where that is not known.
    """
    extensions = {e for _, kinds, _ in _FORMS for e in kinds}
    if ignored is not None and not extensions & set(ignored):
        return None
    paths = files_below(root, Counter(), extensions | IMAGE_EXTENSIONS, excluded)
    by_kind: dict[str, list[str]] = {}
    for path in paths:
        by_kind.setdefault(_extension(path), []).append(path)
    shown = [path for kind in IMAGE_EXTENSIONS & by_kind.keys() for path in by_kind[kind]]
    images = {Path(path).stem: str(Path(path).parent) for path in shown}
    for form, kinds, holds in _FORMS:
        own = sorted(path for kind in kinds for path in by_kind.get(kind, ()))
        named = [path for path in own if Path(path).stem in images]
        candidates = named or (own if form == VOC else []) if form in _OF_ONE_IMAGE else own
        some = _some(candidates) if form in _OF_ONE_IMAGE else _largest(candidates)
        first = next((path for path in some if holds(_ends_of(path))), None)
        if first is not None:
            beside = all(images.get(Path(p).stem) == str(Path(p).parent) for p in candidates)
            n = len(candidates) if form in _OF_ONE_IMAGE else 1
            return Boxes(str(Path(first).parent), form, n, beside)
    return None


def _some(paths: Sequence[str]) -> list[str]:
    """Files from the whole of a list, those without a byte apart."""
    spread = paths[:: max(1, len(paths) // (16 * MAX_SNIFFED))]
    filled = [path for path in spread if _size(path)] or [path for path in paths if _size(path)]
    return filled[:: max(1, -(-len(filled) // MAX_SNIFFED))]


def _largest(paths: Sequence[str]) -> list[str]:
    """Those of the most bytes: a file about all images is larger than one about a single one."""
    return sorted(paths, key=_size, reverse=True)[:MAX_SNIFFED]


def _size(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except OSError:
        return 0


def refuse_boxes(found: Sequence[FoundFile], boxes: Boxes | None) -> list[str]:
    """Refuse to take folders for classes where boxes lie apart; else say what lies there.

    Raises
    ------
    topwork.errors.DataError
        If the boxes lie apart from the images, or there is but one folder of images.
    """
    if boxes is None:
        return []
    if not boxes.beside or len({one.label for one in found}) < 2:
        raise DataError(
            f"{boxes.sentence} of objects in the images, and one label per image is needed here.",
            remedy=_REMEDY,
            code=BOXES,
        )
    said = f"{boxes.sentence}, which are not used: the folders were read as classes."
    return [f"{said} --task boxes reads the boxes."]


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
                    code=MASKS,
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
    """An image without objects has no box, but a size and a name."""
    described = b"<filename" in data and b"<size" in data
    return b"<annotation" in data and (b"<bndbox" in data or described)


def _is_yolo(data: bytes) -> bool:
    lines = [line for line in data[:4096].splitlines()[:20] if line.strip()]
    whole = lines[:-1] if len(data) > 4096 else lines
    n_fitting = sum(_YOLO.fullmatch(line.strip()) is not None for line in whole)
    return bool(n_fitting) and 2 * n_fitting >= len(whole)


def _is_yolo_yaml(data: bytes) -> bool:
    return bool(re.search(rb"^names\s*:", data, re.MULTILINE)) and bool(
        re.search(rb"^(nc|train|val)\s*:", data, re.MULTILINE)
    )


def _is_coco(data: bytes) -> bool:
    """Told by keys of the whole or of its entries: of a large file only the ends are looked at."""
    images = b'"images"' in data or b'"file_name"' in data
    annotations = b'"annotations"' in data or b'"image_id"' in data
    return images and annotations and b'"bbox"' in data


def _is_cvat(data: bytes) -> bool:
    """Other files have one ``annotation`` each."""
    return b"<annotations" in data and b"<image " in data


def _is_labelme(data: bytes) -> bool:
    return b'"shapes"' in data and b'"imagePath"' in data


def _is_hub(data: bytes) -> bool:
    """A line names an image and its objects, the first of which has a box."""
    if b'"objects"' not in data:
        return False
    for line in data.splitlines()[:_MAX_LINES]:
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):  # what is no JSON, or cut off
            continue
        objects = entry.get("objects") if isinstance(entry, dict) else None
        first = objects[0] if isinstance(objects, list) and objects else objects
        if isinstance(first, dict) and any(name in first for name in _BOX):
            return isinstance(entry.get("file_name"), str)
    return False


def _is_csv(data: bytes) -> bool:
    return only_of_boxes(names_in_line(data.partition(b"\n")[0].decode("latin-1")))


_FORMS: Final[tuple[tuple[str, frozenset[str], Callable[[bytes], bool]], ...]] = (
    (CVAT, frozenset((".xml",)), _is_cvat),
    (VOC, frozenset((".xml",)), _is_voc),
    (YOLO, frozenset((".txt",)), _is_yolo),
    (COCO, frozenset((".json",)), _is_coco),
    (TABLE, frozenset((".csv", ".tsv")), _is_csv),
    (LABELME, frozenset((".json",)), _is_labelme),
    (HUB, frozenset((".jsonl",)), _is_hub),
)
_OF_ONE_IMAGE: Final = (VOC, YOLO, LABELME)
_DESCRIPTIONS: Final = ((YOLO, frozenset((".yaml", ".yml")), _is_yolo_yaml),)
