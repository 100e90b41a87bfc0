"""The Open Inference Protocol gives what the API of topwork gives."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import topwork as tw
from tests.deployment.serve.serving import Reply, Server
from topwork.deployment.serve.models.probes import same

pytestmark = pytest.mark.usefixtures("socket_enabled")


def _infer(server: Server, tensor: dict[str, Any], **more: Any) -> Reply:
    body = json.dumps({"inputs": [tensor], **more})
    return server.ask("/v2/models/shapes/infer", body.encode(), Content_Type="application/json")


def _picture(*files: bytes) -> dict[str, Any]:
    data = [base64.b64encode(one).decode() for one in files]
    return {"name": "picture", "shape": [len(files)], "datatype": "BYTES", "data": data}


def _output(reply: Reply, name: str) -> Any:
    (found,) = [one for one in reply.json["outputs"] if one["name"] == name]
    return np.array(found["data"]).reshape(found["shape"])


def test_the_server_and_its_model_are_described(server: Server) -> None:
    assert server.ask("/v2").json["name"] == "topwork"
    assert server.ask("/v2/health/live").json == {"live": True}
    assert server.ask("/v2/health/ready").json == {"ready": True}
    assert server.ask("/v2/models/shapes/ready").json == {"name": "shapes", "ready": True}
    said = server.ask("/v2/models/shapes").json
    assert [(one["name"], one["datatype"], one["shape"]) for one in said["inputs"]] == [
        ("picture", "BYTES", [-1]),
        ("images", "UINT8", [-1, -1, -1, 3]),
    ]
    assert server.ask("/v2/models/shapes/versions/1").json == said


def test_files_and_pixels_are_predicted_as_by_predict(
    server: Server, served_model: Path, drawn: Path
) -> None:
    files = [drawn / kind / "005.png" for kind in ("discs", "noise", "stripes")]
    model = tw.load(served_model)
    expected = model.predict_proba(files)
    reply = _infer(server, _picture(*(file.read_bytes() for file in files)), id="seven")
    assert reply.status == 200, reply.body
    assert reply.json["id"] == "seven"
    assert np.allclose(_output(reply, "probabilities"), expected, atol=1e-5)
    assert _output(reply, "label").tolist() == model.predict(files).tolist()
    assert _output(reply, "unknown").shape == (3,)
    pixels = np.stack([np.asarray(Image.open(file)) for file in files])
    for data in (pixels.ravel().tolist(), pixels.tolist()):
        tensor = {"name": "images", "shape": list(pixels.shape), "datatype": "UINT8", "data": data}
        other = _infer(server, tensor)
        assert np.allclose(_output(other, "probabilities"), expected, atol=1e-5)
    assert same(
        server.ask("/v1/predict", files[0].read_bytes()).json["predictions"][0]["probability"],
        float(expected[0].max()),
        1e-5,
    )


def _images(**changed: Any) -> dict[str, Any]:
    usual = {"name": "images", "shape": [1, 2, 2, 3], "datatype": "UINT8", "data": [7] * 12}
    return {**usual, **changed}


@pytest.mark.parametrize(
    ("tensor", "status"),
    [
        (_images(data=[7] * 11), 400),
        (_images(data=[300] * 12), 400),
        (_images(data=[-1] * 12), 400),
        (_images(data=[0.5] * 12), 400),
        (_images(data=[[7] * 6, [7] * 5]), 400),
        (_images(data=["7"] * 12), 400),
        (_images(shape=[1, 2, 2, 4], data=[7] * 16), 400),
        (_images(shape=[-1, 2, 2, 3]), 400),
        (_images(shape=[0, 2, 2, 3], data=[]), 400),
        (_images(shape=[2**62, 2**62, 2, 3]), 413),
        (_images(shape=[17, 1, 1, 3], data=[7] * 51), 413),
        (_images(datatype="FP32"), 400),
        (_images(name="other"), 400),
        ({"name": "picture", "shape": [1], "datatype": "BYTES", "data": ["no base64!"]}, 400),
        ({"name": "picture", "shape": [2], "datatype": "BYTES", "data": ["AAAA"]}, 400),
        ({"name": "picture", "shape": [1], "datatype": "BYTES", "data": [5]}, 400),
        (_picture(b"no image"), 422),
        ({"name": "picture"}, 400),
    ],
)
def test_what_is_no_tensor_of_the_model_is_refused(
    server: Server, tensor: dict[str, Any], status: int
) -> None:
    reply = _infer(server, tensor)
    assert reply.status == status, reply.body
    assert list(reply.json) == ["error"]
    assert isinstance(reply.json["error"], str)
    assert "Traceback" not in "".join(server.told)


@pytest.mark.parametrize("body", [b"", b"{}", b"[" * 100_000, b'{"inputs": []}', b"\xff", b"null"])
def test_what_is_no_request_is_refused(server: Server, body: bytes) -> None:
    reply = server.ask("/v2/models/shapes/infer", body)
    assert reply.status == 400
    assert server.ask("/v2/models/none").status == 404
    assert isinstance(server.ask("/v2/models/none").json["error"], str)
