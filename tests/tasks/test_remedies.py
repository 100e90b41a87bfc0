"""A remedy that names an option of the command line names what it is called in Python, too."""

from __future__ import annotations

import ast

from tests.structure.source import modules

FOLDERS = (
    "inductive/labels/",
    "inductive/ordinal/",
    "inductive/numbers/",
    "inductive/inspection/",
    "tasks/",
    "calibration/",
)


def _remedies(source: str) -> list[str]:
    """The constant text of each ``remedy=``."""
    found = []
    for call in ast.walk(ast.parse(source)):
        for word in call.keywords if isinstance(call, ast.Call) else ():
            if word.arg == "remedy":
                parts = [n.value for n in ast.walk(word.value) if isinstance(n, ast.Constant)]
                found.append("".join(part for part in parts if isinstance(part, str)))
    return found


def test_remedies_are_for_python_too() -> None:
    remedies = [
        (name, remedy)
        for name, path in modules()
        if name.startswith(FOLDERS)
        for remedy in _remedies(path.read_text("utf-8"))
    ]
    assert remedies
    options = [one for one in remedies if "--" in one[1]]
    assert len(options) > 5
    assert [one for one in options if "Python" not in one[1] and "(" not in one[1]] == []
