"""What is answered is what ``topwork predict --json`` prints, alone or in batches."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import topwork as tw
from tests.deployment.serve.serving import Server, form_of
from topwork.cli.app import run
from topwork.deployment.serve.models.probes import same

pytestmark = pytest.mark.usefixtures("socket_enabled")


def _printed(capsys: pytest.CaptureFixture[str], model: Path, *inputs: Path) -> dict[str, Any]:
    capsys.readouterr()
    assert run(["predict", str(model), *map(str, inputs), "--json", "--quiet"]) == 0
    return dict(json.loads(capsys.readouterr().out))


def test_one_image_is_answered_as_predict_prints_it(
    server: Server, served_model: Path, drawn: Path, capsys
) -> None:
    file = drawn / "noise" / "003.png"
    answered = server.ask("/v1/predict", file.read_bytes()).json
    printed = _printed(capsys, served_model, file)
    assert answered["predictions"][0]["path"] == "body"
    assert list(answered) == list(printed)
    assert same(answered, printed, 1e-5)


def test_a_form_answers_each_part_and_rejects_what_is_no_image(
    server: Server, served_model: Path, drawn: Path, capsys
) -> None:
    files = {f"{kind}/é {i}.png": drawn / kind / f"00{i}.png" for kind in ("discs", "stripes")
             for i in range(3)}  # fmt: skip
    parts = {name: file.read_bytes() for name, file in files.items()} | {"no.png": b"nothing"}
    body, kind = form_of(parts)
    answered = server.ask("/v1/models/shapes/predict?top=2", body, Content_Type=kind).json
    assert [one["path"] for one in answered["predictions"]] == list(files)
    assert all(len(one["top"]) == 2 for one in answered["predictions"])
    assert [(r["path"], r["reason"]) for r in answered["rejected"]] == [("no.png", "not_an_image")]
    printed = _printed(capsys, served_model, *files.values())
    for ours, theirs in zip(answered["predictions"], printed["predictions"], strict=True):
        assert same(ours["probability"], theirs["probability"], 1e-5)
        assert ours["label"] == theirs["label"]


def test_side_by_side_requests_are_predicted_in_batches_and_answered_alike(
    server: Server, drawn: Path
) -> None:
    files = sorted(drawn.rglob("*.png"))
    alone = [server.ask("/v1/predict", file.read_bytes()).json for file in files]
    batches = server.metric("topwork_batch_items_count")
    begin = threading.Barrier(12)

    def ask(file: Path) -> Any:
        begin.wait(20)
        return server.ask("/v1/predict", file.read_bytes())

    with ThreadPoolExecutor(12) as pool:
        together = list(pool.map(ask, files))
    assert server.metric("topwork_batch_items_count") - batches < len(files)
    for one, other in zip(alone, together, strict=True):
        assert other.status == 200
        assert same(one, other.json, 1e-5)


def test_a_remark_is_made_on_the_request_that_it_is_about(server: Server, tmp_path: Path) -> None:
    import numpy as np
    from PIL import Image

    deep = tmp_path / "deep.png"
    values = np.random.default_rng(0).integers(0, 5000, (40, 40)).astype(np.uint16)
    Image.fromarray(values).save(deep)
    Image.fromarray((values // 20).astype(np.uint8)).save(tmp_path / "plain.png")
    bodies = [deep.read_bytes(), *[(tmp_path / "plain.png").read_bytes()] * 9]
    begin = threading.Barrier(10)

    def ask(body: bytes) -> Any:
        begin.wait(20)
        return server.ask("/v1/predict", body).json

    with ThreadPoolExecutor(10) as pool:
        found = list(pool.map(ask, bodies))
    assert [one["remarks"][0]["code"] if one["remarks"] else None for one in found] == [
        "own_range",
        *[None] * 9,
    ]
    assert found[0]["remarks"][0]["paths"] == ["body"]


def test_models_are_described_with_what_they_are_worth(server: Server, served_model: Path) -> None:
    (one,) = server.ask("/v1/models").json["models"]
    model = tw.load(served_model)
    assert one["name"] == "shapes"
    assert one["identity"] == model.identity
    assert one["labels"] == ["discs", "noise", "stripes"]
    assert "95 % confidence interval" in one["worth"]
    assert server.ask("/v1/models/shapes").json == one
    assert server.ask("/v1/models/other").code == "no_such_model"


def test_it_is_ready_and_counts(server: Server, picture: bytes) -> None:
    assert server.ask("/healthz").json == {"status": "ok"}
    assert server.ask("/readyz").json == {"status": "ready"}
    before = server.metric("topwork_items_total")
    server.ask("/v1/predict", picture)
    assert server.metric("topwork_items_total") == before + 1
    assert server.metric("topwork_waiting_items") == 0


def test_the_description_of_the_api_holds_together(server: Server) -> None:
    described = server.ask("/openapi.json").json
    assert {"/v1/predict", "/v1/models", "/readyz"} <= described["paths"].keys()
    text = json.dumps(described)
    known = described["components"]["schemas"]
    named = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert named <= known.keys()
