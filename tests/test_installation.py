"""Advice to install something works where topwork was installed from."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from topwork.cli.app import run
from topwork.installation import RUNTIME, install_extra, install_package, topwork_version


def test_a_checkout_is_named_with_its_pins() -> None:
    """The suite runs from a checkout, which no index knows."""
    command = shlex.split(install_extra("keras").removeprefix("Run: "))
    assert command[:4] == [sys.executable, "-m", "pip", "install"]
    folder, extra = command[-1].removesuffix("]").split("[")
    assert extra == "keras"
    assert (Path(folder) / "pyproject.toml").is_file()
    assert Path(command[command.index("-c") + 1]).name == "constraints.txt"


def _record(folder: Path, url: str | None, name: str = "topwork") -> Path:
    info = folder / f"{name.replace('-', '_')}-9.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 9\n")
    if url is not None:
        (info / "direct_url.json").write_text(json.dumps({"url": url}))
    return folder


def test_from_an_index_the_name_is_enough(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What an index gave has no record of a folder."""
    monkeypatch.setattr(sys, "path", [str(_record(tmp_path, None))])
    assert install_extra("text").endswith("-m pip install 'topwork[text]'")


def test_a_record_that_a_build_left_hides_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    checkout = tmp_path / "check out"
    checkout.mkdir()
    (checkout / "pyproject.toml").touch()
    places = [_record(tmp_path / "a", None), _record(tmp_path / "b", checkout.as_uri())]
    monkeypatch.setattr(sys, "path", [str(place) for place in places])
    assert install_extra("text").endswith(f"-e '{checkout}[text]'")


@pytest.mark.parametrize("index", [True, False])
def test_the_small_distribution_is_replaced_where_it_has_no_such_extra(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, index: bool
) -> None:
    """Installed beside it, the whole one would share its files."""
    checkout = tmp_path / "packaging" / "runtime"
    checkout.mkdir(parents=True)
    for file in (checkout / "pyproject.toml", tmp_path / "constraints.txt"):
        file.touch()
    place = _record(tmp_path / "site", None if index else checkout.as_uri(), RUNTIME)
    monkeypatch.setattr(sys, "path", [str(place)])
    assert topwork_version() == "9"
    pins = f"-c {tmp_path}/constraints.txt -e "
    text, train = install_extra("text"), install_extra("train")
    expected = f"'{RUNTIME}[text]'" if index else f"{pins}'{checkout}[text]'"
    assert text == f"Run: {sys.executable} -m pip install {expected}"
    expected = "'topwork[train]'" if index else f"{pins}'{tmp_path}[train]'"
    assert f"{sys.executable} -m pip uninstall -y {RUNTIME} && " in train
    assert train.endswith(f"{sys.executable} -m pip install {expected}")


def test_both_distributions_in_one_environment_are_told_of(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys
) -> None:
    places = [_record(tmp_path / name, None, name) for name in ("topwork", RUNTIME)]
    for present in (places[:1], places[1:], places):
        monkeypatch.setattr(sys, "path", [str(place) for place in present])
        assert run(["--version"]) == 0
        told = capsys.readouterr().err
        assert bool(told) == (len(present) == 2)
    assert f"pip uninstall -y topwork {RUNTIME}" in told


def test_other_packages_go_into_the_same_python() -> None:
    assert install_package("keras-hub") == f"Run: {sys.executable} -m pip install keras-hub"


def test_the_module_is_the_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "topwork", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("topwork ")
