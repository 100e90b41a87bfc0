"""What MkDocs calls: the pages that are made, among those that were written."""

from __future__ import annotations

from typing import Any

import nbformat
from mkdocs.structure.files import File, Files

from docsite import reference
from docsite.tutorials import ROOT, TUTORIALS, made, page


def on_files(files: Files, config: Any) -> Files:
    """Add the reference, and put tutorials that were run in place of their sources."""
    written = {
        "reference/commands.md": reference.commands(),
        "reference/errors.md": reference.errors(),
        "results.md": _results(),
        **reference.interface(),
        **reference.schemas(),
    }
    for file in sorted(TUTORIALS.glob("*.md")):
        ran, images = made(file), dict[str, bytes]()
        name = file.stem
        written[f"tutorials/{name}.md"] = page(name, ran, images)
        files.append(
            File.generated(config, f"tutorials/{name}.ipynb", content=nbformat.writes(ran))
        )
        for image, content in images.items():
            files.append(File.generated(config, f"tutorials/{image}", content=content))
    for place, content in written.items():
        before = files.get_file_from_path(place)
        if before is not None:
            files.remove(before)
        files.append(File.generated(config, place, content=content))
    return files


def _results() -> str:
    """The table of all recorded measurements, whose links lead to where they are in the site."""
    text = (ROOT / "benchmarks" / "README.md").read_text("utf-8")
    return text.replace("](../docs/", "](").replace("](../README.md", "](index.md")
