"""docs/json.md names what every command prints, and what stands inside of it."""

from __future__ import annotations

import re

import pytest

from tests.cli.json_objects import BEGIN, COMMAND, END, FILE, listed, models_of, objects, rows

TEXT = FILE.read_text("utf-8")
ROWS = rows(TEXT)


@pytest.mark.parametrize(("command", "fields", "models"), ROWS, ids=[row[0] for row in ROWS])
def test_every_field_is_named(command: str, fields: str, models: str) -> None:
    found = models_of(models)
    assert found, f"{command} has no model"
    # what is within a field stands in braces behind a colon
    named = set(re.findall(r"\w+", re.sub(r"\{[^{}]*\}", "", re.sub(r"\{[^{}]*\}", "", fields))))
    for one in found:
        assert set(one.model_fields) <= named, one


def test_the_objects_inside_are_listed_with_their_fields() -> None:
    assert len(objects(TEXT)) > 20
    stands = TEXT.partition(BEGIN)[2].partition(END)[0]
    assert stands == listed(TEXT), f"Write the list anew: {COMMAND}"


def test_names_in_braces_are_fields_of_some_object() -> None:
    known = {field for one in objects(TEXT) for field in one.model_fields}
    known |= {field for _, _, cell in ROWS for one in models_of(cell) for field in one.model_fields}
    spans = re.findall(r"`([^`]*)`", TEXT.partition("With exit status 2")[0])
    named = {w for s in spans for braces in re.findall(r"\{([^{}]*)\}", s) for w in braces.split()}
    assert {word.strip(",:[") for word in named} - known - {"fit", "evaluate"} == set()


@pytest.mark.parametrize(
    ("command", "models"), [(r[0], r[2]) for r in ROWS], ids=[r[0] for r in ROWS]
)
def test_every_object_says_its_version_task_and_modality(command: str, models: str) -> None:
    for one in models_of(models):
        assert list(one.model_fields)[:3] == ["schema_version", "task", "modality"], command
        assert one.model_fields["schema_version"].default == "1.0"
