"""The objects inside what ``--json`` prints, as docs/json.md lists them.

``python -m tests.cli.json_objects`` writes the list anew.
"""

from __future__ import annotations

import importlib
import re
import typing
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

FILE = Path(__file__).parents[2] / "docs" / "json.md"
COMMAND = "python -m tests.cli.json_objects"
BEGIN, END = "<!-- objects -->\n", "<!-- end of objects -->\n"


def rows(text: str) -> list[tuple[str, str, str]]:
    """Each command with its fields and its models."""
    return re.findall(r"^\| `(.+?)` \| (.+?) \| (.+?) \|$", text.partition(BEGIN)[0], re.MULTILINE)


def model(path: str) -> type[BaseModel]:
    """The class behind a dotted path."""
    module, _, name = path.rpartition(".")
    found: type[BaseModel] = getattr(importlib.import_module(module), name)
    return found


def models_of(cell: str) -> list[type[BaseModel]]:
    """The models that a cell of the table names."""
    return [model(path) for path in re.findall(r"`(topwork[\w.]+)`", cell)]


def _within(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from _within(argument)


def objects(text: str) -> list[type[BaseModel]]:
    """Every model that stands inside one of the commands', however deep, by name."""
    top = [found for _, _, cell in rows(text) for found in models_of(cell)]
    seen: dict[type[BaseModel], None] = {}
    waiting = list(top)
    while waiting:
        for field in waiting.pop().model_fields.values():
            for inner in _within(field.annotation):
                if inner not in seen:
                    seen[inner] = None
                    waiting.append(inner)
    return sorted(seen, key=lambda one: (one.__name__, one.__module__))


def listed(text: str) -> str:
    """The list as it must stand in the file."""
    lines = ["| object | fields |", "|---|---|"]
    for one in objects(text):
        fields = ", ".join(one.model_fields)
        lines.append(f"| `{one.__module__}.{one.__name__}` | `{fields}` |")
    return "".join(f"{line}\n" for line in lines)


def main() -> None:
    """Write the list into the file."""
    text = FILE.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    FILE.write_text(f"{before}{BEGIN}{listed(text)}{END}{rest.partition(END)[2]}", "utf-8")


if __name__ == "__main__":
    main()
