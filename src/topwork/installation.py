"""How this installation of topwork gets what it lacks."""

from __future__ import annotations

import json
import shlex
import sys
from importlib.metadata import distributions
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname


def install_extra(extra: str) -> str:
    """The command that installs an extra, as it works where topwork was installed from.

    A checkout is not on a package index: there the command names the folder and its pinned
    versions. ``direct_url.json`` (PEP 610) tells which it is.

    Examples
    --------
    >>> "[text]" in install_extra("text")
    True
    """
    python = shlex.quote(sys.executable or "python")
    checkout = _checkout()
    if checkout is None:
        return f"Run: {python} -m pip install 'topwork[{extra}]'"
    pins = checkout / "constraints.txt"
    constrained = f"-c {shlex.quote(str(pins))} " if pins.is_file() else ""
    return f"Run: {python} -m pip install {constrained}-e {shlex.quote(f'{checkout}[{extra}]')}"


def install_package(name: str) -> str:
    """The command that installs another package beside topwork."""
    return f"Run: {shlex.quote(sys.executable or 'python')} -m pip install {name}"


def _checkout() -> Path | None:
    """The folder that topwork was installed from; ``None`` if it came from an index.

    A build leaves a second record, without that file, beside the sources.
    """
    records = (found.read_text("direct_url.json") for found in distributions(name="topwork"))
    text = next((record for record in records if record), None)
    parts = urlsplit(json.loads(text)["url"]) if text else None
    if parts is None or parts.scheme != "file":
        return None
    folder = Path(url2pathname(parts.path))
    return folder if (folder / "pyproject.toml").is_file() else None
