"""What a command leaves out because packages are missing, told before it begins."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from topwork.installation import extra_with, install_extra, missing

if TYPE_CHECKING:
    from topwork.cli.screen import Screen


def note_left_out(screen: Screen, what: str, packages: Iterable[str]) -> None:
    """Say in one line what is left out, and how to get it; nothing if all packages are there.

    Parameters
    ----------
    what
        The subject of the sentence in the plural, such as ``Strategies that train layers``.
    """
    absent = missing(packages)
    if absent:
        extra = extra_with(absent)
        screen.note(
            f"{what} are left out: the extra {extra} is not installed. {install_extra(extra)}"
        )
