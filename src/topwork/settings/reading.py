"""How labelled data are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from topwork.errors import ParameterError
from topwork.settings.choices import PLANES, AskedTask, FitTask, Layout, Plane, one_of
from topwork.settings.setting import Setting


def column_names(text: str | None) -> dict[str, str] | None:
    """``path=file,label=kind`` as a mapping.

    Raises
    ------
    ParameterError
        A part isn't of the form ``ours=theirs``.
    """
    if text is None:
        return None
    pairs = [part.partition("=") for part in text.split(",")]
    if not all(ours.strip() and theirs.strip() for ours, _, theirs in pairs):
        raise ParameterError(
            f"--columns cannot be {text!r}.", remedy="Write it like path=file,label=kind."
        )
    return {ours.strip(): theirs.strip() for ours, _, theirs in pairs}


def further_names(text: str | None) -> tuple[str, ...] | None:
    """``age,city`` as a tuple, none of them for ``none``; None for all.

    Examples
    --------
    >>> further_names("age, city"), further_names("none"), further_names(None)
    (('age', 'city'), (), None)
    """
    if text is None:
        return None
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    return () if names == ("none",) else names


def image_names(text: str | None) -> tuple[str, ...]:
    """``front,back`` as a tuple; empty where nothing is given."""
    return further_names(text) or ()


def header_names(text: str | None) -> list[str] | None:
    """``path,label`` as a list."""
    return None if text is None else [name.strip() for name in text.split(",")]


@dataclass(kw_only=True)
class TableSettings:
    """How tables and files of texts are read."""

    columns: Annotated[
        Mapping[str, str] | None,
        Setting(
            "Names of columns in a table, as path=file,label=kind.",
            typed=str | None,
            read=column_names,
        ),
    ] = None
    header: Annotated[
        Sequence[str] | None,
        Setting(
            "Names for the columns of a table without a header.",
            flag="--no-header",
            typed=str | None,
            read=header_names,
        ),
    ] = None
    root: Annotated[
        Path | None,
        Setting("The folder that paths in a table start from.", metavar="FOLDER"),
    ] = None
    lines: Annotated[bool, Setting("Each line of a text file is a text.")] = False


@dataclass(kw_only=True)
class ReadingSettings(TableSettings):
    """How labelled data are read.

    Parameters
    ----------
    items
        What ``kind`` was called.
    """

    kind: Annotated[
        str, Setting("What the items are: image, text, row of a table, or auto to detect.")
    ] = "auto"
    items: Annotated[str | None, Setting("What --kind was called.", hidden=True)] = None
    layout: Annotated[Layout, Setting("Meaning of folders.", "``auto`` detects it.")] = "auto"
    groups: Annotated[
        str | None,
        Setting("Keep together what lies in one subfolder of a class.", metavar="folder"),
    ] = None
    exclude: Annotated[
        Sequence[str],
        Setting(
            "Folder or file to leave out.",
            metavar="NAME",
            typed=list[str] | None,
            read=lambda names: names or (),
        ),
    ] = ()
    labels: Annotated[
        Path | None,
        Setting("The labels of a file with a text per line.", metavar="FILE"),
    ] = None
    names: Annotated[
        Path | None,
        Setting("File that maps label numbers to names (0<tab>anger).", metavar="FILE"),
    ] = None

    show_images: Annotated[
        bool, Setting("Show DICOM and NIfTI images in pages, which may tell whom they are of.")
    ] = False
    label: Annotated[
        str | None,
        Setting("The column of a table with the labels or numbers.", metavar="COLUMN"),
    ] = None

    @property
    def wanted(self) -> str:
        """What the items are said to be."""
        return self.items or self.kind

    @property
    def named(self) -> Mapping[str, str] | None:
        """The columns by name, that of the labels among them.

        Raises
        ------
        ParameterError
            Two options name it.
        """
        if self.label is None:
            return self.columns
        if self.columns and "label" in self.columns:
            raise ParameterError(
                "--label and --columns label=... both name the column of labels.",
                remedy="Leave one of them out.",
            )
        return {**(self.columns or {}), "label": self.label}


@dataclass(kw_only=True, eq=False, repr=False)
class OrderSettings:
    """In which order classes stand."""

    order: Annotated[
        Sequence[str] | None,
        Setting(
            "Ordered classes: their labels from low to high, e.g. low,mid,high.",
            "Labels that are numbers have the order of these.",
            metavar="LABELS",
            typed=str | None,
            read=header_names,
        ),
    ] = None


@dataclass(kw_only=True)
class TaskSettings(OrderSettings, ReadingSettings):
    """How labelled data are read, and what their labels are."""

    task: Annotated[
        FitTask,
        Setting(
            "What the labels are; one-class for images of good parts only.",
            "``auto`` tells by the labels.",
        ),
    ] = "auto"

    @property
    def asked(self) -> AskedTask:
        """What the labels are said to be; those of good parts are not looked at."""
        return "auto" if self.task == "one-class" else self.task


@dataclass(kw_only=True)
class FitReadingSettings(TaskSettings):
    """How labelled data are read, and what stands beside the items."""

    use_columns: Annotated[
        Sequence[str] | None,
        Setting(
            "Further columns of the table to learn from, or none [all that say something].",
            metavar="NAMES",
            typed=str | None,
            read=further_names,
        ),
    ] = None
    image_columns: Annotated[
        Sequence[str],
        Setting(
            "Columns of a table with images; the first is that of the items.",
            metavar="NAMES",
            typed=str | None,
            read=image_names,
        ),
    ] = ()
    volume: Annotated[
        bool,
        Setting("A DICOM series or NIfTI file is one item, of up to 16 of its slices."),
    ] = False
    plane: Annotated[
        Plane | None,
        Setting(
            "With --volume, how NIfTI files are cut into slices [axial].",
            typed=str | None,
        ),
    ] = None

    def __post_init__(self) -> None:
        if self.plane is None:
            return
        one_of("plane", self.plane, PLANES)
        if not self.volume:
            raise ParameterError(
                "plane cannot be given without --volume.", remedy="Add --volume, or leave it out."
            )

    @property
    def cut(self) -> Plane | None:
        """How volumes are cut into slices; None where each image is an item."""
        return (self.plane or PLANES[0]) if self.volume else None
