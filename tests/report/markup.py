"""The page's elements, read strictly."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser

_VOID = frozenset({"meta", "link", "img", "wbr", "br", "col"})


@dataclass(frozen=True)
class Element:
    """A start tag, with the names of the elements that it is in."""

    tag: str
    attributes: dict[str, str]
    inside: tuple[str, ...]


@dataclass
class Markup:
    """All elements in order, the text, and what is wrong with the markup."""

    elements: list[Element] = field(default_factory=list)
    text: str = ""
    problems: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.markup = Markup()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(set(names)) < len(names):
            self.markup.problems.append(f"<{tag}> repeats an attribute: {names}")
        values = {name: value or "" for name, value in attrs}
        self.markup.elements.append(Element(tag, values, tuple(self.open)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            self.markup.problems.append(f"</{tag}> closes {self.open[-3:]}")
        else:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        self.markup.text += data

    def handle_comment(self, data: str) -> None:
        self.markup.problems.append(f"a comment: {data[:40]!r}")

    def unknown_decl(self, data: str) -> None:
        self.markup.problems.append(f"a declaration: {data[:40]!r}")


@lru_cache(maxsize=16)
def read_markup(html: str) -> Markup:
    """Read a page; unclosed and misplaced tags, comments and repeated attributes are problems.

    Many tests look at one page: it is read once, and none may change what was found.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.markup.problems += [f"<{tag}> stays open" for tag in reader.open]
    return reader.markup
