"""JSON of others: how deep it is, and how long its numbers are, is known before it is parsed."""

from __future__ import annotations

import time

import pytest

from topwork.errors import BundleError
from topwork.model.storage.json_file import parse_json


def test_brackets_and_digits_in_strings_do_not_count() -> None:
    for value in ("[" * 200, '\\"' + "{" * 200, "\\\\", "1" * 500):
        written = value.replace("\\", "\\\\").replace('"', '\\"')
        assert parse_json(f'{{"a": ["{written}", 1]}}'.encode(), "x") == {"a": [value, 1]}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[" * 101 + "]" * 101, "too_deep"),
        ('{"a":' * 101 + "1" + "}" * 101, "too_deep"),
        ('["]]]]", ' + "[" * 100 + "]" * 101, "too_deep"),
        (f"[{'1' * 401}]", "bad_json"),
        ('["a', "bad_json"),
        ('["a\\', "bad_json"),
    ],
)
def test_what_is_refused(text: str, code: str) -> None:
    with pytest.raises(BundleError) as refused:
        parse_json(text.encode(), "x")
    assert refused.value.code == code


def test_what_just_fits_is_read() -> None:
    parse_json(b"[" * 100 + b"]" * 100, "x")
    assert parse_json(b"1" * 400, "x") == int("1" * 400)


def test_a_string_without_an_end_takes_no_time() -> None:
    begun = time.process_time()
    with pytest.raises(BundleError):
        parse_json(b'"' + b'\\"' * 100_000, "x")
    assert time.process_time() - begun < 1
