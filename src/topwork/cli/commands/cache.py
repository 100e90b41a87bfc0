"""``topwork cache``: what is stored, and clearing it."""

from __future__ import annotations

from typing import Annotated

import typer

from topwork.cli.options import Json, Quiet, Seed


def cache(
    clear: Annotated[bool, typer.Option("--clear", help="Remove everything in it.")] = False,
    seed: Seed = 0,  # noqa: ARG001  every command takes it; nothing here is random
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show the stored features, or remove them."""
    from topwork.cli.screen import Screen
    from topwork.features.contents import cache_contents, clear_cache, folder_bytes
    from topwork.runtime import cache_folder

    screen = Screen(json=json, quiet=quiet)
    folder = cache_folder()
    if clear:
        freed = folder_bytes(folder)
        clear_cache(folder)
        screen.print_line(f"Removed {freed / 1e6:.1f} MB.")
    found = cache_contents(folder)
    screen.result(found)
    screen.print_line(f"{found.path}: {found.bytes / 1e6:.1f} MB")
    rows = [(e.backbone, e.cut, str(e.rows), f"{e.bytes / 1e6:.1f} MB") for e in found.entries]
    rows += [(o.what or o.name, "", "", f"{o.bytes / 1e6:.1f} MB") for o in found.other]
    if rows:
        screen.table(("what", "cut", "rows", "size"), rows)
