"""CVAT for images 1.1: XML with tags and boxes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from topwork.data.boxes.safe_xml import MAX_BYTES, Element, parse_xml
from topwork.data.tables.table_file import PATH
from topwork.errors import DataError
from topwork.labelling.annotation.answer_form import FORMS, FormName, Value
from topwork.labelling.exchange.given_answers import (
    GivenAnswers,
    files_by_name,
    found_file,
    size_of,
)
from topwork.runtime.counted import counted

_MAX_SIZE: Final = 64 * MAX_BYTES


def cvat_xml(given: GivenAnswers, folder: Path) -> str:
    """All images with their tags or boxes.

    Raises
    ------
    DataError
        An image can't be read: CVAT wants the size of each.
    """
    boxed = given.form.name == "boxes"
    kind = "rectangle" if boxed else "tag"
    labels = "".join(
        f"<label><name>{escape(name)}</name><type>{kind}</type></label>" for name in given.names
    )
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        "<annotations>",
        "<version>1.1</version>",
        f"<meta><task><name>topwork</name><size>{len(given.values)}</size>"
        f"<mode>annotation</mode><labels>{labels}</labels></task></meta>",
    ]
    for number, (cell, value) in enumerate(given.values.items()):
        width, height = size_of(folder, cell)
        lines.append(
            f'<image id="{number}" name={quoteattr(cell)} width="{width}" height="{height}">'
        )
        if boxed and isinstance(value, list):
            lines += [_box(box) for box in value if isinstance(box, list)]
        elif not boxed:
            lines += [
                f'<tag label={quoteattr(name)} source="manual"></tag>'
                for name in given.form.classes(value)
            ]
        lines.append("</image>")
    return "\n".join([*lines, "</annotations>", ""])


def _box(box: list[Any]) -> str:
    corners = " ".join(
        f'{name}="{number:.2f}"'
        for name, number in zip(("xtl", "ytl", "xbr", "ybr"), box[1:], strict=True)
    )
    return (
        f'<box label={quoteattr(str(box[0]))} source="manual" occluded="0" {corners} z_order="0">'
        "</box>"
    )


def read_cvat_tags(file: Path, root: Path) -> GivenAnswers:
    """The tags or boxes of an export.

    An image with neither has been labelled only where boxes were drawn in others: it shows no
    object then.

    Raises
    ------
    DataError
        It is no such file.
    """
    if file.stat().st_size > _MAX_SIZE:
        raise DataError(
            f"{file} is larger than {_MAX_SIZE // 1_000_000} MB.",
            remedy="Export it in parts.",
            code="too_large",
        )
    try:
        top = parse_xml(file.read_bytes(), most=_MAX_SIZE)
    except ValueError as error:
        raise DataError(
            f"{file} is no XML that can be read: {error}",
            remedy="Export as CVAT for images 1.1, and unpack the archive.",
            code="bad_file",
        ) from error
    images = top.all("image")
    if top.name != "annotations" or not images:
        raise DataError(
            f"{file} holds no images of CVAT.",
            remedy="Export as CVAT for images 1.1.",
            code="bad_file",
        )
    by_name = files_by_name(root)
    found: dict[str, tuple[list[str], list[list[Any]]]] = {}
    lost = other = 0
    for image in images:
        path = found_file(image.attributes.get("name", ""), root, by_name)
        if path is None:
            lost += 1
            continue
        tags = [child.attributes.get("label", "") for child in image.all("tag")]
        boxes = [box for child in image.all("box") if (box := _corners(child)) is not None]
        other += sum(child.name not in ("tag", "box") for child in image.children)
        found[path.as_posix()] = tags, boxes
    form: FormName = "classes"
    if any(boxes for _, boxes in found.values()):
        form = "boxes"
    elif any(len(tags) > 1 for tags, _ in found.values()):
        form = "labels"
    values: dict[str, Value] = {}
    for cell, (tags, boxes) in found.items():
        if form == "boxes":
            values[cell] = FORMS[form].checked(boxes)
        elif tags:
            values[cell] = FORMS[form].checked(tags if form == "labels" else tags[0])
    notes = [
        f"{counted(n, noun)} {what}."
        for n, noun, what in (
            (lost, "image", f"not below {root}: left out"),
            (other, "shape", "that are neither tags nor boxes: left out"),
            (len(found) - len(values), "image", "without a tag: left out"),
        )
        if n
    ]
    return GivenAnswers(FORMS[form], PATH, values, notes)


def _corners(box: Element) -> list[Any] | None:
    told = box.attributes
    try:
        corners = [max(0.0, float(told[name])) for name in ("xtl", "ytl", "xbr", "ybr")]
    except (KeyError, ValueError):
        return None
    if corners[0] >= corners[2] or corners[1] >= corners[3]:
        return None
    return [told.get("label", ""), *corners]
