"""What several commands share beside the settings: their own options, and how data are read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from topwork.settings import (
    FitReadingSettings,
    ReadingSettings,
    RunSettings,
    TaskSettings,
    stated_in,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from topwork.data import Dataset
    from topwork.data.folders.splits import Split
    from topwork.model.card import NetworkCard
    from topwork.settings.choices import AskedTask

_SEED = next(stated for stated in stated_in(RunSettings) if stated.name == "seed")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
Seed = Annotated[int, typer.Option(_SEED.flag, help=_SEED.setting.help)]
"""Of commands that take no other setting of how they run."""

Network = Annotated[
    str | None, typer.Option("--backbone", help="SOURCE:NAME of the network [the usual one].")
]
ItemKind = Annotated[
    str, typer.Option("--kind", help="What the items are: image, text, or auto to detect.")
]

ModelPath = Annotated[Path, typer.Argument(metavar="MODEL", help="The folder of a saved model.")]
DataPath = Annotated[
    Path, typer.Argument(metavar="DATA", help="Class folders, a table, or images with boxes.")
]


def read_data(
    data: Path,
    reading: ReadingSettings,
    *,
    split: Split,
    items: str | None = None,
    fitted: NetworkCard | None = None,
    beside: bool = False,
    task: AskedTask | None = None,
) -> Dataset:
    """Labelled data, read as the options say.

    Parameters
    ----------
    items, task
        In place of what they say that items and labels are.
    fitted
        The card of a model, which knows the columns that it was fitted with.
    beside
        Whether what stands beside the items is read, too.
    """
    from topwork.data import further_columns, read
    from topwork.data.reading.inspection.good_parts import read_good_parts
    from topwork.data.reading.inspection.inspected_parts import read_inspected_parts

    if are_parts(data, reading):
        _check_for_good_parts(reading)
        if split == "test" and (data / "test").is_dir():
            return read_inspected_parts(data).data
        found = read_good_parts(
            data, split=split, columns=reading.named, header=reading.header, root=reading.root
        )
        from topwork.data.reading.medical.patients import with_patients

        found = with_patients(found)
        return replace(found, shows_images=True) if reading.show_images else found
    columns = reading.named if fitted is None else fitted.columns_read(reading.named)
    if beside and isinstance(reading, FitReadingSettings):
        further = None if reading.use_columns is None else tuple(reading.use_columns)
        images = tuple(reading.image_columns)
        columns = further_columns(reading.named, further, images=images, several=True)
    found = read(
        data,
        split=split,
        columns=columns,
        header=reading.header,
        layout=reading.layout,
        groups=reading.groups,
        exclude=reading.exclude,
        root=reading.root,
        lines=reading.lines,
        labels=reading.labels,
        names=reading.names,
        items=items or reading.wanted,
        task=task or (reading.asked if isinstance(reading, TaskSettings) else "auto"),
    )
    found = _with_volumes(found, reading, fitted)
    return replace(found, shows_images=True) if reading.show_images else found


def _with_volumes(found: Dataset, reading: ReadingSettings, fitted: NetworkCard | None) -> Dataset:
    """The same data, of volumes where that is asked for or the model was fitted on such.

    Raises
    ------
    ParameterError
        It is asked for, and no item is a DICOM or NIfTI file.
    """
    from topwork.data import with_volumes
    from topwork.errors import ParameterError

    asked = reading.cut if isinstance(reading, FitReadingSettings) else None
    if asked and not found.medical:
        raise ParameterError(
            "--volume cannot be given: none of the items is a DICOM or NIfTI file.",
            remedy="Leave it out.",
            code="medical_only",
        )
    plane = asked if fitted is None else fitted.appearance.plane
    return with_volumes(found, plane or "")


def check_volume(reading: FitReadingSettings, beside: Mapping[str, object]) -> None:
    """Refuse options that models of volumes are fitted without.

    Raises
    ------
    ParameterError
        One is given.
    """
    from topwork.errors import ParameterError

    for option in (option for option, given in beside.items() if reading.volume and given):
        raise ParameterError(
            f"{option} cannot be given together with --volume.",
            remedy="Leave one of them out.",
            code="has_volumes",
        )


def are_parts(data: Path, reading: ReadingSettings) -> bool:
    """Whether images of good parts are read: as asked, or told by the folders."""
    from topwork.data.reading.inspection.good_parts import is_inspection_layout

    asked = reading.task if isinstance(reading, TaskSettings) else "classes"
    auto = asked == "auto" and reading.layout == "auto" and not _are_inline(reading)
    return asked == "one-class" or (auto and is_inspection_layout(data))


def _are_inline(reading: ReadingSettings) -> bool:
    """Whether the items are said to stand in a table themselves, as texts do."""
    from topwork.data import MODALITIES

    return reading.wanted in MODALITIES and MODALITIES[reading.wanted].inline


def check_of_images(reading: ReadingSettings) -> None:
    """Refuse to inspect anything but images.

    Raises
    ------
    ParameterError
        The items are said to be something else.
    """
    from topwork.errors import ParameterError

    if _are_inline(reading):
        raise ParameterError(
            f"Parts are inspected in images, and --kind says {reading.wanted}.",
            remedy="Leave --kind out, or fit classes with --task classes.",
            code="not_for_good_parts",
        )


def _check_for_good_parts(reading: ReadingSettings) -> None:
    """Refuse options that images of good parts are read without.

    Raises
    ------
    ParameterError
        One is given.
    """
    from topwork.errors import ParameterError

    check_of_images(reading)
    asked = {
        "--layout": reading.layout != "auto",
        "--groups": reading.groups is not None,
        "--exclude": bool(reading.exclude),
        "--lines": reading.lines,
        "--labels": reading.labels is not None,
        "--names": reading.names is not None,
        "--volume": isinstance(reading, FitReadingSettings) and reading.volume,
    }
    for option in (option for option, given in asked.items() if given):
        raise ParameterError(
            f"{option} cannot be given for images of good parts.",
            remedy="Leave it out; a table says which images are good (label), to be left out "
            "(keep), and of one part (group).",
            code="not_for_good_parts",
        )
