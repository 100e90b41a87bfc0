"""How much space packages take on disk, with all that they require."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
MEGABYTE = 1e6


def core() -> dict[str, float]:
    """Megabytes of each package of the core."""
    return sizes(distribution("topwork").requires or ())


def predict_only() -> dict[str, float]:
    """Megabytes of each package that topwork-runtime requires."""
    project = tomllib.loads((ROOT / "packaging" / "runtime" / "pyproject.toml").read_text())
    return sizes(project["project"]["dependencies"])


def sizes(requirements: Iterable[str]) -> dict[str, float]:
    """Megabytes of each package that these bring, the largest first."""
    found: dict[str, float] = {}
    waiting = list(requirements)
    while waiting:
        wanted = Requirement(waiting.pop())
        name = re.sub(r"[-_.]+", "-", wanted.name).lower()
        if name in found or (wanted.marker and not wanted.marker.evaluate({"extra": ""})):
            continue
        try:
            found[name] = _megabytes(name)
        except PackageNotFoundError:
            continue
        waiting += distribution(name).requires or ()
    return dict(sorted(found.items(), key=lambda item: -item[1]))


@cache
def _megabytes(name: str) -> float:
    """Without the bytecode, which some installers write and some don't."""
    files = [Path(str(file.locate())) for file in distribution(name).files or ()]
    sources = (file for file in files if file.suffix != ".pyc" and file.is_file())
    return sum(file.stat().st_size for file in sources) / MEGABYTE
