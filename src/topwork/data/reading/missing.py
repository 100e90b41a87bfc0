"""Names of files that are not there, told from texts."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from topwork.data.images.formats import IMAGE_EXTENSIONS
from topwork.data.tables.table_files import TABLE_EXTENSIONS
from topwork.data.texts.modality import TEXT_EXTENSIONS

MAX_NAME: Final = 255
"""Characters that a name of a file may have."""

_DOCUMENTS: Final = frozenset(
    (
        *(".pdf", ".doc", ".docx", ".odt", ".rtf", ".html", ".htm", ".md", ".xml", ".yaml"),
        *(".zip", ".gz", ".tar", ".log", ".pptx", ".topwork", ".heic"),
    )
)
_EXTENSIONS: Final = IMAGE_EXTENSIONS | TABLE_EXTENSIONS | TEXT_EXTENSIONS | _DOCUMENTS
_STARTS: Final = re.compile(r"(\.{0,2}|~)[/\\]|[a-zA-Z]:\\")


class TextNotFileWarning(UserWarning):
    """A text that looks like the name of a file was taken as the text itself."""


def looks_like_a_file(text: str) -> bool:
    """Whether a text is more likely the name of a file or folder.

    Examples
    --------
    >>> [looks_like_a_file(text) for text in ("nwe.csv", "./a", "and/or", "I like readme.txt")]
    [True, True, False, False]
    """
    if not text or len(text) > MAX_NAME or "\n" in text:
        return False
    path = Path(text)
    if not re.search(r"\s", text):
        return (
            path.suffix.lower() in _EXTENSIONS
            or bool(_STARTS.match(text))
            or (len(path.parts) > 1 and _is_folder(Path(path.parts[0])))
        )
    if path.suffix.lower() not in _EXTENSIONS:
        return False
    return (len(path.parts) > 1 and _is_folder(path.parent)) or bool(meant(path))


def warn_of_files(values: Sequence[object]) -> None:
    """Warn where a string that is a text looks like the name of a file."""
    named = [value for value in values if isinstance(value, str) and looks_like_a_file(value)]
    if named:
        warnings.warn(
            f"{named[0]!r} was taken as the text itself; for the file of that name give "
            f"pathlib.Path({named[0]!r}).",
            TextNotFileWarning,
            stacklevel=4,
        )


def meant(path: Path) -> str:
    """The file beside it that is called almost the same; nothing where there is none."""
    try:
        there = [entry.name for entry in path.parent.iterdir()]
    except (OSError, ValueError):
        return ""
    close = get_close_matches(path.name, there, n=1, cutoff=0.75)
    return str(path.parent / close[0]) if close else ""


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False
