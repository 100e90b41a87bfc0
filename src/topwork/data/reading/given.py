"""What the user gave: whether it is there, and which parameters go with it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from topwork.data.reading.missing import meant
from topwork.data.tables.table_files import is_table
from topwork.data.texts.modality import TEXT_EXTENSIONS
from topwork.errors import DataError, ParameterError

_MANIFEST: Final = "manifest.json"
_CARD: Final = "model.json"
"""Two files that lie in every saved model."""


def file_of_lines(path: Path) -> Path:
    """A file with a text per line.

    Raises
    ------
    topwork.errors.ParameterError
        It is something else.
    """
    if path.is_file() and (path.suffix.lower() in TEXT_EXTENSIONS or not is_table(path)):
        return path
    raise ParameterError(
        f"{path} is no file with a text per line.",
        remedy="Give such a file as DATA, such as train_text.txt, or leave --lines, --labels and "
        "--names out.",
    )


def only_for(what: str, **parameters: object) -> None:
    """Refuse parameters that go with other data.

    Raises
    ------
    topwork.errors.ParameterError
        One of them is given.
    """
    for name, value in parameters.items():
        if value is not None:
            raise ParameterError(
                f"{name} goes with {what}, which the data are not.", remedy=f"Leave {name} out."
            )


def is_saved_model(path: Path) -> bool:
    """Whether a folder holds what every saved model does."""
    return (path / _MANIFEST).is_file() and (path / _CARD).is_file()


def existing(source: str | os.PathLike[str]) -> Path:
    """The path of something that is there.

    Raises
    ------
    topwork.errors.DataError
        Nothing is there, it can't be looked at, or it is a saved model.
    """
    path = Path(source)
    try:
        path.stat()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        close = meant(path) if isinstance(error, FileNotFoundError) else ""
        raise DataError(
            f"{path} cannot be opened: {why}.{f' Did you mean {close}?' if close else ''}",
            remedy="Check the spelling; relative paths start from the current folder.",
        ) from error
    if is_saved_model(path):
        raise DataError(
            f"{path} is a saved model, and data are needed here.",
            remedy=f"Give a folder or a table. With the model, topwork predict {path} DATA "
            f"predicts, topwork evaluate {path} DATA evaluates it, and topwork report {path} shows "
            "its report.",
            code="model_as_data",
        )
    return path
