"""From a table to a file of another tool, and back."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Final

from pydantic import Field

from topwork.data.json_object import JsonObject
from topwork.data.reading.given import existing
from topwork.data.tables.cells import inert, inert_path
from topwork.errors import DataError, ParameterError
from topwork.labelling.annotation.label_file import LabelFile
from topwork.labelling.exchange.cvat import cvat_xml, read_cvat_tags
from topwork.labelling.exchange.given_answers import GivenAnswers, answers_in
from topwork.labelling.exchange.label_studio import (
    check_images,
    label_studio_tasks,
    labelling_config,
    read_label_studio,
)
from topwork.settings.choices import LabellingTool

EXTENSIONS: Final[dict[LabellingTool, str]] = {"label-studio": ".json", "cvat": ".xml"}


class ExchangeResult(JsonObject):
    """What was written.

    Attributes
    ----------
    out
        The file.
    tool
        Whose form the other file has.
    n_items
        Items with an answer.
    classes
        Of the answers.
    config
        Of Label Studio: the labelling interface to paste into a project's settings.
    notes
        What was left out.
    """

    out: str
    tool: LabellingTool
    n_items: int
    classes: list[str]
    config: str | None = None
    notes: list[str] = Field(default_factory=list)


def export_labels(
    table: str | os.PathLike[str], out: str | os.PathLike[str] | None = None, *, to: LabellingTool
) -> ExchangeResult:
    """Write the labels of a table as another tool imports them.

    Parameters
    ----------
    table
        With the columns path or text, and label, labels, or boxes.
    out
        The file; beside the table where it is not given.
    to
        ``label-studio`` (JSON tasks) or ``cvat`` (CVAT for images 1.1).

    Raises
    ------
    ParameterError
        The tool can't take such items.
    DataError
        The table can't be read, or an image whose size is needed.
    """
    source = existing(table)
    given = answers_in(source)
    target = Path(out) if out is not None else source.with_suffix(EXTENSIONS[to])
    if to == "cvat":
        check_images(given, "CVAT")
        content, config = cvat_xml(given, source.parent), None
    else:
        tasks = label_studio_tasks(given, source.parent)
        content, config = json.dumps(tasks, indent=1), labelling_config(given)
    target.write_text(content, "utf-8", "replace")
    return ExchangeResult(
        out=str(target),
        tool=to,
        n_items=len(given.values),
        classes=given.names,
        config=config,
        notes=given.notes,
    )


def import_labels(
    file: str | os.PathLike[str],
    out: str | os.PathLike[str] = "labels.csv",
    *,
    root: str | os.PathLike[str] = ".",
    tool: LabellingTool | None = None,
) -> ExchangeResult:
    """Write the answers of another tool's export into a table.

    Parameters
    ----------
    file
        The export.
    out
        The table. What it holds stays, but for items that the export has answers for.
    root
        The folder with the images.
    tool
        Whose export it is; told by its ending where it is not given.

    Raises
    ------
    DataError
        It is no such export, or has no answer.
    """
    source, target = existing(file), Path(out)
    whose: LabellingTool | None = tool or next(
        (name for name, ending in EXTENSIONS.items() if source.suffix.lower() == ending), None
    )
    if whose is None:
        raise ParameterError(
            f"Whose export {source} is can't be told.",
            remedy="Say it with --from label-studio or --from cvat.",
            code="unknown_tool",
        )
    read = read_cvat_tags if whose == "cvat" else read_label_studio
    given = read(source, Path(root))
    if not given.values:
        raise DataError(
            f"{source} has no answer for an item below {root}.",
            remedy="Name the folder with the images by --root.",
            code="no_labels",
        )
    start = target.resolve().parent
    LabelFile(target, (given.column,), given.form.columns, split=False).put(
        {_cell(given, cell, start): given.form.rows(value) for cell, value in given.values.items()},
        split="",
    )
    return ExchangeResult(
        out=str(target),
        tool=whose,
        n_items=len(given.values),
        classes=given.names,
        notes=given.notes,
    )


def _cell(given: GivenAnswers, cell: str, start: Path) -> str:
    if given.inline:
        return inert(cell)
    return inert_path(Path(os.path.relpath(cell, start)).as_posix())
