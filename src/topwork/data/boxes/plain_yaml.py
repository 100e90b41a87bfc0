"""The part of YAML that descriptions of data sets are written in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

Value: TypeAlias = str | list[str] | dict[str, str]

_KEY: Final = re.compile(r"([A-Za-z_][\w-]*)\s*:(?:\s+(.*))?$")
_PAIR: Final = re.compile(r"""("[^"]*"|'[^']*'|[^:'"]+?)\s*:(?:\s+(.*))?$""")
_TOKEN: Final = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^"'#]+|.""", re.DOTALL)
_CLOSING: Final = {"[": "]", "{": "}"}


def parse_yaml(text: str) -> dict[str, Value]:
    """Read top-level keys whose values are texts, lists of texts, or texts by name.

    Lists and mappings may be written in brackets or as indented lines. Numbers stay texts. What is
    nested deeper, and everything else that YAML can say, such as anchors and tags, is not looked
    at: nothing is constructed.

    Examples
    --------
    >>> parse_yaml("nc: 2  # classes\\nnames: ['a b', \\"c\\"]\\nval: ../valid/images")
    {'nc': '2', 'names': ['a b', 'c'], 'val': '../valid/images'}
    >>> parse_yaml("names:\\n  0: person\\n  1: bicycle")
    {'names': {'0': 'person', '1': 'bicycle'}}
    >>> parse_yaml("names:\\n- cat\\n- dog")
    {'names': ['cat', 'dog']}
    """
    lines = [_without_comment(line).rstrip() for line in text.splitlines()]
    found: dict[str, Value] = {}
    at = 0
    while at < len(lines):
        match = _KEY.match(lines[at])
        at += 1
        if match is None:
            continue
        end = at
        while end < len(lines) and (not lines[end] or lines[end][0] in " \t-]}"):
            end += 1
        below = [line for line in lines[at:end] if line.strip() not in ("", "---", "...")]
        found[match[1]] = _value(match[2] or "", below)
        at = end
    return found


def _value(first: str, below: Sequence[str]) -> Value:
    first = first.strip()
    if first[:1] in _CLOSING:
        return _in_brackets(" ".join([first, *(line.strip() for line in below)]))
    if first or not below:
        return _plain(first)
    if below[0].lstrip().startswith("-"):
        return [_plain(line.strip()[1:]) for line in below if line.strip().startswith("-")]
    indent = len(below[0]) - len(below[0].lstrip())
    return _pairs(line.strip() for line in below if len(line) - len(line.lstrip()) == indent)


def _in_brackets(text: str) -> Value:
    end = text.rfind(_CLOSING[text[0]])
    parts = _split(text[1 : end if end > 0 else len(text)])
    return [_plain(part) for part in parts] if text[0] == "[" else _pairs(parts)


def _pairs(parts: Iterable[str]) -> dict[str, str]:
    matches = (_PAIR.match(part.strip()) for part in parts)
    return {_plain(match[1]): _plain(match[2] or "") for match in matches if match}


def _split(text: str) -> list[str]:
    """Take a list apart at its commas, those inside quotation marks apart."""
    parts = [""]
    for token in _TOKEN.findall(text):
        if token[0] in "\"'":
            parts[-1] += token
            continue
        first, *others = token.split(",")
        parts[-1] += first
        parts += others
    return [part.strip() for part in parts if part.strip()]


def _plain(text: str) -> str:
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    if len(text) > 1 and text[0] == text[-1] == '"':
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return text


def _without_comment(line: str) -> str:
    """A line up to a # that begins a comment."""
    if "#" not in line:
        return line
    kept = ""
    for part in _TOKEN.findall(line):
        if part == "#" and (not kept or kept[-1] in " \t"):
            break
        kept += part
    return kept
