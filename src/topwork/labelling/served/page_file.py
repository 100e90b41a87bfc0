"""The page as one file that loads nothing but images of the items."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from topwork.labelling.annotation.answer_form import FormName

FOLDER: Final = Path(__file__).with_name("page")


@dataclass(frozen=True, slots=True)
class LabelPage:
    """HTML with its policy.

    Parameters
    ----------
    content
        In UTF-8.
    policy
        What a browser may load for it: its own script and style by their hashes, and from its own
        address images and answers.
    """

    content: bytes
    policy: str


def label_page(*, title: str, inline: bool, form: FormName, out: str) -> LabelPage:
    """The page for items of one modality and answers of one form.

    Examples
    --------
    >>> page = label_page(title="<b>", inline=False, form="classes", out="labels.csv")
    >>> b"<h1>&lt;b&gt;" in page.content, "default-src 'none'" in page.policy
    (True, True)
    """
    script, style = ((FOLDER / name).read_text("utf-8") for name in ("label.js", "label.css"))
    told = json.dumps({"texts": inline, "form": form, "out": out}).replace("<", "\\u003c")
    page = (FOLDER / "label.html").read_text("utf-8")
    for name, value in (
        ("style", style),
        ("script", script),
        ("config", told),
        ("title", html.escape(title)),
    ):
        page = page.replace("{{" + name + "}}", value)
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; "
        "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
    return LabelPage(page.encode("utf-8", "replace"), policy)


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
