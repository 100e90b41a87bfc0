"""Commands run in a process that has the core packages only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import draw_folder
from topwork.installation import BEYOND_PREDICTION, EXTRAS

HIDDEN = sorted({"pandas", *(name for brought in EXTRAS.values() for name in brought)})
SERVED = sorted({*HIDDEN, *BEYOND_PREDICTION} - set(EXTRAS["serve"]))
"""What is hidden where models are served."""

ROOT = Path(__file__).parents[2]
RUNTIME = ROOT / "packaging" / "runtime"


def project(folder: Path) -> Any:
    """What a distribution says of itself."""
    return tomllib.loads((folder / "pyproject.toml").read_text())


_RUN = """
import contextlib, io, json, sys
from importlib.machinery import PathFinder

hidden, commands = json.load(sys.stdin)

class Hiding(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in hidden else super().find_spec(name, path, target)

sys.meta_path[sys.meta_path.index(PathFinder)] = Hiding
from topwork.cli.app import run
told = []
for command in commands:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = run(command)
    told.append([status, out.getvalue(), err.getvalue()])
json.dump(told, sys.stdout)
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command said."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Commands = Callable[..., list[Answer]]


@pytest.fixture(scope="session")
def core(session_cache) -> Commands:
    """Runs commands one after the other in one process without the packages of any extra."""

    return partial(_run, sys.executable, HIDDEN)


@pytest.fixture(scope="session")
def predict_only(session_cache) -> Commands:
    """The same with the packages of topwork-runtime alone."""
    return partial(_run, predicting_python(), [*HIDDEN, *BEYOND_PREDICTION])


def predicting_python() -> str:
    """Of the environment for predicting and serving, where there is one."""
    venv = os.environ.get("TOPWORK_PREDICT_VENV")
    return sys.executable if venv is None else str(Path(venv) / "bin" / "python")


def predicting_environment() -> dict[str, str]:
    """In which that environment finds its own topwork, not the checkout."""
    own = "TOPWORK_PREDICT_VENV" in os.environ
    return {k: v for k, v in os.environ.items() if not (own and k == "PYTHONPATH")}


@pytest.fixture(scope="session")
def images(tmp_path_factory) -> Path:
    return draw_folder(tmp_path_factory.mktemp("core") / "shapes", 8)


@pytest.fixture(scope="session")
def model(core, images: Path) -> Path:
    out = images.parent / "shapes.topwork"
    (fitted,) = core(["fit", images, "--out", out, "--json"])
    assert fitted.status == 0, fitted.err
    return out


def _run(python: str, hidden: Sequence[str], *commands: Sequence[object]) -> list[Answer]:
    asked = json.dumps([hidden, [[str(word) for word in command] for command in commands]])
    done = subprocess.run(
        [python, "-W", "error", "-c", _RUN],
        input=asked,
        capture_output=True,
        text=True,
        check=False,
        env=dict(os.environ) if python == sys.executable else predicting_environment(),
    )
    assert done.returncode == 0, done.stderr
    return [Answer(*answer) for answer in json.loads(done.stdout)]
