"""Which split each annotated image belongs to."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from topwork.data.boxes.annotations import Annotations
from topwork.data.boxes.box_folder import BoxFolder, folder_of, stems_of
from topwork.data.boxes.plain_yaml import parse_yaml
from topwork.data.files import read_file
from topwork.data.folders.splits import part_of
from topwork.errors import BadItem

MAX_BYTES: Final = 64_000_000
"""Of a list of images."""

_TRAINVAL: Final = "trainval"
_MIN_FOUND: Final = 0.5
"""Share of a list's lines that must be images for it to be one."""


def parts_of(annotations: Annotations, folder: BoxFolder) -> dict[str, str]:
    """The split of each annotated image that has one, ``train`` or ``test``.

    Lists such as ``ImageSets/Main/train.txt`` come before what annotation files say, these before
    the folders of a ``data.yaml``, and these before the names of folders. An image that is listed
    for training and for a test belongs to the test.
    """
    listed = _listed(folder)
    described = _described(folder)
    found = {}
    for path, image in annotations.images.items():
        part = listed.get(path) or image.part or _below(path, described) or folder.part(path)
        if part:
            found[path] = part
    return found


def _listed(folder: BoxFolder) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in _lists(folder):
        stem = Path(path).stem
        part = "train" if stem.lower() == _TRAINVAL else part_of(stem)
        images = list(_images_in(path, folder))
        there = [image for image in images if image is not None]
        if part and images and len(there) >= _MIN_FOUND * len(images):
            for image in there:
                found[image] = "test" if found.get(image) == "test" else part
    return found


def _lists(folder: BoxFolder) -> list[str]:
    """Text files called like splits; of VOC's lists those for whole images."""
    images = stems_of(folder.images)
    lists = [
        path
        for path in folder.files(".txt")
        if (Path(path).stem.lower() == _TRAINVAL or part_of(Path(path).stem))
        and not stems_of([path]) <= images
    ]
    main = [path for path in lists if folder_of(path).endswith("ImageSets/Main")]
    return main or [path for path in lists if "ImageSets/" not in folder_of(path)]


def _images_in(path: str, folder: BoxFolder) -> Iterator[str | None]:
    """The images that the lines of a list name."""
    near = folder_of(folder.relative(path))
    for line in _text(path).splitlines():
        if line.strip():
            yield folder.index.named(line, near) or folder.index.named(line.split()[0], near)


def _described(folder: BoxFolder) -> dict[str, str]:
    """The folders that the first ``data.yaml`` names for each split."""
    found: dict[str, str] = {}
    for path in folder.files(".yaml", ".yml")[:1]:
        described = parse_yaml(_text(path))
        base = described.get("path", "")
        for name, part in (("train", "train"), ("val", "train"), ("test", "test")):
            entries = described.get(name, "")
            for entry in [entries] if isinstance(entries, str) else entries:
                place = _existing(os.path.dirname(path), str(base), entry)  # noqa: PTH120
                if place:
                    found.setdefault(place, part)
    return found


def _existing(start: str, base: str, entry: str) -> str:
    """The folder of an entry; its leading ``..`` is often one too many."""
    for tried in (entry, os.path.join(base, entry), entry.lstrip("./")):  # noqa: PTH118
        place = os.path.normpath(os.path.join(start, tried))  # noqa: PTH118
        if entry and os.path.isdir(place):  # noqa: PTH112
            return place
    return ""


def _below(path: str, described: Mapping[str, str]) -> str:
    """The split of the innermost of these folders that an image lies in."""
    fitting = [folder for folder in described if path.startswith(folder + os.sep)]
    return described[max(fitting, key=len)] if fitting else ""


def _text(path: str) -> str:
    try:
        return read_file(Path(path), most=MAX_BYTES).decode("utf-8-sig", errors="replace")
    except BadItem:
        return ""
