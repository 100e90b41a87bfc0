"""Models of every task and modality are served; what isn't is refused before it listens."""

from __future__ import annotations

import base64
import io
import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

import topwork as tw
from tests.deployment.serve.serving import serving
from topwork.deployment.serve.models.probes import same

pytestmark = pytest.mark.usefixtures("socket_enabled")


def test_every_task_is_served(
    session_cache: Path, drawn: Path, tmp_path: Path, picture: bytes
) -> None:
    files = sorted(drawn.rglob("*.png"))
    numbers = [float(i % 12) for i, _ in enumerate(files)]
    backbone = "packaged:efficientnet_lite0/64"
    sheet = tmp_path / "tags.csv"
    rows = [f"{file},{file.parent.name};{'a' if i % 2 else 'b'}" for i, file in enumerate(files)]
    sheet.write_text("path,label\n" + "\n".join(rows) + "\n")
    fitted = {
        "number": tw.ImageRegressor(backbone).fit(files, numbers),
        "labels": tw.ImageTagger(backbone).fit(sheet),
        "ordinal": tw.OrdinalImageClassifier(backbone).fit(files, [n // 4 for n in numbers]),
        "one-class": tw.AnomalyDetector(backbone).fit(files[:24]),
        "clusters": tw.Clusterer(backbone=backbone, n_clusters=3).fit(files),
    }
    folders = []
    for name, one in fitted.items():
        one.save(tmp_path / f"{name}.topwork")
        folders.append(tmp_path / f"{name}.topwork")
    with serving(*folders) as server:
        models = {one["task"]: one["name"] for one in server.ask("/v1/models").json["models"]}
        assert models.keys() == fitted.keys()
        for task, name in models.items():
            reply = server.ask(f"/v1/models/{name}/predict", picture)
            assert reply.status == 200, (task, reply.body)
            assert reply.json["task"] == task
            assert len(reply.json["predictions"]) == 1
        heat = server.ask("/v1/models/one-class/heat", picture).json
        assert heat["label"] is None
        largest = max(max(row) for row in heat["values"])
        (part,) = server.ask("/v1/models/one-class/predict", picture).json["predictions"]
        assert largest > 0
        assert (largest > 1) == part["anomalous"]
        assert server.ask("/v1/models/number/heat", picture).code == "no_heat_map"


def test_texts_are_served(session_cache: Path, tmp_path: Path) -> None:
    texts = [f"{word} {i}" for word in ("good lovely fine", "bad awful poor") for i in range(12)]
    model = tw.TextClassifier().fit(texts, ["pos"] * 12 + ["neg"] * 12)
    model.save(tmp_path / "texts.topwork")
    with serving(tmp_path / "texts.topwork") as server:
        (one,) = server.ask("/v1/predict", "lovely fine ü 3".encode()).json["predictions"]
        assert (one["label"], one["text"]) == ("pos", "lovely fine ü 3")
        assert server.ask("/v1/predict", b"\xff\xfe\xfd").code == "not_utf8"
        assert server.ask("/v1/predict", b"x" * 200_000).code == "too_large"
        assert server.ask("/v1/predict", b"").code == "empty"


def test_a_detector_is_served(detector: Path) -> None:
    from benchmarks.composites import scenes

    (image, _), *_ = scenes(1, seed=5)
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, "PNG")
    with serving(detector) as server:
        (one,) = server.ask("/v1/predict", stream.getvalue()).json["predictions"]
        data = [base64.b64encode(stream.getvalue()).decode()]
        tensor = {"name": "picture", "shape": [1], "datatype": "BYTES", "data": data}
        body = json.dumps({"inputs": [tensor]}).encode()
        inferred = server.ask("/v2/models/scenes/infer", body).json["outputs"]
    (boxes,) = tw.load(detector).predictions([image])
    assert boxes
    assert (one["width"], one["height"]) == image.shape[1::-1]
    assert same(one["boxes"], [box._asdict() for box in boxes], 1e-3)
    tensors = {output["name"]: output for output in inferred}
    assert tensors["boxes"]["shape"] == [1, len(boxes), 4]
    assert tensors["label"]["data"] == [box.label for box in boxes]
    assert tensors["count"]["data"] == [len(boxes)]


def test_what_is_not_served_is_refused_at_the_start(tmp_path: Path, served_model: Path) -> None:
    rows = [f"{i % 7},{i % 3},{'ab'[i % 7 > 3]}" for i in range(60)]
    (tmp_path / "rows.csv").write_text("x,y,label\n" + "\n".join(rows) + "\n")
    tw.TableClassifier().fit(tmp_path / "rows.csv").save(tmp_path / "rows.topwork")
    broken = tmp_path / "broken.topwork"
    shutil.copytree(served_model, broken)
    (broken / "head.safetensors").write_bytes(b"no head")
    for folder, code in (
        (tmp_path / "rows.topwork", "not_served"),
        (broken, "changed_file"),
        (tmp_path / "none", "not_a_bundle"),
    ):
        with serving(folder, "--json", ready=False) as server:
            out, _ = server.process.communicate(timeout=60)
            assert server.process.returncode == 2
            assert json.loads(out)["error"]["code"] == code, folder
