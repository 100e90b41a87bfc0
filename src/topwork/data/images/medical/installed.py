"""Whether the packages that read medical images are there."""

from __future__ import annotations

from topwork.errors import BadItem
from topwork.installation import EXTRAS, install_extra, missing

PACKAGES = EXTRAS["medical"]


def check_installed() -> None:
    """Reject an item that needs them.

    Raises
    ------
    topwork.errors.BadItem
        ``missing_extra``.
    """
    absent = missing(PACKAGES)
    if absent:
        raise BadItem(
            "missing_extra",
            f"medical images need {', '.join(absent)} (pip install topwork[medical]). "
            f"{install_extra('medical')}",
        )
