"""docs/json.md names what every command prints."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

TABLE = (Path(__file__).parents[2] / "docs" / "json.md").read_text("utf-8")
ROWS = re.findall(r"^\| `(.+?)` \| (.+?) \| (.+?) \|$", TABLE, re.MULTILINE)


def _model(path: str) -> type:
    module, _, name = path.rpartition(".")
    found: type = getattr(importlib.import_module(module), name)
    return found


@pytest.mark.parametrize(("command", "fields", "models"), ROWS, ids=[row[0] for row in ROWS])
def test_every_field_is_named(command: str, fields: str, models: str) -> None:
    paths = re.findall(r"`(topwork[\w.]+)`", models)
    assert paths, f"{command} has no model"
    # what is within a field stands in braces behind a colon
    named = set(re.findall(r"\w+", re.sub(r"\{[^{}]*\}", "", re.sub(r"\{[^{}]*\}", "", fields))))
    for path in paths:
        assert set(_model(path).model_fields) <= named, path
