"""A saved model answers with the packages of requirements-predict.txt alone."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAX_MB = {"TOPWORK_CORE_VENV": 1100, "TOPWORK_PREDICT_VENV": 450}


def _required(lines: list[str]) -> dict[str, str]:
    found = (re.fullmatch(r"([\w-]+)(>=[\d.]+)", line.strip()) for line in lines)
    return {match[1]: match[2] for match in found if match}


def test_they_are_packages_of_the_core() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    core = _required(project["dependencies"])
    wanted = _required((ROOT / "requirements-predict.txt").read_text().splitlines())
    assert wanted
    assert wanted.items() <= core.items()


def test_a_model_answers(predict_only, model: Path, images: Path) -> None:
    one = images / "discs" / "000.png"
    predicted, evaluated, page = predict_only(
        ["predict", model, one, "--json"],
        ["evaluate", model, images, "--json"],
        ["report", model, "--json"],
    )
    assert predicted.status == 0, predicted.err
    assert predicted.json["predictions"][0]["label"] == "discs"
    assert evaluated.status == 0, evaluated.err
    assert page.status == 0, page.err


def test_other_commands_name_what_is_missing(predict_only, model: Path, images: Path) -> None:
    out = images.parent / "none.topwork"
    commands = (["fit", images, "--out", out], ["adapt", model, images, "--out", out], ["cache"])
    for answer in predict_only(*([*command, "--json"] for command in commands)):
        assert answer.status == 2, answer.err
        assert "pip install" in answer.json["error"]["remedy"]


@pytest.mark.parametrize("name", MAX_MB)
def test_an_install_is_small(name: str) -> None:
    folder = os.environ.get(name)
    if folder is None:
        pytest.skip(f"{name} is not set: only make test-core measures an install")
    done = subprocess.run(["du", "-sm", folder], capture_output=True, text=True, check=True)
    megabytes = int(done.stdout.split()[0])
    print(f"{folder}: {megabytes} MB")
    assert megabytes <= MAX_MB[name]
