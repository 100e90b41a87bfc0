"""XML out of files that anyone may have written, as a plain tree."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

MAX_BYTES: Final = 8_000_000
"""Of a file."""

MAX_DEPTH: Final = 64
"""Elements inside each other."""


@dataclass(slots=True)
class Element:
    """An element: its name, its text, its attributes, and the elements inside it."""

    name: str
    text: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element] = field(default_factory=list)

    def first(self, name: str) -> Element | None:
        """The first element of this name right inside it."""
        return next((child for child in self.children if child.name == name), None)

    def all(self, name: str) -> list[Element]:
        """The elements of this name right inside it."""
        return [child for child in self.children if child.name == name]

    def value(self, name: str) -> str:
        """The text of the first element of this name, without blanks; empty if there is none."""
        child = self.first(name)
        return "" if child is None else child.text.strip()


def parse_xml(data: bytes, *, most: int = MAX_BYTES) -> Element:
    """Read XML without a document type.

    Entities are declared in a document type only. A file that has one is refused where it begins,
    so that nothing can be expanded and no other file can be named. Bytes that are no UTF-8 are read
    as Windows writes them.

    Parameters
    ----------
    most
        Bytes that it may have.

    Raises
    ------
    ValueError
        It is no XML, has a document type, or is too large or too deep.

    Examples
    --------
    >>> parse_xml(b"<a><b> 7 </b></a>").value("b")
    '7'
    """
    if len(data) > most:
        raise ValueError(f"it has {len(data) / 1e6:.0f} MB")
    try:
        return _tree(data)
    except expat.ExpatError as error:
        text = _of_windows(data)
        if text is None:
            raise ValueError(f"it is not XML: {error}") from error
    try:
        return _tree(text.encode(), "utf-8")
    except expat.ExpatError as error:
        raise ValueError(f"it is not XML: {error}") from error


def _of_windows(data: bytes) -> str | None:
    """The text of a file that isn't in UTF-8; None where it is."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")
    return None


def _tree(data: bytes, encoding: str | None = None) -> Element:
    parser = expat.ParserCreate(encoding)
    parser.buffer_text = True
    top = Element("")
    branch, texts = [top], [list[str]()]

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(branch) > MAX_DEPTH:
            raise ValueError(f"its elements lie more than {MAX_DEPTH} deep")
        inner = Element(name, attributes=attributes)
        branch[-1].children.append(inner)
        branch.append(inner)
        texts.append([])

    def end(_: str) -> None:
        branch.pop().text = "".join(texts.pop())

    def text(found: str) -> None:
        texts[-1].append(found)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse_document_type
    try:
        parser.Parse(data, True)
    except LookupError as error:
        raise ValueError(f"it is in an encoding that is not known: {error}") from error
    return top.children[0]


def _refuse_document_type(*_: object) -> None:
    raise ValueError("it has a document type (<!DOCTYPE>), which may declare entities")
