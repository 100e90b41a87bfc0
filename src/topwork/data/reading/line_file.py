"""Files of text with one item per line, and their labels in a second file."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from topwork.data.dataset import ClassTargets, Dataset
from topwork.data.item import Item
from topwork.data.tables.table_text import read_table_text
from topwork.data.targets.label_values import read_labels
from topwork.data.targets.labels import alike, readable
from topwork.data.texts.modality import TEXT_EXTENSIONS, TextModality
from topwork.errors import DataError

MANY_LINES: Final = 20
"""Lines of a file from which on they are likely to be an item each."""

_PAIR: Final = re.compile(r"\s*([^\t,;:=]+?)\s*[\t,;:=]\s*(.+?)\s*|\s*(\d+)\s+(.+?)\s*")


def read_lines(path: Path) -> tuple[list[str], tuple[str, ...]]:
    """The lines of a file without their ends, and sentences about its encoding.

    Raises
    ------
    topwork.errors.DataError
        If the file cannot be read.
    """
    try:
        content = read_table_text(path)
    except OSError as error:
        raise DataError(
            f"{path} cannot be read: {error.strerror or error}.",
            remedy="Check the file and your right to read it.",
        ) from error
    if content.undecodable is not None:
        raise content.undecodable
    lines = [line.removesuffix("\r") for line in content.text.split("\n")]
    return lines[:-1] if lines and not lines[-1] else lines, content.hints


def line_items(path: Path, notes: list[str] | None = None) -> list[Item]:
    """An item for each line that is not empty, called by its number.

    Sentences about the file's encoding go to ``notes``.
    """
    lines, hints = read_lines(path)
    if notes is not None:
        notes += hints
    return _items(path, lines, blank=False)


def many_lines(path: Path) -> list[str]:
    """Say that a file was read as one text, where its lines are likely to be a text each."""
    try:
        with path.open("rb") as file:
            n = sum(1 for line in file if line.strip())
    except OSError:
        return []
    if n < MANY_LINES:
        return []
    return [f"{path} has {n:,} lines and was read as one text; --lines reads each line as one."]


def _items(path: Path, lines: Sequence[str], *, blank: bool) -> list[Item]:
    numbered = enumerate(lines, start=1)
    return [Item(f"{path}:{n}", value=line) for n, line in numbered if blank or line.strip()]


def read_line_file(
    path: Path, labels: Path | None, names: Path | None = None, *, skip_unlabelled: bool = False
) -> Dataset:
    """Texts, one per line, with the labels in the same lines of another file.

    Parameters
    ----------
    labels
        The file of labels; None for texts without any.
    names
        A file that says what labels are called: ``0<tab>anger``, or a name per line from 0 on.
    skip_unlabelled
        Leave texts out whose label is empty.

    Raises
    ------
    topwork.errors.DataError
        If a file cannot be read, the lines are not as many, or a label is empty or has no name.
    """
    lines, hints = read_lines(path)
    if labels is None:
        items = _items(path, lines, blank=False)
        return Dataset(items, kind=TextModality(), hints=hints, source=str(path))
    said, more = read_lines(labels)
    if len(said) != len(lines):
        raise DataError(
            f"{path} has {len(lines)} lines, but {labels} has {len(said)}.",
            remedy="Give files whose lines belong together: a text and its label each.",
        )
    empty = [n for n, label in enumerate(said, start=1) if not label.strip()]
    if empty and (not skip_unlabelled or len(empty) == len(said)):
        raise DataError(
            f"{len(empty)} lines of {labels} are empty, the first is line {empty[0]}.",
            remedy="Write a label into each line.",
        )
    labelled = [n for n, label in enumerate(said) if label.strip()]
    plain, changed = read_labels([said[n] for n in labelled])
    mapping, of_names = read_names(names) if names is not None else ({}, ())
    called = [readable(label) for label in (_named(plain, mapping, names) if names else plain)]
    items = _items(path, lines, blank=True)
    return Dataset(
        [items[n] for n in labelled],
        ClassTargets.from_labels(called),
        kind=TextModality(),
        hints=(*hints, *more, *of_names, *changed, *alike(sorted(set(called)))),
        source=str(path),
    )


def _named(labels: Sequence[str], mapping: Mapping[str, str], names: Path) -> list[str]:
    lacking = sorted({label for label in labels if label not in mapping})
    if lacking:
        raise DataError(
            f"{names} has no name for the label {lacking[0]!r}; it names {', '.join(mapping)}.",
            remedy="Write a line LABEL<tab>NAME for each label.",
        )
    return [mapping[label] for label in labels]


def read_names(path: Path) -> tuple[dict[str, str], tuple[str, ...]]:
    """What labels are called, and sentences about the file's encoding."""
    read, hints = read_lines(path)
    lines = [line for line in read if line.strip()]
    pairs = [_PAIR.fullmatch(line) for line in lines]
    if not all(pairs):
        return {str(number): line.strip() for number, line in enumerate(lines)}, hints
    both = [(m[1] or m[3], m[2] or m[4]) for m in pairs if m]
    if not any(first.isdigit() for first, _ in both) and all(name.isdigit() for _, name in both):
        both = [(name, first) for first, name in both]
    found = dict(both)
    twice = next((label for label, name in both if found[label] != name), None)
    if twice is not None:
        raise DataError(
            f"{path} gives the label {twice!r} two names.",
            remedy="Write one line for each label.",
            code="names_differ",
        )
    if len(set(found.values())) < len(found):
        raise DataError(
            f"{path} gives one name to several labels.",
            remedy="Give each label a name of its own.",
            code="names_differ",
        )
    return found, hints


def pair_of_files(folder: Path, texts: Path | None = None) -> str:
    """The options that read texts and labels in two files of a folder; nothing if there are none.

    Examples
    --------
    >>> pair_of_files(Path("nowhere"))
    ''
    """
    if not folder.is_dir():
        return ""
    there = {path.name: path for path in sorted(folder.iterdir()) if _is_text(path)}
    given = [texts.name] if texts is not None else sorted(there, key=lambda n: "train" not in n)
    for name in given:
        for word in ("text", "texts", "sentences", "data", "x"):
            for labels in ("label", "labels", "y"):
                other = re.sub(rf"(?<![a-z]){word}(?![a-z])", labels, name, flags=re.IGNORECASE)
                if other != name and other in there and name in there:
                    return _options(there[name], there[other], there)
    return ""


def _options(texts: Path, labels: Path, there: dict[str, Path]) -> str:
    names = next((p for n, p in there.items() if re.match(r"(mapping|names|classes)\b", n)), None)
    said = f"{shlex.quote(str(texts))} --labels {shlex.quote(str(labels))}"
    return said if names is None else f"{said} --names {shlex.quote(str(names))}"


def _is_text(path: Path) -> bool:
    return path.suffix.lower() in TEXT_EXTENSIONS and path.is_file()
