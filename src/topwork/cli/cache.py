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
    from topwork.features import cache_folder
    from topwork.features.contents import cache_contents, clear_cache

    screen = Screen(json=json, quiet=quiet)
    folder = cache_folder()
    if clear:
        freed = cache_contents(folder).bytes
        clear_cache(folder)
        screen.say(f"Removed {freed / 1e6:.1f} MB.")
    found = cache_contents(folder)
    screen.result(found)
    screen.say(f"{found.path}: {found.bytes / 1e6:.1f} MB")
    rows = [(e.backbone, e.cut, e.rows, f"{e.bytes / 1e6:.1f} MB") for e in found.entries]
    if rows:
        screen.table(("backbone", "cut", "rows", "size"), rows)
