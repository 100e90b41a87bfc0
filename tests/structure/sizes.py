"""Prints how large the folders of a source are, and how often it asks for a modality by name.

`python -m tests.structure.sizes [FOLDER]`, for the source at hand or that in another folder.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

from tests.structure.source import SOURCE
from tests.structure.switches import switches


def main() -> None:
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else SOURCE
    files = [path for path in source.rglob("*.py") if "__pycache__" not in path.parts]
    lines: dict[Path, list[int]] = {}
    asked: dict[str, int] = {}
    for path in files:
        text = path.read_text("utf-8")
        lines.setdefault(path.parent, []).append(len(text.splitlines()))
        if found := switches(ast.parse(text)):
            asked[path.relative_to(source).as_posix()] = len(found)
    top = sorted(lines, key=lambda folder: -sum(lines[folder]))
    print(f"{len(files)} files, {sum(map(sum, lines.values()))} lines, {len(lines)} folders")
    print(f"most files on one level: {max(map(len, lines.values()))}")
    print(f"most lines on one level: {sum(lines[top[0]])} ({top[0].relative_to(source)})")
    full = [folder for folder in top if len(lines[folder]) > 25 or sum(lines[folder]) > 2500]
    print(f"folders over 25 files or 2,500 lines: {len(full)}")
    print(f"a modality is asked for by name: {sum(asked.values())} times in {len(asked)} files")
    for name, n in sorted(asked.items()):
        print(f"  {name}: {n}")


if __name__ == "__main__":
    main()
