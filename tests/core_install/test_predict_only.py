"""A saved model answers with the packages of topwork-runtime alone."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.core_install.conftest import ROOT, RUNTIME, project
from topwork.installation import RUNTIME_EXTRAS

MAX_MB = {"TOPWORK_CORE_VENV": 1100, "TOPWORK_PREDICT_VENV": 450}


def test_they_are_packages_of_topwork_and_its_server() -> None:
    whole, small = project(ROOT)["project"], project(RUNTIME)["project"]
    extras = whole["optional-dependencies"]
    assert set(extras["serve"]) <= set(small["dependencies"])
    assert set(small["dependencies"]) <= {*whole["dependencies"], *extras["serve"]}
    assert small["optional-dependencies"].keys() == RUNTIME_EXTRAS.keys()
    for extra, packages in small["optional-dependencies"].items():
        assert set(packages) <= set(extras[extra])
    for field in ("version", "requires-python", "license", "scripts"):
        assert small[field] == whole[field]
    setuptools = [project(folder)["tool"]["setuptools"] for folder in (ROOT, RUNTIME)]
    assert setuptools[0] == setuptools[1]


def test_it_is_built_from_the_same_source(tmp_path: Path) -> None:
    """By its own build backend, as ``pip`` does it, without a network."""
    pytest.importorskip("setuptools", minversion="77")
    place = tmp_path / "runtime"
    place.mkdir()
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        (place / file).write_bytes((RUNTIME / file).read_bytes())
    (place / "src").symlink_to(ROOT / "src")
    code = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"
    subprocess.run(
        [sys.executable, "-c", code, tmp_path], cwd=place, check=True, capture_output=True
    )
    (wheel,) = tmp_path.glob("topwork_runtime-*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    source = ROOT / "src"
    for file in source.rglob("*"):
        known = file.suffix in {".py", ".js", ".css", ".html"} or "templates" in file.parts
        if file.is_file() and known and "__pycache__" not in file.parts:
            assert str(file.relative_to(source)) in names
    assert not any(source.glob("topwork_runtime*"))


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
