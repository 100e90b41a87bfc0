"""``python -m tests.report.sample FOLDER`` writes the pages to look at."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.report.sample.whole import lean, sample
from topwork.report import (
    model_card,
    render,
)


def main(folder: Path) -> None:
    """Write the pages and a card."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = {
        "rich": sample(),
        "many": sample(101),
        "heat": sample(25),
        "hostile": sample(30, hostile=True),
        "hostile-heat": sample(25, hostile=True),
        "lean": lean(),
    }
    for name, content in pages.items():
        (folder / f"{name}.html").write_text(render(content), encoding="utf-8")
        (folder / f"{name}.md").write_text(model_card(content), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
