"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
Seed = Annotated[int, typer.Option("--seed", help="Seed of everything random.")]
ModelPath = Annotated[Path, typer.Argument(metavar="MODEL", help="The folder of a saved model.")]
Columns = Annotated[
    str | None,
    typer.Option("--columns", help="Names of columns in a table, as path=file,label=kind."),
]
LabelColumn = Annotated[
    str | None,
    typer.Option(
        "--label", metavar="COLUMN", help="The column of a table with the labels or numbers."
    ),
]
Task = Annotated[
    str,
    typer.Option(
        "--task", help="What the labels are: classes, number, or auto to tell by the labels."
    ),
]
NoHeader = Annotated[
    str | None,
    typer.Option("--no-header", help="Names for the columns of a table without a header."),
]
Kind = Annotated[
    str, typer.Option("--kind", help="What the items are: image, text, or auto to detect.")
]
FormerKind = Annotated[str | None, typer.Option("--items", hidden=True)]
"""What ``--kind`` was called."""

Lines = Annotated[bool, typer.Option("--lines", help="Each line of a text file is a text.")]
LabelsFile = Annotated[
    Path | None,
    typer.Option("--labels", metavar="FILE", help="The labels of a file with a text per line."),
]
NamesFile = Annotated[
    Path | None,
    typer.Option(
        "--names", metavar="FILE", help="File that maps label numbers to names (0<tab>anger)."
    ),
]
Layout = Annotated[
    str,
    typer.Option("--layout", help="Meaning of folders: class, domain/class, or auto to detect."),
]
Groups = Annotated[
    str | None,
    typer.Option(
        "--groups", metavar="folder", help="Keep together what lies in one subfolder of a class."
    ),
]
Root = Annotated[
    Path | None,
    typer.Option("--root", metavar="FOLDER", help="The folder that paths in a table start from."),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option("--exclude", metavar="NAME", help="Folder or file to leave out."),
]


def column_names(text: str | None) -> dict[str, str] | None:
    """``path=file,label=kind`` as a mapping.

    Raises
    ------
    ParameterError
        A part isn't of the form ``ours=theirs``.
    """
    from topwork.errors import ParameterError

    if text is None:
        return None
    pairs = [part.partition("=") for part in text.split(",")]
    if not all(ours.strip() and theirs.strip() for ours, _, theirs in pairs):
        raise ParameterError(
            f"--columns cannot be {text!r}.", remedy="Write it like path=file,label=kind."
        )
    return {ours.strip(): theirs.strip() for ours, _, theirs in pairs}


def columns_with_label(columns: str | None, label: str | None) -> dict[str, str] | None:
    """``--columns`` with the column that ``--label`` names.

    Raises
    ------
    ParameterError
        Both name one.
    """
    from topwork.errors import ParameterError

    names = column_names(columns)
    if label is None:
        return names
    if names and "label" in names:
        raise ParameterError(
            "--label and --columns label=... both name the column of labels.",
            remedy="Leave one of them out.",
        )
    return {**(names or {}), "label": label}


def header_names(text: str | None) -> list[str] | None:
    """``path,label`` as a list."""
    return None if text is None else [name.strip() for name in text.split(",")]


def label_costs(pairs: list[str] | None) -> dict[str, float] | None:
    """``["cat=1", "dog=5"]`` as a mapping.

    Raises
    ------
    ParameterError
        A part isn't of the form ``LABEL=COST``.
    """
    from topwork.errors import ParameterError

    if not pairs:
        return None
    costs: dict[str, float] = {}
    for pair in pairs:
        label, _, cost = pair.rpartition("=")
        try:
            costs[label] = float(cost)
        except ValueError:
            label = ""
        if not label:
            raise ParameterError(
                f"--cost cannot be {pair!r}.", remedy="Write it like --cost sick=10."
            )
    return costs
