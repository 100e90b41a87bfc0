"""Files and folders that are no data set, and what to give instead."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from topwork.data.folders.boxes import BOXES, HUB, is_annotation
from topwork.data.images.formats import IMAGE_EXTENSIONS
from topwork.data.reading.line_file import pair_of_files
from topwork.data.texts.modality import TEXT_EXTENSIONS
from topwork.errors import DataError

_ARCHIVES: Final = frozenset((".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".zst"))


def in_two_files(given: Path, folder: Path, texts: Path | None = None) -> DataError | None:
    """What to raise where texts and labels lie in two files; nothing where they don't."""
    options = pair_of_files(folder, texts)
    if not options:
        return None
    return DataError(
        f"{given} seems to hold texts and their labels in two files.",
        remedy=f"Read them together: topwork fit {options}",
    )


def refuse_annotation(path: Path) -> None:
    """Refuse a file of boxes.

    Raises
    ------
    topwork.errors.DataError
        If it is one.
    """
    form = is_annotation(path) if path.is_file() else ""
    if form and form != HUB:  # which is a table, and may have a column of labels
        raise DataError(
            f"{path} holds boxes ({form}) of objects in images, and one label per image is needed "
            "here.",
            remedy="Give a folder with one folder of images per class, or a table with the columns "
            "path and label; to classify the objects, cut the boxes out first.",
            code=BOXES,
        )


def not_data(path: Path) -> DataError:
    """What to raise where a path holds no data that can be read, with what may be meant."""
    extension = path.suffix.lower()
    if extension in TEXT_EXTENSIONS:
        return in_two_files(path, path.parent, path) or DataError(
            f"{path} is a single text.",
            remedy="If each line is a text, give their labels, one per line, with --labels FILE; "
            "else give a folder with one folder of texts per class, or a table.",
        )
    if extension in IMAGE_EXTENSIONS:
        return DataError(
            f"{path} is a single image.",
            remedy="Give a folder with one folder of images per class, or a table.",
        )
    if extension in _ARCHIVES:
        return DataError(f"{path} is an archive.", remedy="Unpack it and give the folder.")
    return DataError(
        f"{path} is neither a folder nor a table that topwork reads.",
        remedy="Give a folder with one folder per class, or a table: .csv, .tsv, .jsonl, .json, "
        ".parquet or .xlsx.",
    )
