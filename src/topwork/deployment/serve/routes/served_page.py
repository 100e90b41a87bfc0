"""The page as one file that loads nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parents[1] / "page"


@dataclass(frozen=True, slots=True)
class ServedPage:
    """HTML with its policy.

    Parameters
    ----------
    content
        In UTF-8.
    policy
        What a browser may load for it: its own script and style by their hashes, images that it
        was given, and answers of its own server.
    """

    content: bytes
    policy: str


def served_page() -> ServedPage:
    """The page.

    Examples
    --------
    >>> page = served_page()
    >>> len(page.content) < 60_000, "default-src 'none'" in page.policy
    (True, True)
    """
    script, style = ((FOLDER / name).read_text("utf-8") for name in ("serve.js", "serve.css"))
    page = (FOLDER / "serve.html").read_text("utf-8")
    page = page.replace("{{style}}", style).replace("{{script}}", script)
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; "
        "img-src blob: data:; media-src blob:; connect-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )
    return ServedPage(page.encode(), policy)


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
