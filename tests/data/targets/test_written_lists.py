"""Labels in one cell, written as a list."""

from __future__ import annotations

import time

import pytest

from topwork.data.targets.written_lists import written_list


@pytest.mark.parametrize("quote", ['"', "'"])
def test_a_quote_that_is_never_closed_takes_no_time(quote: str) -> None:
    started = time.process_time()
    assert written_list(f"[{quote}a" + f"\\{quote}" * 20_000 + "]") is not None
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        (r'["a\"b", "c"]', ['a"b', "c"]),
        (r"['a\'b', 'c']", ["a'b", "c"]),
        ("""["it's", 'b']""", ["it's", "b"]),
        ("['a''b']", ["a", "b"]),
        ("['a', b, \"c]", ["a", "b", "c"]),
    ],
)
def test_quoted_and_other_entries(text: str, entries: list[str]) -> None:
    assert written_list(text) == entries
