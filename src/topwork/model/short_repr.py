"""How results and models show themselves: in a line, and as a small table in a notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape


class ShortRepr:
    """A subclass says in `_facts` what is worth showing."""

    def _facts(self) -> Mapping[str, object]:
        raise NotImplementedError

    def __repr__(self) -> str:
        facts = ", ".join(f"{name}={_short(value)}" for name, value in self._facts().items())
        return f"{type(self).__name__}({facts})"

    __str__ = __repr__

    def _repr_html_(self) -> str:
        rows = [(name.replace("_", " "), value) for name, value in self._facts().items()]
        return html_table((type(self).__name__, ""), rows)


def html_table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table for a notebook; nothing in a cell acts."""
    head = "".join(f"<th>{escape(heading)}</th>" for heading in headings)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(_short(cell))}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def score(value: object) -> str:
    """A score with its interval, as ``0.950 [0.830, 0.990]``."""
    if value is None:
        return "not measured"
    at, low, high = (getattr(value, name) for name in ("value", "low", "high"))
    return f"{at:.3f} [{low:.3f}, {'unbounded' if high is None else f'{high:.3f}'}]"


def some(labels: Sequence[object]) -> str:
    """The first of several labels."""
    first = ", ".join(str(label)[:40] for label in labels[:5])
    return f"{first}, ... ({len(labels)})" if len(labels) > 5 else first


def _short(value: object) -> str:
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(value))
    return text if len(text) <= 200 else f"{text[:200]}..."
