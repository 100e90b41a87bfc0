"""The terms are those of docs/glossary.md: words that only insiders understood don't come back."""

from __future__ import annotations

import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

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


@cache
def names_and_texts() -> list[tuple[str, int, str]]:
    kinds = tokenize.NAME, tokenize.STRING, tokenize.COMMENT
    found = []
    for file in FILES:
        with file.open("rb") as opened:
            place = str(file.relative_to(SOURCE))
            found += [
                (f"{place}:{token.start[0]}", token.type, token.string)
                for token in tokenize.tokenize(opened.readline)
                if token.type in kinds
            ]
    return found


def names() -> Iterator[tuple[str, str]]:
    return ((place, text) for place, kind, text in names_and_texts() if kind == tokenize.NAME)


#: A field of the JSON of `pretrain` and `meta`, whose name others depend on.
FIELD = "shipped"
HAVE_IT = ("unsupervised/pretraining/", "cli/commands/pretrain.py", "metalearning/")


def test_no_identifier_is_a_private_word() -> None:
    pattern = re.compile(rf"(^|_)({'|'.join(PRIVATE_NAMES)})s?(_|$)")
    private = {text for text in {text for _, text in names()} if pattern.search(parts(text))}
    found = {
        f"{place} {text}"
        for place, text in names()
        if text in private and not (text == FIELD and place.startswith(HAVE_IT))
    }
    assert not found


def test_bounds_begin_with_max_and_min() -> None:
    assert not {text for _, text in names() if PRIVATE_BOUNDS.match(text)}


def test_no_sentence_uses_a_private_expression() -> None:
    pattern = re.compile(rf"\b({'|'.join(PRIVATE_WORDS)})\b", re.IGNORECASE)
    found = [
        f"{place} {hit[0]}"
        for place, kind, text in names_and_texts()
        if kind != tokenize.NAME
        for hit in [pattern.search(QUOTED.sub("", text))]
        if hit
    ]
    assert not found
