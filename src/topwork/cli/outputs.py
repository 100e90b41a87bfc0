"""Files that a command writes where the user says: only over what topwork wrote itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from topwork.errors import ParameterError

_PAGE: Final = b"topwork report</title>"
_MAP: Final = b"topwork map</title>"
_CARD: Final = b'library_name: "topwork"'
_HEADERS: Final = (
    b"path,label,predicted,probability,unknown",
    b"path,text,label,predicted,probability,unknown",
    b"path,label,probability,unknown",
    b"path,label,probability,x1,y1,x2,y2",
    b"path,error,label,probability,object,x1,y1,x2,y2",
    b"path,text,label,probability,unknown",
    b"path,cluster,name,outlier",
    b"first,second,same",
    b"path,cluster,name,nearness,second,outlier",
    b"path,text,cluster,name,nearness,second,outlier",
    b"path,value,low,high",
    b"path,text,value,low,high",
    b"path,true,value,low,high",
    b"path,score,p,anomalous\r\n",
    b"path,label,score,p,anomalous\r\n",
    b"path,labels,probability of ",
    b"path,text,labels,probability of ",
    b"path,label,probability,probability of ",
    b"path,text,label,probability,probability of ",
    b"path,true,predicted\r\n",
    b"path,true,predicted,probability\r\n",
    b"path,label,group,split,keep",
    b"text,label,group,split,keep",
)
_CHECKED: Final = re.compile(rb"(path|text),[^\r\n]*,group,split,keep\r\n")
"""With a column for each label."""
_SUFFIXES: Final = frozenset({"", ".csv", ".txt"})


def check_table(file: Path | None, *inputs: Path | str, beside: Path | None = None) -> None:
    """Refuse to write a CSV table over an input, or over a file that topwork did not write.

    Parameters
    ----------
    beside
        A model that is saved first, whose folder is made for it.

    Raises
    ------
    ParameterError
        Something else or one of the inputs is there, there is no such folder, or the name is that
        of another format.
    """
    if file is None:
        return
    if file.suffix.lower() not in _SUFFIXES:
        raise ParameterError(
            f"{file} would be a CSV table under the name of another format.",
            remedy=f"Name it {file.with_suffix('.csv')}; --json prints JSON.",
        )
    if beside is None or file.parent != beside.parent:
        _check_folder(file)
    _check_free(file, _is_our_table, inputs)


def _is_our_table(head: bytes) -> bool:
    head = head.removeprefix(b"\xef\xbb\xbf")
    return head.startswith(_HEADERS) or _CHECKED.match(head) is not None


def check_page(file: Path | None, *inputs: Path | str) -> None:
    """The same for an HTML page or a model card."""
    if file is not None:
        _check_folder(file)
        _check_free(file, lambda head: any(mark in head for mark in (_PAGE, _MAP, _CARD)), inputs)


def _check_folder(file: Path) -> None:
    """See before any work that the folder is there."""
    if not file.parent.is_dir():
        raise ParameterError(
            f"{file} cannot be written: there is no folder {file.parent}.",
            remedy="Make the folder first, or choose another name.",
            code="no_access",
        )
    _check_no_model(file.parent)


def check_folder(folder: Path | None) -> None:
    """Refuse to write files into a saved model, or where a file is.

    Raises
    ------
    ParameterError
        There is one.
    """
    if folder is None:
        return
    if folder.exists() and not folder.is_dir():
        raise ParameterError(
            f"{folder} is a file, and files are to be written into it.",
            remedy="Name a folder; it is made if it isn't there.",
            code="would_overwrite",
        )
    _check_no_model(folder)


def _check_no_model(folder: Path) -> None:
    from topwork.data.reading.given import is_saved_model

    if is_saved_model(folder):
        raise ParameterError(
            f"What is written would lie in the model {folder}, which could not be opened any more.",
            remedy="Choose another folder.",
            code="would_overwrite",
        )


def _check_free(file: Path, ours: Callable[[bytes], bool], inputs: Sequence[Path | str]) -> None:
    if not file.exists():
        return
    is_input = any(_same(file, one) for one in inputs)
    if file.is_file() and not is_input:
        with file.open("rb") as stream:
            head = stream.read(8192)
        if not head or ours(head):
            return
    what = "is one of the inputs" if is_input else "exists and was not written by topwork"
    raise ParameterError(
        f"{file} {what}, so it is left as it is.",
        remedy="Choose another name, or remove the file first.",
        code="would_overwrite",
    )


def _same(file: Path, other: Path | str) -> bool:
    try:
        return Path(other).exists() and file.samefile(other)
    except (OSError, ValueError):  # a text, too long for a name
        return False
