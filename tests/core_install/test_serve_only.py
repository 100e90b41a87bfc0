"""A saved model is served with the packages of topwork-runtime alone."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.core_install.conftest import SERVED, predicting_environment, predicting_python
from topwork.installation import EXTRAS, missing

_RUN = """
import json, sys
from importlib.machinery import PathFinder

hidden, command = json.loads(sys.argv[1])

class Hiding(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in hidden else super().find_spec(name, path, target)

sys.meta_path[sys.meta_path.index(PathFinder)] = Hiding
from topwork.cli.app import run
run(command)
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


@pytest.mark.usefixtures("socket_enabled")
def test_a_model_is_served(model: Path, images: Path) -> None:
    python = predicting_python()
    if python == sys.executable and missing(EXTRAS["serve"]):
        pytest.skip("the packages of the extra serve are in another environment")
    asked = json.dumps([SERVED, ["serve", str(model), "--port", "0", "--json"]])
    process = subprocess.Popen(
        [python, "-W", "error", "-c", _RUN, asked],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=predicting_environment(),
    )
    try:
        assert process.stderr is not None
        first = process.stderr.readline()
        found = re.search(r"http://127.0.0.1:(\d+)", first)
        assert found, first + process.stderr.read()
        connection = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=30)
        connection.request("POST", "/v1/predict", (images / "discs" / "000.png").read_bytes())
        reply = json.loads(connection.getresponse().read())
        connection.close()
        assert reply["predictions"][0]["label"] == "discs"
        process.terminate()
        result, modules = process.communicate(timeout=30)[0].splitlines()
    finally:
        process.kill()
    assert json.loads(result)["n_predicted"] == 1
    loaded = set(json.loads(modules))
    assert "fastapi" in loaded
    assert not loaded & {"torch", "sklearn", "scipy", "timm", "lance"}
