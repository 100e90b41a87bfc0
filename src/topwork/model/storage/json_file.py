"""JSON that others may have written: read only when its size and depth are known."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NoReturn

from topwork.model.storage.refusal import refusal

MAX_BYTES = 16 * 2**20
DEEPEST = 100
"""Brackets within brackets. A parser may need its stack for each of them."""

_LONGEST_NUMBER = 400
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
"""To the end of the text where it is not closed: a search from each quote would take for ever."""

_TOKEN = re.compile(rf"[\[{{]|[\]}}]|[-+.0-9eE]{{{_LONGEST_NUMBER + 1},}}")


def read_json(file: Path, *, code: str = "bad_json") -> Any:
    """The content of a JSON file in UTF-8, without NaN and without names that come twice.

    Raises
    ------
    BundleError
        It is something else, or larger or deeper than any that topwork writes.
    """
    size = file.stat().st_size
    if size > MAX_BYTES:
        raise refusal(f"{file.name} is too large ({size:,} bytes).", code="too_large")
    return parse_json(file.read_bytes(), file.name, code=code)


def parse_json(data: bytes, name: str, *, code: str = "bad_json") -> Any:
    """The same of bytes; ``name`` is what messages call them."""
    try:
        text = data.decode("utf-8")
        check_nesting(text, name)
        found = json.loads(text, parse_constant=_no_number, object_pairs_hook=_once)
        json.dumps(found, ensure_ascii=False).encode("utf-8")  # half of a surrogate pair is no text
    except (ValueError, RecursionError) as error:
        raise refusal(f"{name} is not what topwork writes.", code=code) from error
    return found


def check_nesting(text: str, name: str) -> None:
    """Refuse brackets within brackets within brackets, and numbers that take long to read."""
    depth = 0
    for found in _TOKEN.finditer(_STRING.sub('"', text)):
        if found[0] in "[{":
            depth += 1
            if depth > DEEPEST:
                raise refusal(f"{name} is nested too deeply.", code="too_deep")
        elif found[0] in "]}":
            depth -= 1
        else:
            raise refusal(f"{name} holds a number that is too long.", code="bad_json")


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name comes twice")
    return found
