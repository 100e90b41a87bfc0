"""A command line that is not complete: what is missing, and the very command to type."""

from __future__ import annotations

import json
import shlex

import pytest
import typer

from topwork.cli.app import app, run

_COMMANDS = {
    name: [
        str(one.metavar).removesuffix("...")
        for one in command.params
        if one.param_type_name == "argument" and one.required
    ]
    for name, command in typer.main.get_command(app).commands.items()  # type: ignore[attr-defined]
}
MISSING = [
    (name, arguments, given)
    for name, arguments in _COMMANDS.items()
    for given in range(len(arguments))
]


def _refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, str]:
    assert run([*arguments, "--json"]) == 2
    error: dict[str, str] = json.loads(capsys.readouterr().out)["error"]
    assert error["code"] == "usage"
    return error


@pytest.mark.parametrize(("command", "arguments", "given"), MISSING)
def test_what_is_missing_is_named_with_the_command_to_type(
    command: str, arguments: list[str], given: int, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = [f"my {name.lower()}" for name in arguments[:given]]
    assert run([command, *typed]) == 2
    said = capsys.readouterr().err
    remedy = shlex.split(said.strip().rpartition("Type: ")[2])
    assert remedy == ["topwork", command, *typed, *arguments[given:]]
    for name in arguments[given:]:
        assert f"{name} (" in said
    assert run(remedy[1:]) == 2, "complete, but nothing of that name is there"
    assert "Missing" not in capsys.readouterr().err


def test_options_that_were_typed_stay(capsys: pytest.CaptureFixture[str]) -> None:
    error = _refused(capsys, "search", "my photos", "--top", "3")
    assert error["message"] == "Missing: QUERY (an image, a text, or its file)."
    assert error["remedy"] == "Type: topwork search 'my photos' --top 3 --json QUERY"


def test_an_option_without_its_value(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["fit", "data", "--out"]) == 2
    said = capsys.readouterr().err
    assert "Missing: the value of --out. Type: topwork fit data --out VALUE" in said


def test_more_arguments_than_a_command_takes(capsys: pytest.CaptureFixture[str]) -> None:
    error = _refused(capsys, "fit", "my", "photos")
    assert "not understood: photos" in error["message"]
    assert "Quote names that contain spaces" in error["remedy"]
    assert error["remedy"].endswith("Type: topwork fit DATA")


@pytest.mark.parametrize(
    ("arguments", "helped"),
    [
        (["fit", "data", "--nonsense"], "topwork fit --help"),
        (["rank", "data", "--seed", "a"], "topwork rank --help"),
        (["fly"], "topwork --help"),
    ],
)
def test_the_help_that_is_named_is_that_of_the_command(
    arguments: list[str], helped: str, capsys: pytest.CaptureFixture[str]
) -> None:
    error = _refused(capsys, *arguments)
    assert error["remedy"] == f"Try: {helped}"
    assert error["message"].endswith(".")
