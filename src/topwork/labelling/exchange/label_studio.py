"""Tasks of Label Studio: JSON with choices and rectangles."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, quote, unquote, urlsplit
from xml.sax.saxutils import quoteattr

from topwork.data.boxes.safe_xml import MAX_BYTES
from topwork.data.tables.table_file import PATH, TEXT
from topwork.errors import DataError, ParameterError
from topwork.labelling.annotation.answer_form import FORMS, FormName, Value
from topwork.labelling.exchange.given_answers import (
    GivenAnswers,
    files_by_name,
    found_file,
    size_of,
)
from topwork.runtime.counted import counted

LOCAL_FILES: Final = "/data/local-files/?d="
"""Where Label Studio finds images of a folder that it may read (local storage)."""

_MAX_SIZE: Final = 64 * MAX_BYTES
_UPLOADED: Final = re.compile(r"^[0-9a-f]{8}-")
_CHOICES: Final = ("choices", "taxonomy")


def label_studio_tasks(given: GivenAnswers, folder: Path) -> list[dict[str, Any]]:
    """One task per item, its answer as an annotation.

    Parameters
    ----------
    given
        The answers.
    folder
        That of the table, where paths start.

    Raises
    ------
    DataError
        Boxes are in percent of an image that can't be read.
    """
    tasks = []
    for cell, value in given.values.items():
        data = {"image": LOCAL_FILES + quote(cell), PATH: cell}
        if given.inline:
            data = {"text": cell}
        result = _result(given, value, cell, folder)
        tasks.append({"data": data, "annotations": [{"result": result}]})
    return tasks


def labelling_config(given: GivenAnswers) -> str:
    """The labelling interface that fits the tasks, for Label Studio's settings.

    Examples
    --------
    >>> print(labelling_config(GivenAnswers(FORMS["classes"], "text", {"it rains": "weather"})))
    <View>
      <Text name="item" value="$text"/>
      <Choices name="label" toName="item" choice="single">
        <Choice value="weather"/>
      </Choices>
    </View>
    """
    shown = "Text" if given.inline else "Image"
    source = shown.lower()
    if given.form.name == "boxes":
        outer, inner = 'RectangleLabels name="label" toName="item"', "Label"
    else:
        many = "multiple" if given.form.name == "labels" else "single"
        outer, inner = f'Choices name="label" toName="item" choice="{many}"', "Choice"
    lines = [f"    <{inner} value={quoteattr(name)}/>" for name in given.names]
    tag = outer.split(" ", 1)[0]
    return "\n".join(
        [
            "<View>",
            f'  <{shown} name="item" value="${source}"/>',
            f"  <{outer}>",
            *lines,
            f"  </{tag}>",
            "</View>",
        ]
    )


def read_label_studio(file: Path, root: Path) -> GivenAnswers:
    """The answers of an export in JSON, that of people; of several the last one.

    Parameters
    ----------
    file
        A list of tasks, as Label Studio exports them (JSON, not JSON-MIN).
    root
        The folder with the images.

    Raises
    ------
    DataError
        It is no such file, or its answers are of several forms.
    """
    tasks = _tasks(file)
    by_name: dict[str, list[Path]] | None = None
    values: dict[str, Value] = {}
    forms: set[str] = set()
    columns: set[str] = set()
    lost = open_ = differing = 0
    for task in tasks:
        given = [a for a in task.get("annotations") or [] if not a.get("was_cancelled")]
        if not given:
            open_ += 1
            continue
        found = [_value(a.get("result") or []) for a in given]
        differing += len({json.dumps(value, sort_keys=True) for _, value in found}) > 1
        found_form, value = found[-1]
        data = task.get("data") or {}
        column, cell = TEXT, str(data.get(TEXT, ""))
        if TEXT not in data:
            if by_name is None:
                by_name = files_by_name(root)
            column = PATH
            path = _path(data, root, by_name)
            if path is None:
                lost += 1
                continue
            cell = path
        values[cell] = value
        forms.add(found_form)
        columns.add(column)
    if len(columns) > 1 or len(forms - {"empty"}) > 1:
        raise DataError(
            f"{file} mixes images and texts, or kinds of answers.",
            remedy="Export them apart.",
            code="mixed_answers",
        )
    form: FormName = "boxes" if "boxes" in forms else "classes"
    if form == "classes" and any(isinstance(v, list) and len(v) > 1 for v in values.values()):
        form = "labels"
    notes = [
        f"{counted(n, 'task')} {what}."
        for n, what in (
            (open_, "without an annotation: left out"),
            (lost, f"of images that are not below {root}: left out"),
            (differing, "with different annotations: the last one was taken"),
        )
        if n
    ]
    answers = FORMS[form]
    return GivenAnswers(
        answers,
        next(iter(columns), PATH),
        {cell: checked for cell, v in values.items() if (checked := _of_form(form, v)) is not None},
        notes,
    )


def _of_form(form: FormName, value: Any) -> Value:
    if form == "classes":
        value = value[0] if value else None
    return FORMS[form].checked(value)


def _tasks(file: Path) -> list[dict[str, Any]]:
    if file.stat().st_size > _MAX_SIZE:
        raise DataError(
            f"{file} is larger than {_MAX_SIZE // 1_000_000} MB.",
            remedy="Export it in parts.",
            code="too_large",
        )
    try:
        found = json.loads(file.read_bytes())
    except (ValueError, RecursionError) as error:
        raise DataError(f"{file} is no JSON.", remedy="Export as JSON.", code="bad_file") from error
    if not isinstance(found, list) or not all(
        isinstance(task, dict) and isinstance(task.get("data"), dict) for task in found
    ):
        raise DataError(
            f"{file} is no list of Label Studio's tasks.",
            remedy="Export as JSON (not as JSON-MIN or CSV).",
            code="bad_file",
        )
    return found


def _result(given: GivenAnswers, value: Value, cell: str, folder: Path) -> list[dict[str, Any]]:
    of = {"from_name": "label", "to_name": "item"}
    if given.form.name != "boxes":
        choices = given.form.classes(value)
        return [{**of, "type": "choices", "value": {"choices": choices}}] if choices else []
    if not value:
        return []
    width, height = size_of(folder, cell)
    assert isinstance(value, list)
    return [
        {
            **of,
            "type": "rectanglelabels",
            "original_width": width,
            "original_height": height,
            "image_rotation": 0,
            "value": {
                "x": 100 * box[1] / width,
                "y": 100 * box[2] / height,
                "width": 100 * (box[3] - box[1]) / width,
                "height": 100 * (box[4] - box[2]) / height,
                "rotation": 0,
                "rectanglelabels": [box[0]],
            },
        }
        for box in value
        if isinstance(box, list)
    ]


def _value(result: Iterable[Mapping[str, Any]]) -> tuple[Any, list[Any]]:
    """The kind of an annotation, and its choices or boxes."""
    names: list[str] = []
    boxes: list[list[Any]] = []
    for region in result:
        value = region.get("value") or {}
        if region.get("type") in _CHOICES:
            names += [str(name) for name in value.get("choices") or []]
        elif region.get("type") == "rectanglelabels":
            boxes += _box(region, value)
    if boxes:
        return "boxes", boxes
    return ("classes", names) if names else ("empty", [])


def _box(region: Mapping[str, Any], value: Mapping[str, Any]) -> list[list[Any]]:
    try:
        width, height = float(region["original_width"]), float(region["original_height"])
        x, y = float(value["x"]) * width / 100, float(value["y"]) * height / 100
        w, h = float(value["width"]) * width / 100, float(value["height"]) * height / 100
        label = str(value["rectanglelabels"][0])
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise DataError(
            f"A rectangle lacks {error}.", remedy="Export as JSON.", code="bad_file"
        ) from error
    if w <= 0 or h <= 0:
        return []
    return [[label, max(0.0, x), max(0.0, y), min(x + w, width), min(y + h, height)]]


def _path(data: Mapping[str, Any], root: Path, by_name: dict[str, list[Path]]) -> str | None:
    """The image of a task, from the root: as we named it, or by its address."""
    own = data.get(PATH)
    address = next((v for v in data.values() if isinstance(v, str) and "/" in v), None)
    names = [str(own)] if isinstance(own, str) else []
    if isinstance(data.get("image"), str):
        address = data["image"]
    if address:
        split = urlsplit(address)
        place = parse_qs(split.query).get("d", [unquote(split.path)])[0]
        head, _, last = place.rpartition("/")
        names += [place, _UPLOADED.sub("", last) if "upload" in head else last]
    for name in names:
        if (found := found_file(name, root, by_name)) is not None:
            return found.as_posix()
    return None


def check_images(given: GivenAnswers, tool: str) -> None:
    """Refuse texts where a tool takes images only."""
    if given.inline:
        raise ParameterError(
            f"{tool} labels images, but these are texts.",
            remedy="Use --to label-studio.",
            code="no_images",
        )
