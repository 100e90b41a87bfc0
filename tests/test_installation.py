"""Advice to install something works where topwork was installed from."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from topwork.installation import install_extra, install_package


def test_a_checkout_is_named_with_its_pins() -> None:
    """The suite runs from a checkout, which no index knows."""
    command = shlex.split(install_extra("keras").removeprefix("Run: "))
    assert command[:4] == [sys.executable, "-m", "pip", "install"]
    folder, extra = command[-1].removesuffix("]").split("[")
    assert extra == "keras"
    assert (Path(folder) / "pyproject.toml").is_file()
    assert Path(command[command.index("-c") + 1]).name == "constraints.txt"


def test_from_an_index_the_name_is_enough(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What an index gave has no record of a folder."""
    info = tmp_path / "topwork-9.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: topwork\nVersion: 9\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert install_extra("text").endswith("-m pip install 'topwork[text]'")


def test_other_packages_go_into_the_same_python() -> None:
    assert install_package("keras-hub") == f"Run: {sys.executable} -m pip install keras-hub"


def test_the_module_is_the_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "topwork", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("topwork ")
