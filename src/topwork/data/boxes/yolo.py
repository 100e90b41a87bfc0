"""YOLO files: one text file per image, a line per object, coordinates as fractions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from topwork.data.boxes.annotations import AnnotatedImage, Annotations, Corners, number
from topwork.data.boxes.box_folder import BoxFolder, folder_of, stems_of
from topwork.data.boxes.plain_yaml import parse_yaml
from topwork.data.files import read_file
from topwork.errors import BadItem

MAX_BYTES: Final = 8_000_000
"""Of a file."""

_NAME_FILES: Final = re.compile(r"(classes|obj|names|labels|_darknet)\.(txt|names|labels)", re.I)
_DESCRIPTIONS: Final = ("data.yaml", "data.yml", "dataset.yaml", "classes.txt", "obj.names")
_LEVELS_ABOVE: Final = 2
_DIGITS: Final = re.compile(r"[0-9]{1,9}(\.0+)?")


def read_yolo(folder: BoxFolder) -> Annotations:
    """Read the text file of each image.

    An image without one shows no object, if one lies there for another image of its folder;
    otherwise the folder is not annotated. Classes are numbers, which ``data.yaml`` or
    ``classes.txt`` give names; without either they are called by their numbers. A polygon counts as
    the box around it.
    """
    annotations = Annotations("YOLO")
    names = _class_names(folder, annotations)
    annotated: set[str] = set()
    for file in _label_files(folder):
        path = folder.index.with_stem(file)
        if path is None:
            annotations.report(
                file, "missing_image", "it has the name of no image", part=folder.part(file)
            )
            continue
        annotated.add(folder_of(path))
        if path in annotations.images:
            annotations.counts["second_file"] += 1
            continue
        try:
            text = _text(file)
        except BadItem as error:
            annotations.report(file, "bad_file", str(error)[:200], part=folder.part(file))
            continue
        image = annotations.of(path)
        image.fractions = True
        for line in text.splitlines():
            if line.strip():
                _read_line(line.split(), names, image, annotations)
    _add_negatives(folder, annotated, annotations)
    return annotations


def _label_files(folder: BoxFolder) -> list[str]:
    """Text files that may belong to an image: called like one, or beside such files."""
    files = [path for path in folder.files(".txt") if not _NAME_FILES.fullmatch(Path(path).name)]
    images = stems_of(folder.images)
    homes = {folder_of(path) for path in files if stems_of([path]) <= images}
    return [
        path
        for path in files
        if stems_of([path]) <= images or (folder_of(path) in homes and _is_label(path))
    ]


def _is_label(path: str) -> bool:
    """Whether each line begins with five numbers; lists of images and notes don't."""
    try:
        lines = [line.split() for line in _text(path).splitlines() if line.strip()]
    except BadItem:
        return False
    return bool(lines) and all(
        len(line) >= 5 and all(number(part) == number(part) for part in line[:5]) for line in lines
    )


def _text(path: str) -> str:
    try:
        return read_file(Path(path), most=MAX_BYTES).decode("utf-8-sig", errors="replace")
    except BadItem as error:
        if error.reason == "empty":
            return ""
        raise


def _add_negatives(folder: BoxFolder, annotated: set[str], annotations: Annotations) -> None:
    failed = stems_of(i.path for _, i in annotations.issues if i.reason == "bad_file")
    for path in folder.images:
        bare = path not in annotations.images and folder_of(path) in annotated
        if bare and not stems_of([path]) <= failed:
            annotations.of(path).fractions = True


def _read_line(
    parts: Sequence[str],
    names: Mapping[int, str] | None,
    image: AnnotatedImage,
    annotations: Annotations,
) -> None:
    written = " ".join(parts)[:120]
    values = [number(part) for part in parts[1:]]
    if any(value != value for value in values):  # noqa: PLR0124 (NaN)
        image.reject("not_a_number", written)
        return
    corners = _corners(values)
    if corners is None:
        image.reject("bad_line", written)
        return
    label = _label(parts[0], names)
    if corners[2] < corners[0] or corners[3] < corners[1]:
        image.reject("negative_size", written)
    elif label is None:
        image.reject("unknown_class", written)
    else:
        annotations.counts["polygon"] += len(values) >= 6
        image.add(label, corners)


def _corners(values: Sequence[float]) -> Corners | None:
    """Corners of a centre with width and height, perhaps with a confidence, or of a polygon."""
    if len(values) in (4, 5):
        x, y, width, height = values[:4]
        return x - width / 2, y - height / 2, x + width / 2, y + height / 2
    if len(values) >= 6 and len(values) % 2 == 0:
        return min(values[::2]), min(values[1::2]), max(values[::2]), max(values[1::2])
    return None


def _label(written: str, names: Mapping[int, str] | None) -> str | None:
    """The name of a class; its number where no class has a name."""
    if not _DIGITS.fullmatch(written):
        return written if names and written in names.values() else None
    code = int(float(written))
    return str(code) if names is None else names.get(code)


def _class_names(folder: BoxFolder, annotations: Annotations) -> Mapping[int, str] | None:
    """The names of the classes by their numbers, out of the description nearest to the top."""
    described = [(path, _names_in_yaml(path)) for path in folder.files(".yaml", ".yml")]
    listed = [
        (path, _names_in_lines(path))
        for path in folder.files(".txt", ".names", ".labels")
        if _NAME_FILES.fullmatch(Path(path).name)
    ]
    found = [(path, names) for path, names in (*described, *listed) if names]
    if not found and (above := _names_above(folder)):
        path, names = above
        annotations.notes.append(f"The names of the classes were read from {path}.")
        return names
    if not found:
        annotations.notes.append(
            "There is no data.yaml and no classes.txt with the names of the classes, which are "
            "called by their numbers."
        )
        return None
    path, names = found[0]
    others = [other for other, theirs in found[1:] if theirs != names]
    if others:
        annotations.notes.append(
            f"The names of the classes were read from {path}; {others[0]} has others."
        )
    return names


def _names_above(folder: BoxFolder) -> tuple[str, dict[int, str]] | None:
    """The names of a description above the folder, as where one split of a data set is given."""
    for parent in Path(folder.root or ".").resolve().parents[:_LEVELS_ABOVE]:
        for name in _DESCRIPTIONS:
            path = str(parent / name)
            names = _names_in_yaml(path) if name.endswith("ml") else _names_in_lines(path)
            if names:
                return path, names
    return None


def _names_in_yaml(path: str) -> dict[int, str]:
    try:
        names = parse_yaml(_text(path)).get("names")
    except BadItem:
        return {}
    if isinstance(names, list):
        return dict(enumerate(names))
    if isinstance(names, dict):
        return {int(code): name for code, name in names.items() if _DIGITS.fullmatch(code)}
    return {}


def _names_in_lines(path: str) -> dict[int, str]:
    try:
        lines = [line.strip() for line in _text(path).splitlines()]
    except BadItem:
        return {}
    while lines and not lines[-1]:
        lines.pop()
    return dict(enumerate(lines))
