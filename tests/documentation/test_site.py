"""The pages of the site: all that the navigation names are there, and links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
MADE = ("reference/", "results.md")
"""Pages that the build makes."""

WRITTEN = [*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md"]
LINK = re.compile(r"\]\(([^)#\s]+)(#[^)]*)?\)")


class _Loader(yaml.SafeLoader):
    """Reads tags of MkDocs as None."""


_Loader.add_multi_constructor("", lambda *_: None)


def pages(nav: Any) -> list[str]:
    if isinstance(nav, str):
        return [nav]
    parts = nav.values() if isinstance(nav, dict) else nav
    return [page for part in parts for page in pages(part)]


def test_the_navigation_names_pages_that_are_there() -> None:
    config = yaml.load((ROOT / "mkdocs.yml").read_text("utf-8"), Loader=_Loader)
    named = pages(config["nav"])
    assert len(named) > 20
    missing = [page for page in named if not (DOCS / page).exists() and not page.startswith(MADE)]
    assert not missing
    tutorials = {f"tutorials/{file.name}" for file in (DOCS / "tutorials").glob("*.md")}
    assert tutorials <= set(named)


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files(page: Path) -> None:
    for target, _ in LINK.findall(page.read_text("utf-8")):
        if "://" in target or target.startswith("mailto:"):
            continue
        place = (page.parent / target).resolve()
        inside = str(place.relative_to(DOCS)) if place.is_relative_to(DOCS) else ""
        assert place.exists() or inside.startswith(MADE), target
