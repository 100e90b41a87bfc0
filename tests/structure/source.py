"""The source as it is read by the tests of its structure."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import topwork

SOURCE = Path(topwork.__file__).parent


def modules() -> Iterator[tuple[str, Path]]:
    """Every module by its path below the package, such as ``data/modality.py``."""
    for path in sorted(SOURCE.rglob("*.py")):
        yield path.relative_to(SOURCE).as_posix(), path


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))
