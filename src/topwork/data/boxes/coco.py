"""COCO files: one JSON object with images, annotations and categories."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from topwork.data.boxes.annotations import Annotations, Corners, number, shown
from topwork.data.boxes.box_folder import BoxFolder, folder_of, part_of_folders
from topwork.data.folders.boxes import is_annotation
from topwork.data.folders.splits import loose_part_of, part_of

_OTHER_TASKS: Final = re.compile(r"(person_keypoints|captions|image_info|stuff|panoptic)_")
"""How files of the same images for other tasks begin."""

_PREFIX: Final = re.compile(r"^(instances|annotations?|bbox|boxes|coco|labels?)[_.\-]+", re.I)


def read_coco(folder: BoxFolder) -> Annotations:
    """Read every COCO file of a folder; of an image in several files all boxes count.

    The name of a file or its folder says the split of its images.
    """
    paths = [path for path in folder.files(".json") if is_annotation(Path(path)) == "COCO"]
    return read_coco_files(_of_objects(paths), folder)


def read_coco_files(paths: Iterable[str], folder: BoxFolder, *, splits: bool = True) -> Annotations:
    """Read COCO files whose images lie somewhere in a folder.

    Parameters
    ----------
    splits
        Whether their names and folders say splits.
    """
    annotations = Annotations("COCO")
    for path in paths:
        part = _part(folder.relative(path)) if splits else ""
        try:
            whole = json.loads(Path(path).read_bytes(), parse_int=_integer)
            _check(whole)
        except (ValueError, RecursionError, OSError) as error:
            annotations.report(path, "bad_file", str(error)[:200], part=part)
            continue
        _CocoFile(path, whole, folder, annotations, part).read()
    return annotations


def _of_objects(paths: list[str]) -> list[str]:
    """Without files for other tasks, where one for objects lies there."""
    own = [path for path in paths if not _OTHER_TASKS.match(Path(path).name)]
    return own or paths


def _integer(text: str) -> int | float:
    """A number of any length: Python refuses to read more than some thousand digits."""
    return int(text) if len(text) < 20 else float(text)


def _check(whole: object) -> None:
    """Refuse what is no COCO file.

    Raises
    ------
    ValueError
        With what was expected.
    """
    if not isinstance(whole, dict):
        raise ValueError("it is not one object with images, annotations and categories")
    for name in ("images", "annotations"):
        if not isinstance(whole.get(name), list):
            raise ValueError(f"its {name} are no list")


@dataclass(frozen=True, slots=True)
class _CocoFile:
    """One file while it is read."""

    path: str
    whole: Mapping[str, Any]
    folder: BoxFolder
    annotations: Annotations
    part: str

    def read(self) -> None:
        names, images = self._class_names(), self._images()
        for entry in self.whole["annotations"]:
            if isinstance(entry, dict):
                self._object(entry, names, images)
            else:
                self._report("bad_entry", shown(entry))

    def _class_names(self) -> dict[str, str]:
        """Class names by the text of their ids, which need not follow each other."""
        found: dict[str, str] = {}
        categories = self.whole.get("categories")
        for entry in categories if isinstance(categories, list) else ():
            name = entry.get("name") if isinstance(entry, dict) else None
            if name is None or "id" not in entry or str(entry["id"]) in found:
                self._report("bad_entry", f"category {shown(entry)}")
            else:
                found[str(entry["id"])] = str(name)
        return found

    def _images(self) -> dict[str, str | None]:
        """The path of each image by the text of its id; None where there is no such file."""
        found: dict[str, str | None] = {}
        near = self._near()
        for entry in self.whole["images"]:
            name = entry.get("file_name") if isinstance(entry, dict) else None
            if not isinstance(name, str) or not name.strip() or str(entry.get("id")) in found:
                self._report("bad_entry", f"image {shown(entry)}")
                continue
            path = self.folder.index.named(name, near)
            found[str(entry.get("id"))] = path
            if path is None:
                self.annotations.report(
                    name, "missing_image", f"named in {self.path}", part=self.part
                )
                continue
            image = self.annotations.of(path)
            image.size = image.size or _size(entry)
            image.part = "test" if image.part == "test" else self.part or image.part
        return found

    def _object(
        self, entry: Mapping[str, Any], names: Mapping[str, str], images: Mapping[str, str | None]
    ) -> None:
        place, box = str(entry.get("image_id")), entry.get("bbox")
        if place not in images:
            self._report("unknown_image", f"image_id {place[:40]}")
            return
        path = images[place]
        if path is None:
            return
        image, label = self.annotations.of(path), names.get(str(entry.get("category_id")))
        corners = _corners(box)
        if corners is None:
            image.reject("not_a_number", f"bbox {shown(box)}")
        elif corners[2] < corners[0] or corners[3] < corners[1]:
            image.reject("negative_size", f"bbox {shown(box)}")
        elif label is None:
            image.reject("unknown_class", f"category_id {str(entry.get('category_id'))[:40]}")
        else:
            image.add(label, corners, ignored=_flag(entry, "iscrowd") or _flag(entry, "ignore"))

    def _near(self) -> str:
        """Where images of this file are expected: in its folder, or one called like its end."""
        relative = self.folder.relative(self.path)
        inner = _PREFIX.sub("", os.path.splitext(Path(relative).name)[0])  # noqa: PTH122
        named = loose_part_of(inner) or part_of(inner)
        return "/".join(filter(None, (folder_of(relative), inner if named else "")))

    def _report(self, reason: str, detail: str) -> None:
        self.annotations.report(self.path, reason, detail, part=self.part)


def _part(relative: str) -> str:
    """The split that the name or the folders of a file say."""
    stem = Path(relative).stem
    return loose_part_of(stem) or part_of(stem) or part_of_folders(folder_of(relative))


def _size(entry: Mapping[str, Any]) -> tuple[float, float] | None:
    width, height = number(entry.get("width")), number(entry.get("height"))
    return (width, height) if width > 0 and height > 0 else None


def _corners(box: object) -> Corners | None:
    """Corners of x, y, width, height; None where these are not four numbers."""
    if not isinstance(box, list) or len(box) != 4:
        return None
    x, y, width, height = (number(value) for value in box)
    corners = (x, y, x + width, y + height)
    return None if any(value != value for value in corners) else corners  # noqa: PLR0124 (NaN)


def _flag(entry: Mapping[str, Any], name: str) -> bool:
    return entry.get(name) in (1, True, "1", "true")
