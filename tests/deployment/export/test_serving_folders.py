"""Folders for servers: complete, proved, and run as far as they can be without the server."""

from __future__ import annotations

import asyncio
import base64
import json
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

import topwork as tw
from tests.deployment.export.models import MODELS, TEXTS
from tests.deployment.export.runtimes import without_topwork
from topwork.cli.app import run
from topwork.deployment.export.serving.bundle_servers import BUNDLE_SERVERS
from topwork.errors import ParameterError, UserError
from topwork.installation import topwork_version

HOSTILE = ['"]}\n$(touch ran)', "{{ 7*7 }}'''", "../../x; rm -rf ."]
"""Names of classes that would do something where they are put into code."""


@pytest.fixture(scope="module")
def model(drawn: Path, session_cache: Path) -> Any:
    files = sorted(drawn.glob("*/*.png"))
    kinds = sorted({file.parent.name for file in files})
    labels = [HOSTILE[kinds.index(file.parent.name)] for file in files]
    fitted = tw.ImageClassifier("pixels", n_folds=2, baselines=False)
    return fitted.fit([str(file) for file in files], labels).model_


@pytest.fixture(scope="module")
def folders(model: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("servers")
    for to in ("ovms", "triton", *BUNDLE_SERVERS):
        result = tw.export_model(model, to, place / to)
        assert result.verified
        assert result.target == to
        assert Path(result.file).is_file()
        assert result.max_difference <= 1e-6
    return place


def names(folder: Path) -> set[str]:
    return {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}


PROOF = {"README.md", "parity.json", "preprocess.json", "preprocess.py", "verify.py", "runtime.py"}


def test_what_lies_in_each(folders) -> None:
    graph = {"models/topwork/1/model.xml", "models/topwork/1/model.bin", *PROOF}
    assert names(folders / "ovms") >= {*graph, "models/config.json"}
    assert names(folders / "triton") >= {*graph, "models/topwork/config.pbtxt"}
    bundle = {"README.md", "parity.json", "model.topwork/manifest.json"}
    assert names(folders / "docker") >= {*bundle, "Dockerfile", ".dockerignore"}
    assert names(folders / "hf") >= {*bundle, "handler.py", "requirements.txt"}
    assert names(folders / "ray") >= {*bundle, "app.py", "requirements.txt"}


@pytest.mark.parametrize("to", ["ovms", "triton"])
def test_the_proof_runs_where_topwork_is_not(to, folders) -> None:
    ran = without_topwork(folders / to, str(folders / to / "verify.py"))
    assert ran.returncode == 0, ran.stderr


def test_the_model_server_finds_the_model(folders) -> None:
    told = json.loads((folders / "ovms" / "models" / "config.json").read_text())
    (one,) = told["model_config_list"]
    assert one["config"] == {"name": "topwork", "base_path": "/models/topwork"}


def test_the_configuration_of_triton_is_that_of_the_graph(folders) -> None:
    text = (folders / "triton" / "models" / "topwork" / "config.pbtxt").read_text()
    assert 'backend: "openvino"' in text
    assert 'name: "images"\n  data_type: TYPE_UINT8\n  dims: [ 64, 64, 3 ]' in text
    assert 'name: "probabilities"\n  data_type: TYPE_FP32\n  dims: [ 3 ]' in text
    assert text.count("{") == text.count("}")


def test_a_text_has_any_length_in_triton(session_cache, tmp_path) -> None:
    tw.export_model(MODELS["texts"](tmp_path), "triton", tmp_path / "out")
    text = (tmp_path / "out" / "models" / "topwork" / "config.pbtxt").read_text()
    assert 'name: "tokens"\n  data_type: TYPE_INT32\n  dims: [ -1 ]' in text


def test_names_of_classes_are_in_no_code(folders) -> None:
    checked = 0
    for file in folders.rglob("*"):
        if "model.topwork" in file.parts:  # the bundle as it was saved
            continue
        if file.suffix in {".py", ".md", ".pbtxt", ".txt", ""} and file.is_file():
            checked += 1
            text = file.read_text("utf-8")
            assert not any(name in text or json.dumps(name) in text for name in HOSTILE), file
    assert checked > 15


def test_the_handler_gives_what_predict_gives(folders, drawn, capsys) -> None:
    """As an endpoint does: the file is run, the class made once and called."""
    image = sorted(drawn.glob("*/*.png"))[0]
    handler = runpy.run_path(str(folders / "hf" / "handler.py"))["EndpointHandler"]
    answer = handler(str(folders / "hf"))
    encoded = base64.b64encode(image.read_bytes()).decode()
    found = answer({"inputs": [encoded, image.read_bytes()], "parameters": {"top": 3}})
    assert run(["predict", str(folders / "hf" / "model.topwork"), str(image), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    expected = {p["label"]: p["probability"] for p in told["predictions"][0]["top"]}
    for one in found["predictions"]:
        assert {p["label"]: p["probability"] for p in one["top"]} == pytest.approx(expected)
    assert set(expected) == set(HOSTILE)
    for bad in ({}, {"inputs": "no base64!"}, {"inputs": [encoded] * 17}, {"inputs": b"nothing"}):
        assert set(answer(bad)) == {"error"}


def test_the_handler_of_texts(session_cache, tmp_path) -> None:
    model = MODELS["texts"](tmp_path)
    tw.export_model(model, "hf", tmp_path / "out")
    assert "topwork-runtime[text]==" in (tmp_path / "out" / "requirements.txt").read_text()
    handler = runpy.run_path(str(tmp_path / "out" / "handler.py"))["EndpointHandler"]
    found = handler(str(tmp_path / "out"))({"inputs": TEXTS[:2]})
    assert [p["label"] for p in found["predictions"]] == list(model.predict(TEXTS[:2]))


def test_the_deployment_of_ray(folders, drawn, monkeypatch) -> None:
    """Its code runs; of Ray only the decorator stands in, which it sees its limits by."""
    given: dict[str, Any] = {}

    def deployment(**limits: Any) -> Any:
        given.update(limits)

        def of(kind: Any) -> Any:
            kind.bind = classmethod(lambda cls: cls)
            return kind

        return of

    serve = ModuleType("ray.serve")
    serve.deployment = deployment  # type: ignore[attr-defined]
    ray = ModuleType("ray")
    ray.serve = serve  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "ray", ray)
    monkeypatch.setitem(sys.modules, "ray.serve", serve)
    served = runpy.run_path(str(folders / "ray" / "app.py"))["app"]()
    assert given["max_queued_requests"] == 64

    async def parts(body: bytes, n: int) -> Any:
        for _ in range(n):
            yield body

    image = sorted(drawn.glob("*/*.png"))[0].read_bytes()
    for body, n, status in ((image, 1, 200), (b"nothing", 1, 400), (bytes(2**20), 30, 413)):
        request = SimpleNamespace(stream=lambda body=body, n=n: parts(body, n))
        answer = asyncio.run(served(request))
        assert answer.status_code == status
        if status == 200:
            assert json.loads(answer.body)["predictions"][0]["label"] in HOSTILE


def test_the_image_is_that_of_nobody_and_holds_the_model_alone(folders) -> None:
    lines = (folders / "docker" / "Dockerfile").read_text().splitlines()
    assert lines[1].startswith(f"FROM topwork-runtime:{topwork_version()}")
    assert "USER 65534:65534" in lines
    assert not any(line.startswith(("RUN", "ADD")) for line in lines)
    assert (folders / "docker" / ".dockerignore").read_text() == "*\n!model.topwork\n"
    assert "--read-only" in (folders / "docker" / "README.md").read_text()


def test_by_the_command_line(model, drawn, tmp_path) -> None:
    model.save(tmp_path / "m.topwork")
    made = subprocess.run(
        [sys.executable, "-m", "topwork", "export", "m.topwork", "--to", "hf", "--json",
         "--images", str(drawn)],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    told = json.loads(made.stdout)
    assert told["file"].endswith("m-hf/handler.py")
    assert told["n_items"] == 36
    shutil.rmtree(tmp_path / "m.topwork")
    assert tw.load(tmp_path / "m-hf" / "model.topwork").identity == model.identity


def test_another_folder_is_left_alone(model, tmp_path) -> None:
    (tmp_path / "mine").mkdir()
    with pytest.raises(ParameterError, match="was not written by topwork export"):
        tw.export_model(model, "docker", tmp_path / "mine")


def test_a_damaged_copy_is_not_written(model, tmp_path, monkeypatch) -> None:
    """The copy is run, not trusted."""
    other = type(model).save

    def damaged(self: Any, place: Path) -> Path:
        written = other(self, place)
        from safetensors.numpy import load_file, save_file

        head = next(written.glob("head*.safetensors"))
        tensors = load_file(head)
        name = next(n for n, t in tensors.items() if np.issubdtype(t.dtype, np.floating))
        tensors[name] = tensors[name] * 1.01
        save_file(tensors, head)
        return written

    monkeypatch.setattr(type(model), "save", damaged)
    with pytest.raises(UserError):
        tw.export_model(model, "hf", tmp_path / "out")
    assert not (tmp_path / "out").exists()
