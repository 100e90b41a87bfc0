"""Commands run in a process that has the core packages only."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from topwork.installation import EXTRAS

HIDDEN = sorted({"pandas", *(name for brought in EXTRAS.values() for name in brought)})

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

    def run(*commands: Sequence[object]) -> list[Answer]:
        asked = json.dumps([HIDDEN, [[str(word) for word in command] for command in commands]])
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", _RUN],
            input=asked,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return [Answer(*answer) for answer in json.loads(done.stdout)]

    return run
