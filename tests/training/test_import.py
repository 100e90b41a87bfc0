"""Importing the package is free, and every name it lists is there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import topwork.training


@pytest.mark.parametrize(
    "name", ["topwork.training", "topwork.inductive", "topwork.cli.commands.fit"]
)
def test_importing_loads_no_torch(name: str) -> None:
    """It takes seconds and hundreds of megabytes, which a fit on stored features doesn't need."""
    source = str(Path(topwork.training.__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, {name}; print('torch' in sys.modules)"],
        env={**os.environ, "PYTHONPATH": source},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("name", topwork.training.__all__)
def test_every_name_is_there(name: str) -> None:
    assert name in dir(topwork.training)
    assert getattr(topwork.training, name).__module__.startswith(("topwork.training", "typing"))


def test_other_names_are_not() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        _ = topwork.training.nonsense
