"""Every command in the README, the tutorials and the guide exists, with these options."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from topwork.cli.app import app

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs" / "tutorials").glob("*.md")),
    *sorted((ROOT / "docs" / "guide").glob("*.md")),
]
FENCE = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^(?:\$ )?(?:\.venv/bin/)?topwork (.*)$", re.MULTILINE)
GROUP = typer.main.get_command(app)


def commands(text: str) -> Iterator[list[str]]:
    for block in FENCE.findall(text):
        for line in COMMAND.findall(block.replace("\\\n", " ")):
            words = shlex.split(line, comments=True)
            ends = [i for i, word in enumerate(words) if word in ("|", "||", "&&", ">", "&", ";")]
            yield words[: ends[0]] if ends else words


def parse(words: list[str]) -> None:
    """Raise what the command would say of its arguments; nothing is run."""
    name, *arguments = words
    command = GROUP.commands[name]
    command.make_context(name, arguments, parent=typer.Context(GROUP))


FOUND = [(page, words) for page in PAGES for words in commands(page.read_text("utf-8"))]


@pytest.mark.parametrize(
    ("page", "words"), FOUND, ids=[f"{page.stem}: {' '.join(words)}" for page, words in FOUND]
)
def test_it_can_be_typed(page: Path, words: list[str]) -> None:
    parse(words)


def test_there_are_many() -> None:
    assert len(FOUND) > 60


@pytest.mark.parametrize("wrong", ["fitt photos", "fit photos --no-such-option", "predict"])
def test_a_wrong_one_is_seen(wrong: str) -> None:
    with pytest.raises((KeyError, typer.exceptions.TyperException)):
        parse(wrong.split())
