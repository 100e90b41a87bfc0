"""Tutorials: Markdown files whose blocks of commands and Python are run, as pages and notebooks.

A block that begins with three backticks and ``bash`` or ``python`` is run, all in one folder and in
their order; every other block is text.

`python -m docsite.tutorials FOLDER [NAME...]` runs all, or those that are named, into notebooks.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
import time
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat

ROOT = Path(__file__).parents[1]
TUTORIALS = ROOT / "docs" / "tutorials"
BUILT = ROOT / ".docs-cache"
TIMEOUT = 600
"""Seconds for one block."""

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_SHELL = "%%bash\nset -euo pipefail\nexec 2>&1\n"


@dataclass(frozen=True)
class Block:
    """A part of a tutorial.

    Parameters
    ----------
    language
        ``bash`` or ``python`` of what is run; empty of text.
    """

    language: str
    text: str


def blocks(text: str) -> Iterator[Block]:
    """The parts of a tutorial, in their order.

    Examples
    --------
    >>> [block.language for block in blocks("Type:\\n```bash\\ntrue\\n```\\nDone.")]
    ['', 'bash', '']
    """
    at = 0
    for found in _FENCE.finditer(text):
        if found[1] not in ("bash", "python"):
            continue
        if text[at : found.start()].strip():
            yield Block("", text[at : found.start()].strip())
        yield Block(found[1], found[2].rstrip())
        at = found.end()
    if text[at:].strip():
        yield Block("", text[at:].strip())


def notebook(text: str) -> Any:
    """A tutorial as a notebook that hasn't been run."""
    made = nbformat.v4.new_notebook()
    made.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    for number, block in enumerate(blocks(text)):
        if not block.language:
            cell = nbformat.v4.new_markdown_cell(block.text)
        else:
            shell = _SHELL if block.language == "bash" else ""
            cell = nbformat.v4.new_code_cell(shell + block.text)
        cell["id"] = f"cell-{number}"  # a random one would change with every build
        made.cells.append(cell)
    return made


def run(text: str) -> Any:
    """The notebook of a tutorial with what its cells print and show, run in a folder of its own.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        A command or statement failed.
    """
    from nbclient import NotebookClient

    made = notebook(text)
    with TemporaryDirectory() as folder, _Environment():
        resources = {"metadata": {"path": folder}}
        NotebookClient(made, timeout=TIMEOUT, resources=resources, kernel_name="python3").execute()
        for cell in made.cells:
            if cell.cell_type == "code":
                cell.outputs = list(_joined(cell.outputs, folder))
    return made


def _joined(outputs: list[Any], folder: str) -> Iterator[Any]:
    """Outputs in which what was printed piece by piece is one."""
    printed: Any = None
    for output in outputs:
        if output.output_type != "stream":
            printed = None
            yield output
        elif printed is None:
            printed = output
            yield output
        else:
            printed.text += output.text
    for output in outputs:
        if output.output_type == "stream":
            output.text = _COLOURS.sub("", output.text).replace(f"{folder}/", "")


class _Environment:
    """What commands see: this installation, no colours, lines of one width."""

    def __enter__(self) -> None:
        self._before = dict(os.environ)
        own = str(Path(sys.executable).parent)
        os.environ.update(
            PATH=f"{own}{os.pathsep}{os.environ['PATH']}",
            COLUMNS="96",
            NO_COLOR="1",
            TERM="dumb",
            PYTHONWARNINGS="ignore",
        )

    def __exit__(self, *_: object) -> None:
        os.environ.clear()
        os.environ.update(self._before)


def page(name: str, made: Any, images: dict[str, bytes]) -> str:
    """The Markdown page of a tutorial that was run; what it draws is put into ``images``."""
    parts = []
    for cell in made.cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source)
            continue
        shell = cell.source.startswith(_SHELL)
        source = cell.source.removeprefix(_SHELL)
        parts.append(f"```{'bash' if shell else 'python'}\n{source}\n```")
        parts += [_shown(name, output, images) for output in cell.outputs]
    parts.append(f"[This tutorial as a notebook]({name}.ipynb)")
    return "\n\n".join(part for part in parts if part) + "\n"


def _shown(name: str, output: Any, images: dict[str, bytes]) -> str:
    if output.output_type == "stream":
        return f'```text title="Output"\n{output.text.strip()}\n```' if output.text.strip() else ""
    data = output.get("data", {})
    if "image/png" in data:
        file = f"{name}-{len(images)}.png"
        images[file] = b64decode(data["image/png"])
        return f"![Drawn by the code above]({file})"
    if "text/html" in data:
        return f'<div class="shown">\n{data["text/html"].strip()}\n</div>'
    return f'```text title="Output"\n{data.get("text/plain", "").strip()}\n```'


def made(file: Path) -> Any:
    """A tutorial that was run: before, where neither it nor the code has changed since."""
    text = file.read_text("utf-8")
    kept = BUILT / f"{file.stem}-{_digest(text)}.ipynb"
    if kept.is_file():
        return nbformat.read(kept, as_version=4)
    begun = time.monotonic()
    found = run(text)
    print(f"ran {file.stem} in {time.monotonic() - begun:.0f} s", file=sys.stderr)
    BUILT.mkdir(exist_ok=True)
    nbformat.write(found, kept)
    return found


def _digest(text: str) -> str:
    """Of a tutorial and all code that it may use."""
    found = hashlib.sha256(text.encode())
    for source in sorted((ROOT / "src").rglob("*.py")):
        found.update(source.read_bytes())
    return found.hexdigest()[:16]


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    named = sys.argv[2:]
    for file in sorted(TUTORIALS.glob("*.md")):
        if not named or file.stem in named:
            nbformat.write(made(file), folder / f"{file.stem}.ipynb")


if __name__ == "__main__":
    main()
