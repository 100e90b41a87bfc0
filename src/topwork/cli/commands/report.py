"""``topwork report``: open or copy a model's report."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from topwork.cli.options import Json, ModelPath, Quiet, Seed
from topwork.cli.outputs import check_page


def report(
    model: ModelPath,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Copy the page there instead of opening it.")
    ] = None,
    card: Annotated[
        bool, typer.Option("--card", help="The Markdown model card instead of the page.")
    ] = False,
    seed: Seed = 0,  # noqa: ARG001  every command takes it; nothing here is random
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Open the report of a model, or copy it somewhere."""
    from topwork.cli.commands.report_result import ReportResult
    from topwork.cli.screen import Screen
    from topwork.errors import BundleError
    from topwork.model.storage.bundle import read_bundle

    screen = Screen(json=json, quiet=quiet)
    name = "README.md" if card else "report.html"
    parts = read_bundle(model)
    text = parts.pages.get(name)
    if text is None:
        raise BundleError(
            f"{model} holds no {name}.", remedy="Make the model again with topwork fit."
        )
    if name in parts.edited:
        screen.note(f"{name} was edited after the model was saved.")
    page = model / name
    if out is not None:
        page = out / name if out.is_dir() else out
        check_page(page)
        page.write_text(text, "utf-8", errors="replace")
    elif not (json or quiet):
        _open(page)
    screen.result(ReportResult(task=parts.card.task, modality=parts.card.kind, path=str(page)))
    screen.print_line(str(page))


def _open(page: Path) -> None:
    """Show a page in the browser, if there is one; nothing is said where there is none."""
    if not sys.platform.startswith("linux"):
        typer.launch(str(page))
        return
    opener = shutil.which("xdg-open")
    if opener and (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        quiet = subprocess.DEVNULL
        with suppress(subprocess.TimeoutExpired):  # a desktop's program may go on
            subprocess.Popen(
                [opener, str(page.resolve())], stdout=quiet, stderr=quiet, start_new_session=True
            ).wait(timeout=2)
