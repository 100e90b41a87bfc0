"""The terms are those of docs/glossary.md: words that only insiders understood don't come back."""

from __future__ import annotations

import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "topwork"
FILES = [f for f in sorted(SOURCE.rglob("*.py")) if "unrelated" not in f.parts]  # quoted sentences

#: As parts of identifiers: what stands between underscores or begins with a capital.
PRIVATE_NAMES = (
    "contender",
    "contest",
    "contested",
    "climb",
    "climbed",
    "ground",
    "comparing",
    "closeness",
    "benefit",
    "substance",
    "wholeness",
    "united",
    "remembered",
    "stand_ins",
    "going_on",
    "gone_on",
    "forgotten",
    "layered",
    "deepened",
    "stands_for",
    "safe_correction",
    "discrepancy",
    "opinion",
    "informed",
    "chapter",
    "picture",
    "sketcher",
    "shipped",
    "ships",
    "asked_for",
)

#: Bounds begin with MAX_ and MIN_.
PRIVATE_BOUNDS = re.compile(r"_?(MOST|FEWEST|LEAST)(_|$)")

#: In messages, docstrings and comments, as expressions.
PRIVATE_WORDS = (
    r"pictures?",
    r"contenders?",
    r"stand-ins?",
    r"chapters?",
    r"that ships",
    r"went on from",
    r"(labels?|images?|texts?|items?|rows?) a class",
    r"did not pay",
    r"certain and varied",
    r"what all .* say together",
)
#: Names of columns, formats and fields that others gave.
QUOTED = re.compile(r"[\"'`]+[\w./+-]*pictures?[\w./+-]*[\"'`]+|=picture\b")


def parts(name: str) -> str:
    """``PictureLooks`` and ``picture_looks`` are the same words."""
    words = re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name)
    return "_".join(word.lower() for word in words)


def names_and_texts() -> Iterator[tuple[str, int, str]]:
    for file in FILES:
        with file.open("rb") as opened:
            for token in tokenize.tokenize(opened.readline):
                kind = {tokenize.NAME: "name", tokenize.STRING: "text", tokenize.COMMENT: "text"}
                if token.type in kind:
                    yield f"{file.relative_to(SOURCE)}:{token.start[0]}", token.type, token.string


TOKENS = list(names_and_texts())
#: A field of the JSON of `pretrain`, whose name others depend on.
FIELD, OF_PRETRAINING = "shipped", ("unsupervised/pretraining/", "cli/commands/pretrain.py")


@pytest.mark.parametrize("word", PRIVATE_NAMES)
def test_no_identifier_is_a_private_word(word: str) -> None:
    pattern = re.compile(rf"(^|_){word}s?(_|$)")
    found = {
        f"{place} {text}"
        for place, kind, text in TOKENS
        if kind == tokenize.NAME and pattern.search(parts(text))
        if not (text == FIELD and place.startswith(OF_PRETRAINING))
    }
    assert not found


def test_bounds_begin_with_max_and_min() -> None:
    found = {
        text for _, kind, text in TOKENS if kind == tokenize.NAME and PRIVATE_BOUNDS.match(text)
    }
    assert not found


@pytest.mark.parametrize("word", PRIVATE_WORDS)
def test_no_sentence_uses_a_private_expression(word: str) -> None:
    pattern = re.compile(rf"\b{word}\b", re.IGNORECASE)
    found = [
        f"{place} {hit[0]}"
        for place, kind, text in TOKENS
        if kind != tokenize.NAME
        for hit in [pattern.search(QUOTED.sub("", text))]
        if hit
    ]
    assert not found
